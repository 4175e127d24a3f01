"""Files of money: expenses, receivables, payments. A posted payment or expense is never changed by a file."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.accounts.rights import Right
from crm.integrations.imports.dates import Day
from crm.integrations.imports.kinds import Column, Kind, Rule, Target, known, same
from crm.integrations.imports.numbers import Amount, Whole
from crm.integrations.imports.staging import Chunk
from crm.integrations.imports.values import Choice, Code, Text
from customers.imports import plans, refunds
from customers.imports.references import CONTRACT, CONTRACT_RULE, MESSAGES, contract_join
from customers.imports.terms import finish
from customers.models import CashApplication, ContractExpense, Payment, Receivable

ZERO, FEN = Decimal(0), Decimal("0.01")
# fmt: off
_ENTERED = Column("entered_on", _("entered on"), Day(),
        "录入日期|登记日期|created")
_NOTE = Column("note", _("note"), Text(200),
        "备注|说明|摘要|remark|memo")
_EXPENSE_COLUMNS = (
    Column("number", _("voucher number"), Text(60),
        "凭证号|单据号|费用编号|报销单号|编号|单号|voucher|voucher no|expense no|code"),
    CONTRACT,
    Column("category", _("category"), Choice(ContractExpense.Category, {
        "招待": "ENTERTAINMENT", "招待费": "ENTERTAINMENT", "业务招待费": "ENTERTAINMENT", "差旅": "TRAVEL",
        "差旅费": "TRAVEL", "外包": "SUBCONTRACTING", "外包费": "SUBCONTRACTING", "采购": "RESALE_COST",
        "采购成本": "RESALE_COST", "渠道费": "CHANNEL_FEE", "平台费": "PLATFORM_FEE", "其他": "OTHER"}),
        "类别|费用类别|费用类型|科目|类型|type", required=True),
    Column("amount", _("amount"), Amount(ZERO),
        "金额|费用金额|expense amount", required=True,
           secret=Right.SEE_EXPENSE),
    Column("incurred_on", _("date"), Day(),
        "日期|发生日期|费用日期|date|incurred", required=True),
    Column("contract_year", _("contract year"), Whole(1, 50),
        "合同年度|年度|年份序号|year"),
    _NOTE,
    _ENTERED,
)
_RECEIVABLE_COLUMNS = (
    Column("number", _("instalment number"), Text(70),
        "应收编号|应收单号|分期编号|编号|单号|期次编号|receivable|instalment|code"),
    CONTRACT,
    Column("due_on", _("due on"), Day(),
        "应收日期|到期日|应收款日期|计划回款日期|付款日期|due|due date", required=True),
    Column("amount", _("amount"), Amount(FEN),
        "应收金额|金额|计划回款金额|receivable amount",
           required=True, secret=Right.SEE_AMOUNT),
    Column("contract_year", _("contract year"), Whole(1, 50),
        "合同年度|年度|year"),
    Column("milestone", _("milestone"), Text(60),
        "付款节点|节点|里程碑|付款条件|款项|款项名称"),
)
_PAYMENT_COLUMNS = (
    Column("number", _("receipt number"), Text(60),
        "收款单号|回款编号|流水号|回单号|编号|单号|凭证号|receipt|receipt no|payment no|code"),
    CONTRACT,
    Column("kind", _("kind"), Choice(Payment.Kind, {
        "收款": "RECEIPT", "回款": "RECEIPT", "到账": "RECEIPT", "退款": "REFUND", "退": "REFUND"}),
        "类型|收付类型|type"),
    Column("amount", _("amount"), Amount(FEN),
        "金额|回款金额|收款金额|到账金额|payment amount",
           required=True, secret=Right.SEE_AMOUNT),
    Column("currency", _("currency"), Code(3),
        "币种|货币"),
    Column("received_on", _("received on"), Day(),
        "日期|回款日期|收款日期|到账日期|date|payment date|received", required=True),
    _NOTE,
    _ENTERED,
)
_MESSAGES: dict[str, Any] = MESSAGES | {
    "posted": _("“%(value)s” is booked already with other figures; correct it by a new entry."),
    "contract_year": _("The contract has no year %(value)s."),
    "currency": _("The payment is not in the currency of its contract."),
    "other_contract": _("“%(value)s” belongs to another contract."),
    "plan_exceeded": _("With this instalment of %(value)s the plan exceeds the amount of its contract year."),
    "contract_cancelled": _("The contract was cancelled; its plan is no longer changed by a file."),
    "contract_amended": _("The contract was amended; amend it again instead of importing a plan."),
    "before_signing": _("The contract was signed later."),
    "refund_exceeds_cash": _("More than was there on that day would be given back."),
}
# fmt: on
_YEAR = (
    "SELECT max(y.number) FROM customers_contractyear y WHERE y.tenant_id = %(tenant)s "
    "AND y.contract_id = k.id"
)


_AMENDED = (
    "EXISTS (SELECT FROM customers_contractamendment a WHERE a.tenant_id = %(tenant)s "
    "AND a.contract_id = s.contract_id)"
)


def _find(chunk: Chunk, table: str, day: str) -> str:
    year = f"coalesce(s.contract_year, ({_YEAR} AND y.starts_on <= s.{day}), 1)" if day else "NULL::integer"
    return (
        "SELECT s.*, k.id AS contract_id, k.customer_id, k.currency AS contract_currency, "
        "k.signed_on, k.cancelled_on, "
        f"{year} AS year, ({_YEAR}) AS years, t.id AS target, t.contract_id AS contract_before "
        f"FROM incoming s {contract_join(chunk)} "
        f"{known(table, 't.number = s.number')}"
    )


def _find_expenses(chunk: Chunk) -> str:
    return _find(chunk, "customers_contractexpense", "incurred_on")


def _find_receivables(chunk: Chunk) -> str:
    return _find(chunk, "customers_receivable", "due_on")


def _find_payments(chunk: Chunk) -> str:
    return _find(chunk, "customers_payment", "")


_OTHER = Rule("contract", "other_contract", "s.contract_before <> s.contract_id", value="s.number")
_YEAR_RULE = Rule("contract_year", "contract_year", "s.contract_year > s.years")


def _posted(table: str, day: str, *more: str) -> Rule:
    names = ("amount", day, *more)
    told = ", ".join(f"coalesce(s.{name}, t.{name})" for name in names)
    kept = ", ".join(f"t.{name}" for name in names)
    return Rule(
        "number",
        "posted",
        f"EXISTS (SELECT FROM {table} t WHERE t.tenant_id = %(tenant)s AND t.id = s.target "
        f"AND ({kept}) IS DISTINCT FROM ({told}))",
    )


def _expense_rules(chunk: Chunk) -> Sequence[Rule]:
    posted = _posted("customers_contractexpense", "incurred_on", "category")
    future = Rule("incurred_on", "in_future", "s.incurred_on > %(on)s")
    return (CONTRACT_RULE, _OTHER, _YEAR_RULE, future, posted)


def _receivable_rules(chunk: Chunk) -> Sequence[Rule]:
    cancelled = Rule("contract", "contract_cancelled", "s.cancelled_on IS NOT NULL")
    return (CONTRACT_RULE, _OTHER, _YEAR_RULE, cancelled, Rule("contract", "contract_amended", _AMENDED))


def _payment_rules(chunk: Chunk) -> Sequence[Rule]:
    return (
        CONTRACT_RULE,
        _OTHER,
        Rule("currency", "currency", "upper(s.currency) <> s.contract_currency"),
        Rule("received_on", "in_future", "s.received_on > %(on)s"),
        Rule("received_on", "before_signing", "s.received_on < s.signed_on"),
        _posted("customers_payment", "received_on", "kind"),
    )


_NUMBER = {"number": ("number",)}
_ENTERED_ON = {"entered_on": "coalesce(s.entered_on, %(on)s)"}
EXPENSES = Kind(
    name="expenses",
    label=_("Expenses"),
    columns=_EXPENSE_COLUMNS,
    keys=_NUMBER,
    find=_find_expenses,
    target=Target(
        ContractExpense,
        same("number", "contract_id", "category", "amount", "incurred_on", "note"),
        defaults={"note": "''"},
        fixed=_ENTERED_ON | {"contract_year": "s.year"},
    ),
    rules=_expense_rules,
    rights=(Right.EXPENSE_RECORD, Right.TENANT_EDIT),
    event="expenses.imported",
    messages=_MESSAGES,
)
RECEIVABLES = Kind(
    name="receivables",
    label=_("Receivables"),
    columns=_RECEIVABLE_COLUMNS,
    keys=_NUMBER,
    find=_find_receivables,
    target=Target(
        Receivable,
        same("number", "contract_id", "customer_id", "due_on", "amount", "milestone")
        | {"contract_year": "s.year"},
        defaults={"milestone": "''"},
    ),
    rules=_receivable_rules,
    judge=plans.judge,
    write=plans.follow,
    finish=finish,
    touches=(CashApplication,),
    rights=(Right.SEE_AMOUNT, Right.TENANT_EDIT),
    event="receivables.imported",
    messages=_MESSAGES,
)
PAYMENTS = Kind(
    name="payments",
    label=_("Payments"),
    columns=_PAYMENT_COLUMNS,
    keys=_NUMBER,
    find=_find_payments,
    target=Target(
        Payment,
        same("number", "contract_id", "customer_id", "kind", "amount", "received_on", "note"),
        defaults={"kind": "'RECEIPT'", "note": "''"},
        fixed=_ENTERED_ON | {"currency": "s.contract_currency"},
    ),
    rules=_payment_rules,
    judge=refunds.judge,
    write=plans.settle,
    finish=finish,
    touches=(CashApplication,),
    rights=(Right.PAYMENT_RECORD, Right.TENANT_EDIT),
    event="payments.imported",
    messages=_MESSAGES,
)
