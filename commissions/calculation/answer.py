"""The outer layer: a JSON object in, a JSON object out (spec/what-if.md §1, §5, §6)."""

from datetime import date
from typing import Any

from commissions.calculation.calculate import calculate
from commissions.calculation.cases import Standing
from commissions.calculation.checks import judge
from commissions.calculation.classes import ClassDay
from commissions.calculation.faults import Refused, Translate, in_words
from commissions.calculation.ledger import Entry
from commissions.calculation.pools import YearPool
from commissions.calculation.reading.request import StoredPlan, echoed_id, read_request
from commissions.calculation.result import Result
from commissions.calculation.shares import Row
from commissions.calculation.statements import Statement
from commissions.calculation.trace import trace_of
from commissions.calculation.written import q_text, rate_text
from crm.money import fen_text
from crm.periods import month_text


def answer(
    payload: Any, *, stored_plan: StoredPlan | None = None, translate: Translate = str
) -> dict[str, Any]:
    """The response to a request, or {"errors": [...]} when it is refused; never raises for bad input.

    `stored_plan` finds the settings of a plan by its code (a caller without a tenant leaves it out),
    `translate` turns English texts into the reader's language.
    """
    name = echoed_id(payload)
    echoed = {} if name is None else {"id": name}
    try:
        request = read_request(payload, stored_plan)
        judge(request)
        return echoed | response(calculate(request), translate)
    except Refused as refused:
        return echoed | {"errors": in_words(refused.faults, translate)}


def response(result: Result, translate: Translate = str) -> dict[str, Any]:
    """A result as the response of §5, trace included."""
    return {
        "plan_version": result.version.code,
        "as_of": result.as_of.isoformat(),
        "currency": result.version.currency,
        **_standing(result),
        "years": [_year(pool) for pool in result.years],
        "dept_total": fen_text(sum(pool.dept_pool for pool in result.years)),
        "ops_total": fen_text(sum(pool.ops_pool for pool in result.years)),
        "payees": [_row(row) for row in result.rows],
        "collection": _collection(result),
        "ledger": [_entry(entry) for entry in result.ledger],
        "balances": _balances(result),
        "statements": [_statement(statement) for statement in result.statements],
        "class_history": [_class_day(day) for day in result.class_history],
        "warnings": _warnings(result),
        "trace": [{**step, "formula": translate(step["formula"])} for step in trace_of(result)],
    }


def _standing(result: Result) -> dict[str, Any]:
    signing, standing = result.signing, result.standing or Standing()
    if signing is None:
        absent = ("customer_class", "annual_amount", "contract_annual_amount", "previous_class", "rate_class")
        return dict.fromkeys(absent) | {
            "case": standing.case,
            "gap_days": standing.gap_days,
            "q": None,
            "customer_stage": standing.customer_stage,
            "term_months": None,
        }
    classes, q = signing.classes, result.years[0].ratio.q
    return {
        "customer_class": classes.customer_class,
        "annual_amount": fen_text(classes.annual_amount),
        "contract_annual_amount": fen_text(classes.contract_annual_amount),
        "previous_class": classes.previous_class,
        "rate_class": classes.rate_class,
        "case": signing.case.name,
        "gap_days": signing.case.gap_days,
        "q": None if q is None else q_text(q),
        "customer_stage": None,
        "term_months": rate_text(signing.term.months),
    }


def _year(pool: YearPool) -> dict[str, Any]:
    year, q = pool.year, pool.ratio.q
    return {
        "contract_year": year.number,
        "starts_on": year.starts_on.isoformat(),
        "ends_on": year.ends_on.isoformat(),
        "days": year.days,
        "gross": fen_text(pool.gross),
        "base_gross": fen_text(pool.base_gross),
        "net": fen_text(pool.net),
        "tax": fen_text(pool.base_gross - pool.net),
        "amount": fen_text(pool.amount),
        "expenses": fen_text(pool.expenses),
        "base": fen_text(pool.base),
        "deficit": fen_text(pool.deficit),
        "q": None if q is None else q_text(q),
        "dept_rate": rate_text(pool.dept_rate),
        "ops_rate": rate_text(pool.ops_rate),
        "dept_factor": rate_text(pool.dept_factor),
        "ops_factor": rate_text(pool.ops_factor),
        "dept_pool": fen_text(pool.dept_pool),
        "dept_pool_capped": fen_text(pool.dept_pool_capped),
        "ops_pool": fen_text(pool.ops_pool),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "payee": row.payee,
        "component": row.component,
        "contract_year": row.contract_year,
        "amount": fen_text(row.amount),
        "amount_before_cap": fen_text(row.before_cap),
    }


def _collection(result: Result) -> dict[str, str] | None:
    if result.collection is None:
        return None
    return {name: fen_text(amount) for name, amount in result.collection._asdict().items()}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "payee": entry.payee,
        "amount": fen_text(entry.amount),
        "effective_date": entry.effective_date.isoformat(),
        "posting_period": month_text(entry.posting_period),
        "contract_year": entry.contract_year,
        "component": entry.component,
        "source_event": entry.source_event,
        "reverses": entry.reverses,
        "plan_version": entry.plan_version,
    }


def _balances(result: Result) -> list[dict[str, str]]:
    return [
        {
            "payee": balance.payee,
            "payable": fen_text(balance.payable),
            "held": fen_text(balance.held),
            "forfeited": fen_text(balance.forfeited),
        }
        for balance in result.balances
    ]


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "period": month_text(statement.period),
        "status": "CLOSED" if statement.closed else "OPEN",
        "payee": statement.payee,
        "opening_carry": fen_text(statement.opening_carry),
        "by_kind": {kind: fen_text(amount) for kind, amount in statement.by_kind.items()},
        "payable": fen_text(statement.payable),
        "closing_carry": fen_text(statement.closing_carry),
        "draw_due": fen_text(statement.draw_due),
        "held": fen_text(statement.held),
        "forfeited": fen_text(statement.forfeited),
    }


def _class_day(day: ClassDay) -> dict[str, str | None]:
    return {
        "as_of": day.as_of.isoformat(),
        "annual_amount": fen_text(day.annual_amount),
        "computed_class": day.computed_class,
        "effective_class": day.effective_class,
        "below_since": _day(day.below_since),
        "downgrade_on": _day(day.downgrade_on),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _warnings(result: Result) -> list[dict[str, Any]]:
    return [remark._asdict() | {"amount": fen_text(remark.amount)} for remark in result.warnings]
