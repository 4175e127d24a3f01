from django.urls import URLPattern, URLResolver

from crm.web.api import Routes
from lifecycle.api.followups import FollowUps
from lifecycle.api.standing import Risks, Stages

routes = Routes()
routes.add("follow-ups", FollowUps)
routes.add("risks", Risks)
routes.add("stages", Stages)

urlpatterns: list[URLPattern | URLResolver] = [*routes.urls]
