"""What a request says, judged: stages 2 and 3 of spec/what-if.md §6."""

from commissions.calculation.checks.contracts import contract_faults
from commissions.calculation.checks.events import event_faults
from commissions.calculation.checks.history import history_fault
from commissions.calculation.checks.plan import plan_faults, version_faults
from commissions.calculation.checks.shares import share_faults
from commissions.calculation.facts import Request
from commissions.calculation.faults import Refused
from commissions.calculation.history import last_known_day


def judge(request: Request) -> None:
    """Refused with all faults of meaning, else with the first fault of the contract's history."""
    as_of = request.as_of or last_known_day(request)
    day = as_of if request.contract is None else request.contract.signed_on
    ruling = request.plan.on(day)
    faults = [
        *plan_faults(request.plan),
        *version_faults(request.plan, day),
        *contract_faults(request, ruling),
        *share_faults(request),
        *event_faults(request, ruling),
    ]
    if faults:
        raise Refused(*faults)
    if ruling is not None:
        found = history_fault(request, ruling)
        if found is not None:
            raise Refused(found)
