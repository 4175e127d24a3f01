from django.urls import URLPattern, URLResolver

from crm.web.api import Routes
from lifecycle.api.followups import FollowUps
from lifecycle.api.neglect import NeglectPolicies, Neglects
from lifecycle.api.standing import Risks, Stages

routes = Routes()
routes.add("follow-ups", FollowUps)
routes.add("neglects", Neglects)
routes.add("neglect-policies", NeglectPolicies)
routes.add("risks", Risks)
routes.add("stages", Stages)

urlpatterns: list[URLPattern | URLResolver] = [*routes.urls]
