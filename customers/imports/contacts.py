"""Files of contacts, of usage and of follow-ups: rows that hang on a customer."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts.rights import Right
from crm.integrations.imports.dates import Day
from crm.integrations.imports.kinds import Column, Kind, Rule, Target, known, same
from crm.integrations.imports.numbers import Amount
from crm.integrations.imports.staging import Chunk
from crm.integrations.imports.values import CELL_MAX, Email, Phone, Text, YesNo
from customers.imports.references import CUSTOMER, MESSAGES, customer_rules, name_customers
from customers.models import Contact, Usage

# fmt: off
_CONTACT_COLUMNS = (
    CUSTOMER,
    Column("name", _("name"), Text(120),
        "联系人|联系人姓名|姓名|contact|contact name", required=True),
    Column("title", pgettext_lazy("of a person", "title"), Text(80),
        "职务|职位|岗位|position"),
    Column("phone", _("phone"), Phone(),
        "电话|手机|手机号|联系电话|联系方式|mobile|tel",
           secret=Right.SEE_PHONE),
    Column("email", _("e-mail"), Email(),
        "邮箱|电子邮箱|邮件|mail"),
    Column("wechat", _("WeChat"), Text(80),
        "微信|微信号"),
    Column("is_primary", _("main contact"), YesNo(),
        "主要联系人|首要联系人|主联系人|primary"),
    Column("note", _("note"), Text(CELL_MAX, lines=True),
        "备注|说明|remark|remarks"),
)
_USAGE_COLUMNS = (
    CUSTOMER,
    Column("day", _("day"), Day(),
        "日期|使用日期|date", required=True),
    Column("measure", _("measure"), Text(40),
        "指标|度量|项目|metric", required=True),
    Column("value", _("value"), Amount(),
        "数值|数量|用量|使用量|quantity", required=True),
)
# fmt: on


def _find_contacts(chunk: Chunk) -> str:
    """The person of the same name and phone; else the only one of that name, if either has no phone."""
    join = name_customers(chunk)
    same_person = "t.tenant_id = %(tenant)s AND t.customer_id = n.id AND t.name = s.name"
    exact = "exact.customer_id = n.id AND exact.name = s.name AND exact.phone = coalesce(s.phone, '')"
    return (
        "SELECT s.*, n.id AS customer_id, n.many AS customer_many, "
        "coalesce(exact.id, CASE WHEN alone.many = 1 "
        "AND (s.phone IS NULL OR alone.phone = '') THEN alone.id END) AS target "
        f"FROM incoming s {join} "
        f"{known('customers_contact', exact, name='exact')} "
        "LEFT JOIN LATERAL (SELECT (array_agg(t.id))[1] AS id, count(*) AS many, max(t.phone) AS phone "
        f"FROM customers_contact t WHERE {same_person}) alone ON exact.id IS NULL"
    )


def _find_usage(chunk: Chunk) -> str:
    join = name_customers(chunk)
    return (
        f"SELECT s.*, n.id AS customer_id, n.many AS customer_many, t.id AS target FROM incoming s {join} "
        + known("customers_usage", "t.customer_id = n.id AND t.day = s.day AND t.measure = s.measure")
    )


def _contact_rules(chunk: Chunk) -> Sequence[Rule]:
    return customer_rules()


def _usage_rules(chunk: Chunk) -> Sequence[Rule]:
    return (*customer_rules(), Rule("day", "in_future", "s.day > %(on)s"))


_TEXTS: dict[str, str] = dict.fromkeys(("title", "phone", "email", "wechat", "note"), "''")
_OWN: dict[str, Any] = {"messages": MESSAGES}
CONTACTS = Kind(
    name="contacts",
    label=_("Contacts"),
    columns=_CONTACT_COLUMNS,
    keys={"name": ("customer", "name")},
    find=_find_contacts,
    target=Target(
        Contact,
        same("customer_id", "name", "title", "phone", "email", "wechat", "is_primary", "note"),
        defaults=_TEXTS | {"is_primary": "false"},
    ),
    rules=_contact_rules,
    unique=(("customer", "name", "phone"),),
    event="contacts.imported",
    **_OWN,
)
USAGE = Kind(
    name="usage",
    label=_("Usage"),
    columns=_USAGE_COLUMNS,
    keys={"day": ("customer", "day", "measure")},
    find=_find_usage,
    target=Target(Usage, same("customer_id", "day", "measure", "value"), versioned=False),
    rules=_usage_rules,
    unique=(("customer", "day", "measure"),),
    event="usage.imported",
    **_OWN,
)
