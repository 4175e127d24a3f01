"""What a contract pays, to whom, when and why: one pure function (spec/what-if.md). No Django in here.

`answer` takes and gives JSON; `calculate` takes and gives the typed facts, for callers that have rows;
`trace_of` reads the trace off a result.
"""

from commissions.calculation.answer import answer, response
from commissions.calculation.calculate import calculate
from commissions.calculation.trace import trace_of

__all__ = ["answer", "calculate", "response", "trace_of"]
