from django.urls import URLPattern, URLResolver

from crm.integrations.api.keys import ApiKeys
from crm.web.api import Routes

routes = Routes()
routes.add("api-keys", ApiKeys)

urlpatterns: list[URLPattern | URLResolver] = [*routes.urls]
