from django.urls import URLPattern, URLResolver, path

from crm.accounts.api.company import Company, Departments, Roles
from crm.accounts.api.events import Events
from crm.accounts.api.me import Me
from crm.accounts.api.people import Members
from crm.web.api import Routes

routes = Routes()
routes.add("departments", Departments)
routes.add("members", Members)
routes.add("events", Events)

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/", Me.as_view(), name="me"),
    path("tenant/", Company.as_view(), name="tenant"),
    path("roles/", Roles.as_view(), name="roles"),
    *routes.urls,
]
