from django.db import migrations

# Every company has the default rules of customer value from now on.
RULES = """
INSERT INTO tiers_rfmpolicy (tenant_id, code, valid_from, weight_r, weight_f, weight_m, fewest, cuts,
  version, created_at, updated_at)
SELECT t.id, 'RFM-1', '2000-01-01', 0.20, 0.30, 0.50, 20, '{"r": ["31", "91", "181", "366"],
  "f": ["2", "3", "4", "5"], "m": ["50000", "100000", "500000", "1000000"]}', 1, now(), now()
FROM tenancy_tenant t
"""


class Migration(migrations.Migration):

    dependencies = [
        ("tiers", "0002_value"),
        ("tenancy", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
    ]
