from django.urls import URLPattern, URLResolver

from crm.nightly.api.nights import Nights
from crm.web.api import Routes

routes = Routes()
routes.add("nights", Nights)

urlpatterns: list[URLPattern | URLResolver] = [*routes.urls]
