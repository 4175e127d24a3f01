"""The trace: ordered steps from which every number can be worked out by hand (spec/what-if.md §7).

It is read off a finished result, so that a run over many contracts pays for it only where it is kept.
Every step is {rule, contract_year, source_event, formula, inputs, result}, ready for JSON.
"""

from collections.abc import Iterator
from typing import Any

from commissions.calculation.factors import decay, quota_factor
from commissions.calculation.faults import gettext_noop as _
from commissions.calculation.ledger import Entry
from commissions.calculation.plan import factor_at
from commissions.calculation.pools import Signing, YearPool
from commissions.calculation.release import Portion
from commissions.calculation.result import Result
from commissions.calculation.shares import RULED, Row
from commissions.calculation.statements import Statement
from commissions.calculation.written import exact, q_text, rate_text
from crm.money import fen_text
from crm.periods import month_text

Step = dict[str, Any]


def trace_of(result: Result) -> Iterator[Step]:
    """All steps of a result, in the order in which they were taken."""
    yield from standing_steps(result)
    for pool in result.years:
        yield from year_steps(result, pool)
    yield from (row_step(result, row) for row in result.rows)
    yield from (entry_step(entry) for entry in result.ledger)
    yield from (statement_step(statement) for statement in result.statements)


def _step(
    rule: str,
    formula: str,
    inputs: dict[str, Any],
    result: str | None,
    contract_year: int | None = None,
    source_event: str | None = None,
) -> Step:
    return {
        "rule": rule,
        "contract_year": contract_year,
        "source_event": source_event,
        "formula": formula,
        "inputs": inputs,
        "result": result,
    }


def standing_steps(result: Result) -> Iterator[Step]:
    """Version, class, case and rate class: what does not depend on the contract year."""
    signing = result.signing
    if signing is None:
        formula = _("plan version in force on the day asked about")
        yield _step("VERSION", formula, {"as_of": result.as_of.isoformat()}, result.version.code)
        standing = result.standing
        if standing is not None and standing.gap_days is not None:
            formula = _("gap = day asked about - latest end of the contracts")
            stage = standing.case or standing.customer_stage
            yield _step("CASE", formula, {"gap_days": standing.gap_days}, stage)
        return
    signed_on = signing.contract.signed_on.isoformat()
    formula = _("plan version in force on the day of signing")
    yield _step("VERSION", formula, {"signed_on": signed_on}, result.version.code)
    yield _class_step(result, signing)
    yield _case_step(signing)
    if signing.case.renews:
        classes = signing.classes
        inputs = {"previous": classes.previous_class, "new": classes.customer_class}
        yield _step("RATE-CLASS", _("the higher of previous and new class"), inputs, classes.rate_class)


def _class_step(result: Result, signing: Signing) -> Step:
    classes, override = signing.classes, result.request.class_override
    inputs = {
        "own": fen_text(classes.contract_annual_amount),
        "others": fen_text(classes.annual_amount - classes.contract_annual_amount),
        "basis": result.version.class_basis,
        "override": override and override.customer_class,
    }
    formula = _("class set by hand, else the band of own + others' annual amount")
    return _step("CLASS", formula, inputs, classes.customer_class)


def _case_step(signing: Signing) -> Step:
    case, contract = signing.case, signing.contract
    inputs = {
        "starts_on": contract.starts_on.isoformat(),
        "previous": case.predecessor and case.predecessor.number,
        "previous_end": case.predecessor and case.predecessor.end.isoformat(),
        "gap_days": case.gap_days,
    }
    return _step("CASE", _("gap = start - end of the contract before"), inputs, case.name)


def year_steps(result: Result, pool: YearPool) -> Iterator[Step]:
    """Ratio, base and pools of one contract year, under the signing version."""
    number, ratio = pool.year.number, pool.ratio
    if ratio.q is not None:
        inputs: dict[str, Any] = {"r": exact(ratio.after), "p": exact(ratio.before)}
        yield _step("RATIO", _("round(R / P, 4)"), inputs, q_text(ratio.q), number)
    signing = result.signing
    if signing is None:
        return
    inputs = {
        "gross": fen_text(pool.gross),
        "book_rate": str(signing.contract.rate),
        "vat_rate": rate_text(signing.contract.vat_rate),
        "a": fen_text(pool.amount),
        "e": fen_text(pool.expenses),
    }
    yield _step("BASE", _("N = max(0, A - E)"), inputs, fen_text(pool.base), number)
    inputs = {
        "n": fen_text(pool.base),
        "rate_class": signing.classes.rate_class,
        "r_dept": rate_text(pool.dept_rate),
        **_factor_inputs(signing, pool),
        "cliff_protection": result.version.cliff_protection,
    }
    yield _step("POOL-DEPT", _dept_formula(result), inputs, fen_text(pool.dept_pool), number)
    inputs = {
        "n": fen_text(pool.base),
        "r_ops": rate_text(pool.ops_rate),
        "factor": rate_text(pool.ops_factor),
    }
    yield _step("POOL-OPS", _ops_formula(result), inputs, fen_text(pool.ops_pool), number)


