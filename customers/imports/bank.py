"""Files of a bank: the money that arrived, line by line. A line is never changed by a file."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.accounts.rights import Right
from crm.integrations.imports.dates import Day
from crm.integrations.imports.kinds import Column, Kind, Rule, Target, known, same
from crm.integrations.imports.numbers import Amount
from crm.integrations.imports.staging import Chunk
from crm.integrations.imports.values import Code, Text
from customers.duplicates import name_key
from customers.models import BankLine

FEN = Decimal("0.01")
# fmt: off
_COLUMNS = (
    Column("serial", _("serial number of the bank"), Text(60),
        "流水号|银行流水号|交易流水号|交易流水|账户明细编号|凭证号|回单编号|serial|serial no|transaction id",
           required=True),
    Column("received_on", _("received on"), Day(),
        "交易日期|入账日期|到账日期|记账日期|日期|date|value date|booking date", required=True),
    Column("payer", _("payer"), Text(200),
        "付款人|付款方|对方户名|对方名称|付款人名称|付款人户名|对方单位|payer|counterparty", required=True),
    Column("amount", _("amount"), Amount(FEN),
        "金额|贷方金额|贷方发生额|收入金额|收入|到账金额|交易金额|credit|credit amount", required=True,
           secret=Right.SEE_AMOUNT),
    Column("currency", _("currency"), Code(3),
        "币种|货币|currency"),
    Column("reference", _("reference"), Text(300),
        "附言|摘要|用途|备注|交易附言|reference|remittance|purpose|memo"),
    Column("account", _("our account"), Text(60),
        "账号|本方账号|收款账号|收款人账号|our account|account no"),
)
_MESSAGES: dict[str, Any] = {
    "same_receipt": _("“%(value)s” is recorded already: this is the same receipt."),
    "posted_line": _("“%(value)s” is here already with other figures; a bank's line is never changed."),
    "in_future": _("“%(value)s” is still to come."),
}
# fmt: on


def _find(chunk: Chunk) -> str:
    return (
        "SELECT s.*, upper(coalesce(s.currency, (SELECT currency FROM tenancy_tenant "
        "WHERE id = %(tenant)s))) AS told_currency, t.id AS target, p.id AS receipt_id FROM incoming s "
        f"{known('customers_bankline', 't.serial = s.serial')} "
        f"{known('customers_payment', 'p.number = s.serial', name='p')}"
    )


def _rules(chunk: Chunk) -> Sequence[Rule]:
    kept = "t.received_on, t.payer, t.amount, t.currency"
    told = "s.received_on, s.payer, s.amount, s.told_currency"
    return (
        Rule("received_on", "in_future", "s.received_on > %(on)s"),
        Rule("serial", "same_receipt", "s.target IS NULL AND s.receipt_id IS NOT NULL"),
        Rule(
            "serial",
            "posted_line",
            "EXISTS (SELECT FROM customers_bankline t WHERE t.tenant_id = %(tenant)s AND t.id = s.target "
            f"AND ({kept}) IS DISTINCT FROM ({told}))",
        ),
    )


BANK_LINES = Kind(
    name="bank-lines",
    label=_("Bank lines"),
    columns=_COLUMNS,
    keys={"serial": ("serial",)},
    find=_find,
    target=Target(
        BankLine,
        same("serial", "received_on", "payer", "payer_key", "amount", "reference", "account")
        | {"currency": "s.told_currency"},
        defaults={"reference": "''", "account": "''", "payer_key": "''"},
        fixed={"entered_on": "%(on)s"},
    ),
    rules=_rules,
    unique=(("serial",),),
    derived={"payer_key": ("payer", name_key)},
    rights=(Right.PAYMENT_RECORD,),
    event="bank_lines.imported",
    messages=_MESSAGES,
)
