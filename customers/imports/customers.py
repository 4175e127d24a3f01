"""Files of customers: known by code, credit code or name; the owner column gives ownership by rule IMPORT."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.accounts.access import subtree
from crm.accounts.rights import Right, Scope
from crm.integrations.imports import judging
from crm.integrations.imports.dates import Day
from crm.integrations.imports.faults import Wrong
from crm.integrations.imports.kinds import Column, Kind, Rule, Target, same
from crm.integrations.imports.references import Colleague, Unit
from crm.integrations.imports.staging import Chunk
from crm.integrations.imports.values import CELL_MAX, Code, Email, Phone, Text
from customers import families
from customers.duplicates import name_key
from customers.imports import assigned
from customers.imports.references import MESSAGES
from customers.imports.values import CreditCode
from customers.models import Contact, Customer, CustomerPool, OwnershipCredit, Standing

# fmt: off
_COLUMNS = (
    Column("code", _("customer code"), Code(40),
        "客户编号|客户编码|客户代码|编号|编码|customer no|customer id|account code"),
    Column("name", _("name"), Text(200),
        "客户名称|客户|名称|公司名称|公司|企业名称|单位名称|客户全称|customer name|customer|"
        "account|account name|company|company name", required=True),
    Column("credit_code", _("unified social credit code"), CreditCode(),
        "统一社会信用代码|信用代码|社会信用代码|税号|纳税人识别号|uscc|tax id",
        secret=Right.SEE_CREDIT_CODE),
    Column("parent", _("parent company"), Text(200),
        "上级客户|母公司|集团|集团客户|所属集团|上级公司|parent|parent account|group"),
    Column("industry", _("industry"), Text(80),
        "行业|所属行业|客户行业|sector"),
    Column("province", _("province"), Text(40),
        "省|省份|所在省|所在省份|state|region"),
    Column("city", _("city"), Text(40),
        "市|城市|所在城市|所在市"),
    Column("address", _("address"), Text(200),
        "地址|详细地址|联系地址|公司地址|办公地址"),
    Column("website", _("website"), Text(200),
        "网址|网站|官网|公司网址|url"),
    Column("source", _("source"), Text(80),
        "来源|客户来源|lead source"),
    Column("note", _("note"), Text(CELL_MAX, lines=True),
        "备注|说明|remark|remarks|notes"),
    Column("registered_on", _("registered on"), Day(),
        "登记日期|注册日期|建档日期|创建日期|报备日期|录入日期|created|created on"),
    Column("owner", _("responsible"), Colleague(),
        "负责人|责任人|业务员|客户经理|销售|销售员|归属人|所有人|跟进人|工号|owner|owner code|"
        "owner email|account manager|sales"),
    Column("department", _("responsible department"), Unit(),
        "责任部门|负责部门|部门|所属部门|归属部门|department|department code|dept"),
    Column("developer", _("developed by"), Colleague(),
        "开发人|开发者|开拓人|developer|originator"),
    Column("contact", _("main contact"), Text(120),
        "联系人|主要联系人|首要联系人|contact|contact name|contact person"),
    Column("phone", _("phone"), Phone(),
        "电话|手机|联系电话|联系方式|联系人电话|手机号|mobile|tel|contact phone",
        secret=Right.SEE_PHONE),
    Column("email", _("e-mail"), Email(),
        "邮箱|电子邮箱|联系人邮箱|邮件|mail|contact email"),
)
_MESSAGES: dict[str, Any] = MESSAGES | {
    "duplicate_credit_code": _(
        "The credit code “%(value)s” is known already; responsible department: %(department)s."
    ),
    "duplicate_code": _("The code “%(value)s” belongs to another customer."),
    "ambiguous_name": _("Several customers are called “%(value)s”: import by code."),
    "circle": _("“%(value)s” would stand above itself."),
    "own_parent": _("A customer is not its own parent."),
    "duplicate_name": _(
        "“%(value)s” is known already; responsible department: %(department)s. "
        "Tell the credit code if it is another company."
    ),
    "repeated_name": _(
        "“%(value)s” stands in the file already; tell the credit code if it is another company."
    ),
    "not_yours": _("“%(value)s” exists already and belongs to another department."),
    "not_your_department": _("The responsible department is outside your own."),
    "member_left": _("“%(value)s” has left the company."),
    "credit_code": _("“%(value)s” is not a credit code: 18 digits and capital letters but I, O, S, V, Z."),
}
# fmt: on


def _find(chunk: Chunk) -> str:
    key = chunk.job.run.key
    limits(chunk)
    same_key = (
        "CROSS JOIN LATERAL (SELECT (array_agg(c.id))[1] AS id, count(*) > 1 AS many "
        "FROM customers_customer c "
        f"WHERE c.tenant_id = %(tenant)s AND c.{key} = s.{key} AND c.{key} <> '') t"
    )
    parent = (
        "LEFT JOIN LATERAL (SELECT p.id FROM customers_customer p WHERE p.tenant_id = %(tenant)s "
        "AND (p.code = s.parent OR p.name = s.parent) ORDER BY p.code = s.parent DESC LIMIT 1) up "
        "ON s.parent IS NOT NULL"
    )
    return (
        "SELECT s.*, t.id AS target, t.many, m.status AS owner_status, up.id AS parent_id, "
        "coalesce(s.department, m.department_id) AS dept "
        f"FROM incoming s {same_key} {parent} "
        "LEFT JOIN accounts_member m ON m.tenant_id = %(tenant)s AND m.id = s.owner"
    )


def limits(chunk: Chunk) -> None:
    """Parameters of the departments the importer may give customers to: NULL for all of them."""
    viewer = chunk.job.viewer
    chunk.params |= {"own_departments": None, "own_department": None}
    chunk.params["pool"] = CustomerPool.objects.values_list("id", flat=True).get(department=None)
    if viewer is not None and viewer.customers is not Scope.TENANT:
        own = [viewer.department_id]
        below = list(subtree(viewer.department_id).values_list("id", flat=True))
        chunk.params["own_departments"] = below if viewer.customers is Scope.DEPT_TREE else own
        chunk.params["own_department"] = viewer.department_id


# 查重 as customers.duplicates does it for one: the same name counts unless two credit codes tell them apart.
# Of the known customer its department is told and nothing else.
_KNOWN = (
    "SELECT s.row, s.{0}, coalesce(d.name, '—') FROM stage s "
    "CROSS JOIN LATERAL (SELECT c.responsible_dept_id FROM customers_customer c "
    "WHERE c.tenant_id = %(tenant)s AND c.{1} = s.{1} AND c.{1} <> '' AND {2} "
    "ORDER BY c.registered_on, c.id LIMIT 1) k "
    "LEFT JOIN accounts_department d ON d.tenant_id = %(tenant)s AND d.id = k.responsible_dept_id "
    "ORDER BY s.row"
)
_SAME_CODE = _KNOWN.format("credit_code", "credit_code", "c.id IS DISTINCT FROM s.target")
_SAME_NAME = _KNOWN.format(
    "name", "name_key", "s.target IS NULL AND NOT (c.credit_code <> '' AND s.credit_code IS NOT NULL)"
)
_SAME_NAME_ABOVE = (
    "SELECT row, name FROM (SELECT row, name, target, credit_code, count(*) OVER above AS others, "
    "count(*) FILTER (WHERE credit_code IS NULL) OVER above AS without FROM stage WHERE name_key <> '' "
    "WINDOW above AS (PARTITION BY name_key ORDER BY row "
    "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) s "
    "WHERE target IS NULL AND (without > 0 OR (others > 0 AND credit_code IS NULL)) ORDER BY row"
)


# The parents as they would be: those of the file before those of the table.
_CIRCLES = """
WITH RECURSIVE fresh AS (
  SELECT coalesce(target, id) AS child, parent_id, row, parent FROM stage WHERE parent_id IS NOT NULL),
