"""Files of follow-ups. A row without a number gets one from its content, so that a file can come again."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from crm.integrations.imports.dates import Moment
from crm.integrations.imports.faults import Wrong
from crm.integrations.imports.kinds import Column, Kind, Rule, Target, known, same
from crm.integrations.imports.references import Colleague
from crm.integrations.imports.staging import Chunk
from crm.integrations.imports.values import CELL_MAX, Choice, Text, YesNo
from customers import interactions
from customers.imports.references import CUSTOMER, MESSAGES, customer_rules, name_customers
from customers.imports.terms import LONG
from customers.models import Interaction

# fmt: off
_COLUMNS = (
    CUSTOMER,
    Column("at", _("time"), Moment(),
        "时间|日期|跟进时间|跟进日期|拜访日期|拜访时间|联系时间|date|on", required=True),
    Column("kind", _("kind"), Choice(Interaction.Kind, {
        "电话": "CALL", "打电话": "CALL", "拜访": "VISIT", "上门": "VISIT", "上门拜访": "VISIT",
        "微信": "WECHAT", "邮件": "EMAIL", "会议": "MEETING", "其他": "OTHER"}),
        "方式|跟进方式|类型|跟进类型|type"),
    Column("note", _("note"), Text(CELL_MAX, lines=True),
        "内容|跟进内容|跟进记录|沟通内容|备注|小结|content|summary|remark"),
    Column("member", _("by"), Colleague(),
        "跟进人|负责人|业务员|记录人|人员|owner|by|sales"),
    Column("contact", _("contact"), Text(120),
        "联系人|客户联系人|contact name"),
    Column("is_effective", _("reached the customer"), YesNo(),
        "有效|是否有效|有效跟进|effective"),
    Column("number", _("number"), Text(60),
        "编号|记录编号|单号|id|code"),
)
# fmt: on


def _find(chunk: Chunk) -> str:
    join = name_customers(chunk)
    zone = chunk.rows("SELECT time_zone FROM tenancy_tenant WHERE id = %(tenant)s")[0][0]
    chunk.params["zone"] = zone
    moment = (
        "CASE WHEN s.at ~ '[+-][0-9]{2}:[0-9]{2}$' THEN s.at::timestamptz "
        "WHEN s.at LIKE '%% 00:00:00' THEN (s.at::date + time '12:00') AT TIME ZONE %(zone)s "
        "ELSE s.at::timestamp AT TIME ZONE %(zone)s END"
    )
    same_number = "t.number = s.told_number AND t.number <> ''"
    content = "concat_ws('|', n.id, s.at, s.kind, s.member, s.note)"
    rows = (
        f"SELECT s.*, n.id AS customer_id, n.many AS customer_many, {moment} AS moment, "
        f"coalesce(s.number, 'file-' || md5({content})) AS told_number FROM incoming s {join}"
    )
    return (
        "SELECT s.*, (s.moment AT TIME ZONE %(zone)s)::date AS day, t.id AS target, p.id AS contact_id, "
        f"t.customer_id AS customer_before FROM ({rows}) s "
        f"{known('customers_interaction', same_number)} "
        "LEFT JOIN LATERAL (SELECT p.id FROM customers_contact p WHERE p.tenant_id = %(tenant)s "
        "AND p.customer_id = s.customer_id AND p.name = s.contact "
        "ORDER BY p.is_primary DESC, p.id LIMIT 1) p ON s.contact IS NOT NULL"
    )


def _rules(chunk: Chunk) -> Sequence[Rule]:
    return (
        *customer_rules(),
        Rule("at", "in_future", "s.day > %(on)s"),
        Rule("customer", "other_customer", "s.customer_before <> s.customer_id", value="s.number"),
    )


def _judge(chunk: Chunk) -> Sequence[tuple[int, str, Wrong]]:
    doubles = chunk.rows(
        "SELECT row, first FROM (SELECT row, min(row) OVER (PARTITION BY told_number) AS first FROM stage) d "
        "WHERE row > first ORDER BY row"
    )
    return [(row, "", Wrong("same_row", {"first": first})) for row, first in doubles]


def _follow(chunk: Chunk) -> None:
    if chunk.job.run.rows_total <= LONG:
        touched = "SELECT DISTINCT s.customer_id FROM stage s"
        interactions.refresh(chunk.ids(touched))


def _finish(chunk: Chunk) -> None:
    if chunk.job.run.rows_total > LONG:
        interactions.refresh(None)


INTERACTIONS = Kind(
    name="interactions",
    label=_("Follow-ups"),
    columns=_COLUMNS,
    keys={"number": ("customer", "at")},
    find=_find,
    target=Target(
        Interaction,
        same("customer_id", "kind", "note", "is_effective", "contact_id")
        | {"number": "s.told_number", "member_id": "s.member", '"on"': "s.day", "at": "s.moment"},
        defaults={"kind": "'CALL'", "note": "''", "is_effective": "true"},
    ),
    rules=_rules,
    judge=_judge,
    write=_follow,
    finish=_finish,
    unique=(("number",),),
    event="interactions.imported",
    messages=MESSAGES | {"same_row": _("The row says the same as row %(first)s.")},
)
