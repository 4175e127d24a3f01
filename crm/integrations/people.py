"""What an import of departments and of members is; here, because crm.accounts stands below the engine."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.accounts import departments
from crm.accounts.models import Department, Member
from crm.accounts.rights import Right, Role
from crm.integrations.imports.faults import Misread, Wrong
from crm.integrations.imports.kinds import Column, Kind, Rule, Target, known, same
from crm.integrations.imports.numbers import Amount
from crm.integrations.imports.references import Unit
from crm.integrations.imports.staging import Chunk
from crm.integrations.imports.values import Choice, Code, Email, Text, Value, YesNo


class Roles(Value):
    """Several roles in one cell, by code or name, as a PostgreSQL array."""

    sql = "varchar(20)[]"

    def __init__(self) -> None:
        self.choice = Choice(Role, {"经理": Role.DEPT_HEAD, "销售": Role.SALES})

    def one(self, cell: str) -> str:
        words = [word for word in re.split(r"[,;，；、|/]", cell) if word.strip()]
        try:
            return "{" + ",".join(dict.fromkeys(self.choice.one(word.strip()) for word in words)) + "}"
        except Misread as misread:
            raise Misread("choice", choices=", ".join(Role.values)) from misread


# fmt: off
_DEPARTMENT_COLUMNS = (
    Column("code", _("code"), Code(40),
        "部门编码|部门编号|编码|编号|dept code|department code"),
    Column("name", _("name"), Text(120),
        "部门名称|部门|department|dept", required=True),
    Column("kind", _("kind"), Choice(Department.Kind, {
        "商务": "SALES_DEPT", "商务服务部": "SALES_DEPT", "销售": "SALES_DEPT", "运维": "OPS_DEPT",
        "运维部": "OPS_DEPT", "客服": "SERVICE_DEPT", "财务": "FINANCE_DEPT", "管理": "MANAGEMENT"}),
        "类型|部门类型|性质|type"),
    Column("parent", _("belongs to"), Text(120),
        "上级|上级部门|所属部门|父部门|parent department"),
    Column("authority_amount", _("may sign up to, a year"), Amount(Decimal(0)),
        "权限金额|签约权限|authority"),
    Column("is_key_account", _("key-account department"), YesNo(),
        "大客户部|重点客户部|key account"),
    Column("is_active", _("active"), YesNo(),
        "启用|是否启用|状态|active"),
)
_MEMBER_COLUMNS = (
    Column("code", _("staff number"), Code(40),
        "工号|员工编号|编号|staff|employee id|staff no", required=True),
    Column("name", _("name"), Text(120),
        "姓名|员工姓名|员工|full name", required=True),
    Column("email", _("e-mail"), Email(),
        "邮箱|电子邮箱|邮件|mail"),
    Column("title", pgettext_lazy("of a person", "title"), Text(80),
        "职务|职位|岗位|position"),
    Column("department", _("department"), Unit(),
        "部门|所属部门|部门编码|dept", required=True),
    Column("roles", _("roles"), Roles(),
        "角色|role|权限角色"),
    Column("status", _("status"),
           Choice(Member.Status, {"在职": "ACTIVE", "离职": "LEFT", "待离职": "LEAVING"}),
        "状态|在职状态"),
)
# fmt: on


def _find_departments(chunk: Chunk) -> str:
    key = chunk.job.run.key
    return "SELECT s.*, NULL::uuid AS parent_id, t.id AS target FROM incoming s " + known(
        "accounts_department", f"t.{key} = s.{key}"
    )


def _plant(chunk: Chunk) -> list[tuple[int, str, Wrong]]:
    """Resolve the parents: a row of the file or a department that exists; refuse the unknown and circles."""
    rows = chunk.rows("SELECT row, id, code, name, parent FROM stage")
    known = {d.id: d.parent_id for d in Department.objects.all()}
    names = {name: d.id for d in Department.objects.all() for name in (d.name, d.code)}
    faults: list[tuple[int, str, Wrong]] = []
    while True:
        # Reversed, because the first of two rows with one code is the one that stays.
        own = {name: id for _row, id, *told, _up in reversed(rows) for name in reversed(told) if name}
        here = names | own
        parents = known | {id: here.get(up) for _row, id, _code, _name, up in rows if up}
        lost = [(row, up) for row, _id, _code, _name, up in rows if up and up not in here]
        round_ = [(row, up) for row, id, _code, _name, up in rows if up in here and _circles(id, parents)]
        if not (lost or round_):
            break
        faults += [(row, "parent", Wrong("unknown_department", {"value": up})) for row, up in lost]
        faults += [(row, "parent", Wrong("circle", {"value": up})) for row, up in round_]
        refused = {row for row, _up in (*lost, *round_)}
        rows = [row for row in rows if row[0] not in refused]
    _set_parents(chunk, {row: here[up] for row, _id, _code, _name, up in rows if up})
    return faults


def _circles(start: UUID, parents: dict[UUID, UUID | None]) -> bool:
    met, at = {start}, parents.get(start)
    while at is not None and at not in met:
        met.add(at)
        at = parents.get(at)
    return at is not None


def _set_parents(chunk: Chunk, parents: dict[int, UUID]) -> None:
    chunk.sql(
        "UPDATE stage SET parent_id = up.id FROM unnest(%(rows)s::int[], %(ids)s::uuid[]) up (row, id) "
        "WHERE stage.row = up.row",
        rows=list(parents),
        ids=list(parents.values()),
    )


def _replant(chunk: Chunk) -> None:
    departments.replant()


def _department_rules(chunk: Chunk) -> Sequence[Rule]:
    if chunk.job.run.key == "code":
        return ()
    taken = "d.tenant_id = %(tenant)s AND d.code = s.code AND d.id IS DISTINCT FROM s.target"
    return (Rule("code", "taken", f"EXISTS (SELECT FROM accounts_department d WHERE {taken})"),)


def _find_members(chunk: Chunk) -> str:
    key = chunk.job.run.key
    return "SELECT s.*, t.id AS target, t.roles AS roles_before FROM incoming s " + known(
        "accounts_member", f"t.{key} = s.{key} AND t.{key} <> ''"
    )


def _member_rules(chunk: Chunk) -> Sequence[Rule]:
    other = "m.tenant_id = %(tenant)s AND m.id IS DISTINCT FROM s.target"
    return (
        Rule("email", "taken", f"EXISTS (SELECT FROM accounts_member m WHERE {other} AND m.email = s.email)"),
        Rule("code", "taken", f"EXISTS (SELECT FROM accounts_member m WHERE {other} AND m.code = s.code)"),
        Rule("roles", "own_roles", "s.target = %(by)s::uuid AND s.roles <> s.roles_before"),
    )


MESSAGES: dict[str, Any] = {
    "circle": _("“%(value)s” would stand below itself."),
    "taken": _("“%(value)s” belongs to another row."),
    "own_roles": _("Nobody changes his own roles."),
}
DEPARTMENTS = Kind(
    name="departments",
    label=_("Departments"),
    columns=_DEPARTMENT_COLUMNS,
    keys={"code": ("code",), "name": ("name",)},
    find=_find_departments,
    target=Target(
        Department,
        {
            **same("code", "name", "kind", "parent_id", "authority_amount", "is_key_account", "is_active"),
        },
        defaults={"code": "s.name", "kind": "'SALES_DEPT'", "is_key_account": "false", "is_active": "true"},
        fixed={"ancestors": "'{}'"},
    ),
    rules=_department_rules,
    unique=(("code",), ("name",)),
    rights=(Right.TEAM_EDIT,),
    judge=_plant,
    write=_replant,
    event="departments.imported",
    whole=True,
    messages=MESSAGES,
)
MEMBERS = Kind(
    name="members",
    label=_("Members"),
    columns=_MEMBER_COLUMNS,
    keys={"code": ("code",), "email": ("email",)},
    find=_find_members,
    target=Target(
        Member,
        same("code", "name", "email", "title", "roles", "status") | {"department_id": "s.department"},
        defaults={"email": "''", "title": "''", "roles": "'{}'", "status": "'ACTIVE'"},
    ),
    rules=_member_rules,
    unique=(("code",), ("email",)),
    rights=(Right.TEAM_EDIT,),
    event="members.imported",
)