up AS (
  SELECT child AS start, parent_id AS at FROM fresh
  UNION
  SELECT u.start, coalesce(f.parent_id, c.parent_id) FROM up u
  LEFT JOIN fresh f ON f.child = u.at
  LEFT JOIN customers_customer c ON c.tenant_id = %(tenant)s AND c.id = u.at
  WHERE coalesce(f.parent_id, c.parent_id) IS NOT NULL)
SELECT row, parent FROM fresh WHERE EXISTS (SELECT FROM up WHERE start = child AND at = child) ORDER BY row
"""


def _rules(chunk: Chunk) -> Sequence[Rule]:
    other = "c.tenant_id = %(tenant)s AND c.id IS DISTINCT FROM s.target"
    taken = "s.{0} IS NOT NULL AND EXISTS (SELECT FROM customers_customer c WHERE " + other
    key = chunk.job.run.key
    rules = [
        Rule(key, "ambiguous_name", "s.many"),
        Rule(key, "not_yours", f"s.target IS NOT NULL AND NOT {chunk.within(Customer, 's.target')}"),
        Rule("owner", "member_left", "s.owner_status = 'LEFT'"),
        Rule("parent", "own_parent", "s.parent_id = s.target OR s.parent IN (s.code, s.name)"),
        Rule(
            "owner" if "owner" in chunk.job.mapped else "department",
            "not_your_department",
            "%(own_departments)s::uuid[] IS NOT NULL "
            "AND NOT coalesce(s.dept, %(own_department)s::uuid) = ANY (%(own_departments)s::uuid[])",
        ),
    ]
    if key != "code":
        rules.append(Rule("code", "duplicate_code", taken.format("code") + " AND c.code = s.code)"))
    return rules


def _judge(chunk: Chunk) -> Sequence[tuple[int, str, Wrong]]:
    assigned.give_codes(chunk)
    known = [
        *_known(chunk, "credit_code", "duplicate_credit_code", _SAME_CODE),
        *_known(chunk, "name", "duplicate_name", _SAME_NAME),
    ]
    faulty = {row for row, _column, _wrong in known}
    alike = [
        (row, "name", Wrong("repeated_name", {"value": name}))
        for row, name in chunk.rows(_SAME_NAME_ABOVE)
        if row not in faulty
    ]
    lost = judging.link(chunk, "parent", "parent_id", ["code", "name"], "unknown_customer")
    return known + alike + lost + _circles(chunk)


def _circles(chunk: Chunk) -> list[tuple[int, str, Wrong]]:
    """Rows that would stand above themselves over some steps; over none is own_parent."""
    if "parent" not in chunk.job.mapped:
        return []
    families.take_turn()
    own = "SELECT row FROM stage WHERE parent_id = coalesce(target, id)"
    told = {row for (row,) in chunk.rows(own)}
    return [
        (row, "parent", Wrong("circle", {"value": value[:200]}))
        for row, value in chunk.rows(_CIRCLES)
        if row not in told
    ]


def _known(chunk: Chunk, column: str, code: str, query: str) -> list[tuple[int, str, Wrong]]:
    return [
        (row, column, Wrong(code, {"value": value[:200], "department": department}))
        for row, value, department in chunk.rows(query)
    ]


CUSTOMERS = Kind(
    name="customers",
    label=_("Customers"),
    columns=_COLUMNS,
    keys={"code": ("code",), "credit_code": ("credit_code",), "name": ("name",)},
    find=_find,
    target=Target(
        Customer,
        same(
            "code", "name", "credit_code", "parent_id", "industry", "province", "city", "address",
            "website", "source", "note", "registered_on",
        )
        | {"name_key": "s.name_key", "owner_id": "s.owner", "responsible_dept_id": "s.dept"},
        defaults=dict.fromkeys(("industry", "province", "city", "address", "website", "source", "note"), "''")
        | {"credit_code": "''", "registered_on": "%(on)s"}
        | {"responsible_dept_id": "%(own_department)s::uuid"},
        fixed={
            "is_blocked": "false",
            "pool_id": "CASE WHEN coalesce(s.dept, %(own_department)s::uuid) IS NULL THEN %(pool)s::uuid END",
        },
        known={"pool_id": "CASE WHEN s.dept IS NULL THEN t.pool_id END"},
    ),
    rules=_rules,
    judge=_judge,
    write=assigned.follow,
    touches=(Standing, OwnershipCredit, Contact),
    derived={"name_key": ("name", name_key)},
    unique=(("code",), ("credit_code",)),
    referred=("code", "name"),
    event="customers.imported",
    messages=_MESSAGES,
)  # fmt: skip
