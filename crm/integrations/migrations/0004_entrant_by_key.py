from django.db import migrations

# The twin of crm_entrant for a caller with a key.
FUNCTION = """
CREATE FUNCTION crm_entrant_by_key(company bigint, named text, now timestamptz)
RETURNS TABLE (k integrations_apikey, m accounts_member, d accounts_department, t tenancy_tenant)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT k, m, d, t FROM integrations_apikey k
  JOIN accounts_member m ON m.tenant_id = k.tenant_id AND m.id = k.member_id
  JOIN accounts_department d ON d.tenant_id = m.tenant_id AND d.id = m.department_id
  JOIN tenancy_tenant t ON t.id = m.tenant_id
  WHERE k.tenant_id = company AND k.public_id = named AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > now) AND m.status = 'ACTIVE' AND t.is_active;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("integrations", "0003_statistics"), ("accounts", "0002_entrant")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION crm_entrant_by_key(bigint, text, timestamptz)")
    ]
