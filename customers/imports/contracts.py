"""Files of contracts: terms, splits and agreed amounts; what follows from them is in terms.py."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.accounts.rights import Right
from crm.integrations.imports import judging
from crm.integrations.imports.dates import Day
from crm.integrations.imports.faults import Wrong
from crm.integrations.imports.kinds import Column, Kind, Rule, Target, known, same
from crm.integrations.imports.numbers import Amount, Amounts, Quotient, Rate, Whole
from crm.integrations.imports.references import Colleague, Unit
from crm.integrations.imports.staging import Chunk
from crm.integrations.imports.values import Choice, Code, Text
from crm.periods import term
from customers.imports import instalments, terms
from customers.imports.instalments import Instalments
from customers.imports.references import CUSTOMER, MESSAGES, customer_rules, name_customers
from customers.imports.values import Splits
from customers.models import Contract, ContractYear, CreditSplit, Receivable, SplitConfirmation

ZERO = Decimal(0)
# fmt: off
_COLUMNS = (
    Column("number", _("contract number"), Text(60),
        "合同编号|合同号|合同编码|编号|contract|contract no|contract id|code"),
    CUSTOMER,
    Column("title", _("subject"), Text(200),
        "合同名称|合同标题|标题|主题|项目名称|title|subject"),
    Column("line", _("product line"), Text(60),
        "产品线|产品|业务线|product|product line"),
    Column("product_kind", _("product kind"), Choice(Contract.ProductKind, {
        "标准": "STANDARD", "标准产品": "STANDARD", "定制": "CUSTOM", "定制项目": "CUSTOM",
        "项目": "CUSTOM"}),
        "产品类型|产品类别|合同类型"),
    Column("gross", _("amount incl. VAT"), Amount(ZERO),
        "合同金额|金额|含税金额|合同总额|合同额|总金额|签约金额|价税合计|amount|contract amount|"
        "total|gross amount", required=True, secret=Right.SEE_AMOUNT),
    Column("vat_rate", _("VAT rate"), Rate(),
        "税率|增值税率|vat|tax rate"),
    Column("currency", _("currency"), Code(3),
        "币种|货币"),
    Column("book_rate", _("book rate"), Quotient(),
        "汇率|记账汇率|exchange rate|fx rate"),
    Column("signed_on", _("signed on"), Day(),
        "签订日期|签约日期|签署日期|合同日期|签订时间|signed|sign date|signed date|signing date"),
    Column("starts_on", _("starts on"), Day(),
        "开始日期|起始日期|生效日期|合同开始日期|服务开始日期|开始时间|start|start date|starts|"
        "from", required=True),
    Column("ends_on", _("day after the last"), Day(),
        "终止日期（不含）|end|end date|ends|until"),
    Column("last_day", _("last day"), Day(shift=1),
        "结束日期|到期日|到期日期|终止日期|截止日期|合同结束日期|合同到期日|服务结束日期|"
        "结束时间|last day|expiry|expires on"),
    Column("months", _("term in months"), Whole(1, 600),
        "合同期限|期限|月数|合同月数|term|months"),
    Column("schedule", _("amounts per year"), Amounts(),
        "分年金额|各年金额|年度金额|yearly amounts",
           secret=Right.SEE_AMOUNT),
    Column("plan", _("instalments"), Instalments(),
        "付款计划|分期付款|付款方式|回款计划|分期计划|收款计划|付款节点|payment plan|payment terms",
           secret=Right.SEE_AMOUNT),
    Column("splits", _("splits"), Splits(),
        "分成|业绩分成|提成分配|分成比例|业绩拆分|split|credit splits|shares"),
    Column("department", _("responsible department"), Unit(),
        "责任部门|部门|所属部门|签约部门|dept"),
    Column("signed_by", _("signed by"), Colleague(),
        "签约人|签订人|负责人|业务员|销售|客户经理|owner|sales|sales rep"),
    Column("renewal_of", _("renews"), Text(60),
        "续签自|原合同|原合同号|原合同编号|上期合同|renewal of"),
    Column("entered_on", _("entered on"), Day(),
        "录入日期|登记日期|建档日期|created"),
)
_MESSAGES: dict[str, Any] = MESSAGES | {
    "term": _("The contract ends before it starts."),
    "end_missing": _("Say when the contract ends: its last day, the day after it, or its months."),
    "book_rate": _("A contract in another currency needs the book rate of its month."),
    "no_payee": _("Nobody is responsible for this customer: say who shares the commission."),
    "schedule_kept": _("Amounts per year were agreed: tell them with the new amount."),
    "other_customer": _("The contract “%(value)s” belongs to another customer."),
    "renews_other": _("“%(value)s” is a contract of another customer."),
    "has_cash": _("Cash was received for this contract: amend it instead of importing other terms."),
    "schedule_sum": _("The amounts per year do not sum to the amount of the contract."),
    "schedule_years": _("The contract has %(years)s years, but %(given)s amounts."),
    "plan": _("Write the instalments as 2026-01-15 60000 预付款; 2026-07-01 60000 验收, or 按月, 按季."),
    "plan_sum": _("The instalments of contract year %(year)s sum to %(planned)s and not to %(gross)s."),
    "plan_kept": _("This contract has another plan: change it by a file of receivables, or amend it."),
    "split": _("Write the shares as 李娜 70; 周毅 30."),
    "split_sum": _("The shares sum to %(total)s, not to 100 %%."),
    "split_twice": _("A payee stands twice in the shares."),
    "split_places": _("A share is given to a hundredth of a percent at most."),
}
# fmt: on


def _find(chunk: Chunk) -> str:
    join = name_customers(chunk)
    chunk.params["currency"] = chunk.rows("SELECT currency FROM tenancy_tenant WHERE id = %(tenant)s")[0][0]
    ends = "coalesce(s.ends_on, s.last_day, (s.starts_on + make_interval(months => s.months))::date)"
    return (
        "SELECT s.*, n.id AS customer_id, n.many AS customer_many, t.id AS target, t.has_schedule, "
        "t.customer_id AS customer_before, t.gross AS gross_before, r.id AS renewal_of_id, "
        "r.customer_id AS renewal_customer, "
        f"c.responsible_dept_id AS dept, c.owner_id AS owner, {ends} AS ends, upper(s.currency) AS coin "
        f"FROM incoming s {join} "
        f"{known('customers_customer', 'c.id = n.id', name='c')} "
        f"{known('customers_contract', 't.number = s.number')} "
        f"{known('customers_contract', 'r.number = s.renewal_of', name='r')}"
    )


_NO_PAYEE = "s.target IS NULL AND s.splits IS NULL AND s.customer_id IS NOT NULL "
_NO_PAYEE += "AND coalesce(s.department, s.dept) IS NULL"
_PAID = (
    "s.target IS NOT NULL AND EXISTS (SELECT FROM customers_contract t WHERE t.tenant_id = %(tenant)s "
    "AND t.id = s.target AND (t.gross, t.currency, t.starts_on, t.ends_on) IS DISTINCT FROM "
    "(coalesce(s.gross, t.gross), coalesce(s.coin, t.currency), coalesce(s.starts_on, t.starts_on), "
    "coalesce(s.ends, t.ends_on)) AND ("
    "EXISTS (SELECT FROM customers_payment p WHERE p.tenant_id = t.tenant_id AND p.contract_id = t.id) OR "
    "EXISTS (SELECT FROM customers_contractamendment a "
    "WHERE a.tenant_id = t.tenant_id AND a.contract_id = t.id)))"
)


def _rules(chunk: Chunk) -> Sequence[Rule]:
    return (
        *customer_rules(),
        Rule("customer", "other_customer", "s.customer_before <> s.customer_id", value="s.number"),
        Rule("renewal_of", "renews_other", "s.renewal_customer <> s.customer_id"),
        Rule("last_day" if "last_day" in chunk.job.mapped else "ends_on", "term", "s.ends <= s.starts_on"),
        Rule("ends_on", "end_missing", "s.ends IS NULL AND s.target IS NULL AND s.starts_on IS NOT NULL"),
        Rule("book_rate", "book_rate", "s.coin <> %(currency)s AND s.book_rate IS NULL AND s.target IS NULL"),
        Rule("schedule", "schedule_sum", "(SELECT sum(x) FROM unnest(s.schedule) x) <> s.gross"),
        Rule("signed_on", "in_future", "coalesce(s.signed_on, s.starts_on) > %(on)s AND s.target IS NULL"),
        Rule("signed_on", "in_future", "s.signed_on > %(on)s AND s.target IS NOT NULL"),
        Rule("splits", "no_payee", _NO_PAYEE),
        Rule(
            "schedule", "schedule_kept", "s.has_schedule AND s.schedule IS NULL AND s.gross <> s.gross_before"
        ),
        Rule("gross", "has_cash", _PAID),
    )


_ELSEWHERE = (
    "SELECT s.row, s.renewal_of FROM stage s JOIN stage other ON other.id = s.renewal_of_id "
    "WHERE other.customer_id <> s.customer_id"
)


def _judge(chunk: Chunk) -> list[tuple[int, str, Wrong]]:
    faults = judging.link(chunk, "renewal_of", "renewal_of_id", ["number"], "unknown_contract")
    faults += [
        (row, "renewal_of", Wrong("renews_other", {"value": value})) for row, value in chunk.rows(_ELSEWHERE)
    ]
    agreed = chunk.rows(
        "SELECT row, starts_on, ends, cardinality(schedule) FROM stage "
        "WHERE schedule IS NOT NULL AND ends > starts_on"
    )
    for row, starts_on, ends_on, given in agreed:
        years = len(term(starts_on, ends_on).years)
        if years != given:
            faults.append((row, "schedule", Wrong("schedule_years", {"years": years, "given": given})))
    return faults + instalments.judge(chunk)


CONTRACTS = Kind(
    name="contracts",
    label=_("Contracts"),
    columns=_COLUMNS,
    keys={"number": ("number",)},
    find=_find,
    target=Target(
        Contract,
        same(
            "number", "customer_id", "title", "line", "product_kind", "gross", "vat_rate", "book_rate",
            "signed_on", "starts_on", "renewal_of_id",
        )
        | {
            "currency": "s.coin",
            "ends_on": "s.ends",
            "responsible_dept_id": "s.department",
            "signed_by_id": "s.signed_by",
            "has_schedule": "CASE WHEN s.schedule IS NOT NULL THEN true END",
        },
        defaults={
            "title": "''",
            "line": "'DEFAULT'",
            "product_kind": "'STANDARD'",
            "vat_rate": "0",
            "currency": "%(currency)s",
            "book_rate": "1",
            "signed_on": "s.starts_on",
            "responsible_dept_id": "s.dept",
            "signed_by_id": "s.owner",
            "has_schedule": "false",
        },
        fixed={"entered_on": "coalesce(s.entered_on, %(on)s)"},
    ),
    rules=_rules,
    judge=_judge,
    write=terms.follow,
    finish=terms.finish,
    differs=f"({terms.OTHER_SPLITS}) OR ({terms.OTHER_YEARS})",
    referred=("number",),
    touches=(ContractYear, CreditSplit, SplitConfirmation, Receivable),
    rights=(Right.SEE_AMOUNT, Right.TENANT_EDIT),
    event="contracts.imported",
    messages=_MESSAGES,
)  # fmt: skip
