from django.urls import URLPattern, URLResolver

from crm.web.api import Routes
from tiers.api.decisions import TierOverrides, TierProposals
from tiers.api.grades import Grades
from tiers.api.policies import TierPolicies
from tiers.api.reviews import ReviewLines, Reviews
from tiers.api.rfm import RfmPolicies, RfmScores
from tiers.api.strategies import Strategies

routes = Routes()
routes.add("grades", Grades)
routes.add("tier-overrides", TierOverrides)
routes.add("tier-proposals", TierProposals)
routes.add("reviews", Reviews)
routes.add("review-lines", ReviewLines)
routes.add("tier-policies", TierPolicies)
routes.add("rfm-scores", RfmScores)
routes.add("rfm-policies", RfmPolicies)
routes.add("strategies", Strategies)

urlpatterns: list[URLPattern | URLResolver] = [*routes.urls]
