from django.urls import URLPattern, URLResolver

from crm.web.api import Routes
from tiers.api.grades import Grades
from tiers.api.policies import TierPolicies

routes = Routes()
routes.add("grades", Grades)
routes.add("tier-policies", TierPolicies)

urlpatterns: list[URLPattern | URLResolver] = [*routes.urls]
