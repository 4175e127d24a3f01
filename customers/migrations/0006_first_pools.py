from django.db import migrations

# Every company has a pool of its own from now on, and whoever nobody is responsible for waits in it.
POOLS = """
INSERT INTO customers_customerpool (tenant_id, code, name, version, created_at, updated_at)
SELECT t.id, 'COMPANY', CASE WHEN t.language LIKE 'zh%' THEN '公司公海' ELSE 'Company pool' END, 1, now(), now()
FROM tenancy_tenant t
"""
POLICIES = """
INSERT INTO customers_poolpolicy (tenant_id, pool_id, code, valid_from, registered_days, contacted_days,
  quoted_days, signed_days, hard_limit_days, extension_days, follow_up_days, signature_days,
  first_touch_days, renewal_days, win_back_months, daily_claims, holding_cap, cool_down_days, memory_days,
  stretch, version, created_at, updated_at)
SELECT p.tenant_id, p.id, 'V1', '2000-01-01', 15, 30, 60, 90, 180, 30, 30, 90, 3, 90, 12, 10, 200, 30, 180,
  '{"COMPANY": 2, "KEY": 2}', 1, now(), now()
FROM customers_customerpool p
"""
CREDITS = """
INSERT INTO customers_ownershipcredit (tenant_id, customer_id, role, pool_id, basis_points, valid_from,
  rule, reason, inputs)
SELECT c.tenant_id, c.id, 'MANAGER', p.id, 10000, greatest(c.registered_on, coalesce(last.valid_to,
  c.registered_on)), 'ASSIGN-09', '', '{}'
FROM customers_customer c
JOIN customers_customerpool p ON p.tenant_id = c.tenant_id
LEFT JOIN LATERAL (SELECT max(o.valid_to) AS valid_to FROM customers_ownershipcredit o
  WHERE o.tenant_id = c.tenant_id AND o.customer_id = c.id AND o.role = 'MANAGER') last ON true
WHERE c.responsible_dept_id IS NULL
"""
CUSTOMERS = """
UPDATE customers_customer c SET pool_id = p.id FROM customers_customerpool p
WHERE p.tenant_id = c.tenant_id AND c.responsible_dept_id IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0005_pools'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL([POOLS, POLICIES, CREDITS, CUSTOMERS], migrations.RunSQL.noop),
    ]
