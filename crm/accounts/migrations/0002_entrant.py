from django.db import migrations

# Every request asks this first. As a statement it is planned anew each time, which costs the database four
# times what it costs to answer; a function keeps its plan for as long as the connection lives, behind
# PgBouncer too. It runs with the rights of who calls it: the policies of the tables hold.
FUNCTION = """
CREATE FUNCTION crm_entrant(company bigint, person bigint)
RETURNS TABLE (m accounts_member, d accounts_department, t tenancy_tenant) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT m, d, t FROM accounts_member m
  JOIN accounts_department d ON d.tenant_id = m.tenant_id AND d.id = m.department_id
  JOIN tenancy_tenant t ON t.id = m.tenant_id
  WHERE m.tenant_id = company AND m.user_id = person AND m.status <> 'LEFT' AND t.is_active;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION crm_entrant(bigint, bigint)")]
