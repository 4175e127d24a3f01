from django.db import migrations

# Every company decides by the table of the specification until it lays down its own; what was decided
# until now was decided by it.
POLICIES = """
INSERT INTO customers_assignmentpolicy (tenant_id, code, valid_from, version, created_at, updated_at)
SELECT t.id, 'V1', '2000-01-01', 1, now(), now() FROM tenancy_tenant t
"""
RULES = """
INSERT INTO customers_assignmentrule (tenant_id, policy_id, name, position, code, outcome, arranged,
  protected, anyone_capable, developed, capable, in_region, region_served, within_authority, amount_from,
  amount_below, share_to, basis_points)
SELECT p.tenant_id, p.id, '', r.* FROM customers_assignmentpolicy p, (VALUES
  (1, 'ASSIGN-01', 'ARRANGED', true, NULL::boolean, NULL::boolean, NULL::boolean, NULL::boolean, NULL::boolean,
   NULL::boolean, NULL::boolean, NULL::numeric, NULL::numeric, 'DEVELOPER', 2000),
  (2, 'ASSIGN-02', 'OWNER', NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'INTEL', 2000),
  (3, 'ASSIGN-09', 'POOL', NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', 0),
  (4, 'ASSIGN-03', 'DEVELOPER', NULL, NULL, NULL, true, true, true, NULL, true, NULL, NULL, '', 0),
  (5, 'ASSIGN-04', 'KEY_ACCOUNT', NULL, NULL, NULL, true, true, true, NULL, false, NULL, NULL, 'DEVELOPER', 5000),
  (6, 'ASSIGN-05', 'REGION', NULL, NULL, NULL, true, true, false, true, NULL, NULL, 500000.00, 'DEVELOPER', 3000),
  (7, 'ASSIGN-06', 'DEVELOPER', NULL, NULL, NULL, true, true, false, NULL, NULL, NULL, NULL, 'REGION', 2000),
  (8, 'ASSIGN-07', 'CAPABLE', NULL, NULL, NULL, true, false, NULL, NULL, NULL, NULL, NULL, 'DEVELOPER', 3000),
  (9, 'ASSIGN-08', 'CAPABLE', NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, '', 0)
) r (position, code, outcome, arranged, protected, anyone_capable, developed, capable, in_region,
  region_served, within_authority, amount_from, amount_below, share_to, basis_points)
"""
CREDITS = """
UPDATE customers_ownershipcredit c SET policy_id = p.id FROM customers_assignmentpolicy p
WHERE p.tenant_id = c.tenant_id AND c.rule LIKE 'ASSIGN-%'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0009_assignment_policies'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL([POLICIES, RULES, CREDITS], migrations.RunSQL.noop),
    ]
