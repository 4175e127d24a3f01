"""What follows from imported customers: standing, ownership by rule IMPORT, the main contact."""

from crm.integrations.imports.staging import Chunk
from customers import registry

IMPORT = "IMPORT"
_STANDING = """
INSERT INTO customers_standing (tenant_id, customer_id, tier, annual_amount, contracts_in_force, stage,
  risk_band, risk_reasons, open_amount, overdue_amount)
SELECT %(tenant)s, s.id, '', 0, 0, 'LEAD', '', '[]', 0, 0 FROM stage s WHERE s.target IS NULL"""
_CONTACT = """
INSERT INTO customers_contact (tenant_id, id, customer_id, name, title, phone, email, wechat, note,
  is_primary, version, created_at, updated_at)
SELECT %(tenant)s, crm_uuid7(), s.id, s.contact, '', coalesce(s.phone, ''), coalesce(s.email, ''), '', '',
  true, 1, %(at)s, %(at)s FROM stage s WHERE s.target IS NULL AND s.contact IS NOT NULL"""
_CREDIT = """
INSERT INTO customers_ownershipcredit (tenant_id, id, customer_id, role, department_id, member_id, pool_id,
  basis_points, valid_from, rule, reason, inputs, decided_by_id)
SELECT %(tenant)s, crm_uuid7(), s.id, '{role}', {department}, {member}, {pool}, 10000, %(on)s, %(rule)s,
  %(file)s, jsonb_build_object('import', %(run)s::text, 'row', s.row), %(by)s::uuid FROM stage s {where}"""
_NEW_MANAGER = _CREDIT.format(
    role="MANAGER",
    department="coalesce(s.dept, %(own_department)s::uuid)",
    member="s.owner",
    pool="CASE WHEN coalesce(s.dept, %(own_department)s::uuid) IS NULL THEN %(pool)s::uuid END",
    where="WHERE s.target IS NULL",
)
_DEVELOPER = _CREDIT.format(
    role="DEVELOPER",
    department="m.department_id",
    member="s.developer",
    pool="NULL",
    where="JOIN accounts_member m ON m.tenant_id = %(tenant)s AND m.id = s.developer WHERE s.target IS NULL "
    "OR NOT EXISTS (SELECT FROM customers_ownershipcredit o WHERE o.tenant_id = %(tenant)s "
    "AND o.customer_id = s.id AND o.role = 'DEVELOPER')",
)
# Known customers whose owner or department the file has changed: the old credit ends today, unless it began
# today and never held for a day.
_MOVED = """
CREATE TEMP TABLE moved ON COMMIT DROP AS
SELECT s.row, s.id, c.owner_id, c.responsible_dept_id, o.id AS credit, o.valid_from
FROM stage s JOIN changed USING (row)
CROSS JOIN LATERAL (SELECT c.owner_id, c.responsible_dept_id FROM customers_customer c
  WHERE c.tenant_id = %(tenant)s AND c.id = s.id) c
LEFT JOIN LATERAL (SELECT o.* FROM customers_ownershipcredit o WHERE o.tenant_id = %(tenant)s
  AND o.customer_id = s.id AND o.role = 'MANAGER' AND o.valid_to IS NULL) o ON true
WHERE (o.member_id, o.department_id) IS DISTINCT FROM (c.owner_id, c.responsible_dept_id)"""
_ENDED = """
UPDATE customers_ownershipcredit o SET valid_to = %(on)s FROM moved m
WHERE o.tenant_id = %(tenant)s AND o.id = m.credit AND m.valid_from < %(on)s"""
_NEVER_HELD = """
DELETE FROM customers_ownershipcredit o USING moved m
WHERE o.tenant_id = %(tenant)s AND o.id = m.credit AND m.valid_from >= %(on)s"""
_MOVED_MANAGER = _CREDIT.format(
    role="MANAGER",
    department="s.responsible_dept_id",
    member="s.owner_id",
    pool="NULL",
    where="WHERE s.responsible_dept_id IS NOT NULL",
).replace("FROM stage s", "FROM moved s")


def follow(chunk: Chunk) -> None:
    """Write what a new customer needs, and the ownership of those whose owner or department was told."""
    chunk.params |= {"rule": IMPORT, "file": chunk.job.run.file_name}
    chunk.sql(_STANDING)
    chunk.sql(_NEW_MANAGER)
    if "contact" in chunk.job.mapped:
        chunk.sql(_CONTACT)
    if "developer" in chunk.job.mapped:
        chunk.sql(_DEVELOPER)
    if {"owner", "department"} & chunk.job.mapped:
        _move(chunk)


def _move(chunk: Chunk) -> None:
    chunk.sql("DROP TABLE IF EXISTS pg_temp.moved")
    chunk.sql(_MOVED)
    for step in (_ENDED, _NEVER_HELD, _MOVED_MANAGER):
        chunk.sql(step)


def give_codes(chunk: Chunk) -> None:
    """Give the new customers of the chunk that tell no code the next ones."""
    rows = chunk.rows("SELECT row FROM stage WHERE target IS NULL AND code IS NULL ORDER BY row")
    if rows:
        chunk.sql(
            "UPDATE stage SET code = given.code FROM unnest(%(rows)s::int[], %(codes)s::text[]) "
            "given (row, code) WHERE stage.row = given.row",
            rows=[row for (row,) in rows],
            codes=registry.next_codes(len(rows)),
        )
