from django.urls import URLPattern, URLResolver, path

from crm.integrations.api.imports import ImportErrorFile, ImportErrors, Imports
from crm.integrations.api.keys import ApiKeys
from crm.web.api import Routes

routes = Routes()
routes.add("api-keys", ApiKeys)
routes.add("imports", Imports)

urlpatterns: list[URLPattern | URLResolver] = [
    *routes.urls,
    path(
        "imports/<uuid:import_id>/errors/",
        ImportErrors.as_view({"get": "list"}, basename="imports"),
        name="import-errors",
    ),
    path("imports/<uuid:import_id>/error-file/", ImportErrorFile.as_view(), name="import-error-file"),
]
