"""Columns that name a customer or a contract, resolved by SQL within the importer's reach."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.integrations.imports.kinds import Column, Rule, known
from crm.integrations.imports.staging import Chunk
from crm.integrations.imports.values import Text
from customers.models import Contract, Customer

# fmt: off
CUSTOMER = Column("customer", _("customer"), Text(200),
        "客户|客户编号|客户编码|客户名称|客户代码|统一社会信用代码|公司|公司名称|单位名称|"
        "customer code|customer name|account|company", required=True)
CONTRACT = Column("contract", _("contract"), Text(60),
        "合同|合同号|合同编号|合同编码|所属合同|contract number|contract no", required=True)
MESSAGES: dict[str, Any] = {
    "unknown_customer": _("No customer of yours is called “%(value)s”; write its code, credit code or name."),
    "ambiguous_customer": _("Several customers are called “%(value)s”; write the code."),
    "unknown_contract": _("No contract of yours has the number “%(value)s”."),
    "in_future": _("“%(value)s” is still to come."),
}
# fmt: on
_NAMES = ("code", "credit_code", "name")


def name_customers(chunk: Chunk, column: str = "customer") -> str:
    """Make the temporary table of the customers that `column` names; returns the join to it as `n`.

    By code, then credit code, then name; `n.many` marks a name that several customers bear.
    """
    table = f"named_{column}"
    asked = f"SELECT DISTINCT s.{column} FROM incoming s WHERE s.{column} IS NOT NULL"
    chunk.sql(f"DROP TABLE IF EXISTS pg_temp.{table}")
    chunk.sql(f"CREATE TEMP TABLE {table} (name text, id uuid, many boolean) ON COMMIT DROP")
    wanted = chunk.rows(f"SELECT count(*) FROM ({asked}) a")[0][0]
    for name in _NAMES:
        if wanted <= 0:
            break
        wanted -= chunk.sql(
            f"INSERT INTO {table} SELECT a.name, c.id, c.many "
            f"FROM ({asked} EXCEPT SELECT name FROM {table}) a (name) CROSS JOIN LATERAL "
            "(SELECT (array_agg(c.id))[1] AS id, count(*) > 1 AS many FROM customers_customer c "
            f"WHERE c.tenant_id = %(tenant)s AND c.{name} = a.name AND c.{name} <> '' "
            f"AND {chunk.within(Customer, 'c.id')}) c WHERE c.id IS NOT NULL"
        )
    return f"LEFT JOIN {table} n ON n.name = s.{column}"


def customer_rules(column: str = "customer") -> tuple[Rule, ...]:
    """Refusals for a `find` that selects `n.id AS customer_id, n.many AS customer_many`."""
    return (
        Rule(column, "unknown_customer", f"s.{column} IS NOT NULL AND s.customer_id IS NULL"),
        Rule(column, "ambiguous_customer", "s.customer_many"),
    )


def contract_join(chunk: Chunk, column: str = "contract") -> str:
    """The join to the contract that `column` names, as `k`."""
    where = f"k.number = s.{column} AND {chunk.within(Contract, 'k.id')}"
    return known("customers_contract", where, name="k")


CONTRACT_RULE = Rule("contract", "unknown_contract", "s.contract IS NOT NULL AND s.contract_id IS NULL")