def _dept_formula(result: Result) -> str:
    if result.version.cliff_protection and result.version.ops_from_dept:
        return _("D = round(max(N x r_dept, min(N, upper bound) x r_dept of each lower class) x factor) - O")
    if result.version.cliff_protection:
        return _("D = round(max(N x r_dept, min(N, upper bound) x r_dept of each lower class) x factor)")
    if result.version.ops_from_dept:
        return _("D = round(N x r_dept x factor) - O")
    return _("D = round(N x r_dept x factor)")


def _ops_formula(result: Result) -> str:
    if result.version.ops_from_dept:
        return _("O = min(round(N x r_ops x factor), D)")
    return _("O = round(N x r_ops x factor)")


def _factor_inputs(signing: Signing, pool: YearPool) -> dict[str, Any]:
    """The department factor and what it is made of."""
    version, ratio, first = signing.version, pool.ratio, pool.year.number == 1
    inputs: dict[str, Any] = {"factor": rate_text(pool.dept_factor)}
    if first:
        inputs["case"] = signing.case.name
    if ratio.q is not None:
        inputs["f"] = rate_text(factor_at(version.renewal_factors, ratio.q))
        inputs["growth_mode"] = version.growth_mode
    if first and signing.case.name in ("LATE_RENEWAL", "WIN_BACK"):
        inputs["late_factor"] = rate_text(version.late_factor)
    if version.year_decay:
        inputs["year_decay"] = rate_text(decay(version, signing.first_contract_on, pool.year.starts_on))
    if version.quota is not None and first:
        inputs["quota_factor"] = rate_text(quota_factor(version.quota, pool.base))
    return inputs


def row_step(result: Result, row: Row) -> Step:
    """What one payee gets of a contract year."""
    pool = result.years[row.contract_year - 1]
    ops = row.component == "OPS_SHARE"
    inputs = {
        "payee": row.payee,
        "component": row.component,
        "basis_points": row.basis_points,
        "pool": fen_text(pool.ops_pool if ops else pool.dept_pool_capped),
        "dept_fund_bps": result.version.dept_fund_bps,
        "before_cap": fen_text(row.before_cap),
    }
    if row.component in RULED and result.version.distribution == "POOL" and result.request.distributed:
        inputs["distribution"] = "POOL"
    if row.component in ("DEPT_FUND", "OVERLAY"):
        formula = _("round(pool x basis points / 10000)")
    else:
        formula = _("largest remainder of the pool, less the department fund")
    return _step("SPLIT", formula, inputs, fen_text(row.amount), row.contract_year)


def entry_step(entry: Entry) -> Step:
    """One posting: what is due now less what stood posted."""
    inputs: dict[str, Any] = {
        "payee": entry.payee,
        "component": entry.component,
        "kind": entry.kind,
        "posted": fen_text(entry.posted),
        "due": fen_text(entry.posted + entry.amount),
    }
    if entry.portions:
        inputs["slices"] = [_slice_inputs(portion) for portion in entry.portions]
        inputs["slices_in_all"] = entry.portion_count
    formula = _("due - posted; a slice is due (round(T x cum / G) - round(T x cum before / G)) x factor")
    return _step("POST", formula, inputs, fen_text(entry.amount), entry.contract_year, entry.source_event)


def _slice_inputs(portion: Portion) -> dict[str, Any]:
    part, row = portion.part, portion.row
    return {
        "receipt": part.source.id,
        "amount": fen_text(part.amount),
        "cum_before": fen_text(portion.before),
        "cum": fen_text(portion.before + part.amount),
        "g": fen_text(portion.due),
        "t": fen_text(row.before_cap),
        "t_capped": fen_text(row.amount),
        "days_late": part.days_late,
        "overdue_factor": rate_text(portion.factor),
        "held": fen_text(portion.held),
    }


def statement_step(statement: Statement) -> Step:
    """One month of one payee."""
    inputs = {
        "period": month_text(statement.period),
        "payee": statement.payee,
        "opening_carry": fen_text(statement.opening_carry),
        "by_kind": {kind: fen_text(amount) for kind, amount in statement.by_kind.items()},
        "closing_carry": fen_text(statement.closing_carry),
    }
    formula = _("payable = opening carry + entries - closing carry")
    return _step("STATEMENT", formula, inputs, fen_text(statement.payable))
