from django.db import migrations

# Every company that has laid down no strategy is served by the first ones from now on, as a new one is.
# Of tiers only those that its rules know; by when each customer is due is worked out by its next night.
STRATEGIES = """
INSERT INTO tiers_strategy (tenant_id, tier, stage, service_level, rhythm_days, visitor, benefits, valid_from,
  version, created_at, updated_at)
SELECT t.id, f.tier, f.stage, CASE WHEN t.language LIKE 'zh%' THEN f.zh ELSE f.en END, f.days, f.visitor,
  CASE WHEN t.language LIKE 'zh%' THEN f.benefits_zh ELSE f.benefits_en END, current_date, 1, now(), now()
FROM tenancy_tenant t CROSS JOIN (VALUES
  ('COMPANY', '', 14, 'EXECUTIVE', 'Company service', '公司级服务',
   'Answered and mended in half the time', '响应和修复时限减半'),
  ('KEY', '', 21, 'DEPT_HEAD', 'Key service', '重点服务',
   'Answered and mended in three quarters of the time', '响应和修复时限缩短四分之一'),
  ('MAJOR', '', 30, '', 'Major service', '大客户服务', '', ''),
  ('GENERAL', '', 60, '', 'Standard service', '标准服务', '', ''),
  ('', 'LEAD', 7, '', 'First contact', '首次联系', '', ''),
  ('', 'PROSPECT', 21, '', 'Winning over', '培育跟进', '', '')
) AS f (tier, stage, days, visitor, en, zh, benefits_en, benefits_zh)
WHERE NOT EXISTS (SELECT FROM tiers_strategy s WHERE s.tenant_id = t.id)
  AND (f.tier = '' OR EXISTS (
    SELECT FROM tiers_tierpolicy p JOIN tiers_tierband b ON b.tenant_id = p.tenant_id AND b.policy_id = p.id
    WHERE p.tenant_id = t.id AND b.tier = f.tier
      AND p.valid_from <= current_date AND (p.valid_to IS NULL OR p.valid_to > current_date)))
"""


class Migration(migrations.Migration):

    dependencies = [
        ("tiers", "0008_amendments"),
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(STRATEGIES, migrations.RunSQL.noop),
    ]
