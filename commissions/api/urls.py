from django.urls import URLPattern, URLResolver, path

from commissions.api.adjustments import Adjustments
from commissions.api.commencements import Commencements
from commissions.api.disputes import Attachments, DisputePolicies, LineDisputes
from commissions.api.entries import Entries
from commissions.api.periods import Periods
from commissions.api.plans import PlanAssignments, Plans, PlanVersions
from commissions.api.pools import PoolDistributions
from commissions.api.statements import Statements
from commissions.api.whatif import WhatIf
from crm.web.api import Routes

routes = Routes()
routes.add("entries", Entries)
routes.add("periods", Periods)
routes.add("commencements", Commencements)
routes.add("statements", Statements)
routes.add("pool-distributions", PoolDistributions)
routes.add("disputes", LineDisputes)
routes.add("dispute-policies", DisputePolicies)
routes.add("adjustments", Adjustments)
routes.add("attachments", Attachments)
routes.add("plans", Plans)
routes.add("plan-versions", PlanVersions)
routes.add("plan-assignments", PlanAssignments)

urlpatterns: list[URLPattern | URLResolver] = [
    path("what-if/", WhatIf.as_view(), name="what-if"),
    *routes.urls,
]
