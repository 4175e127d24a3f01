"""Every address: pages by app, the API under one root. Each view wears crm.web.access.page or an API key."""

from django.urls import URLPattern, URLResolver, include, path

from crm.integrations import health
from crm.web import docs

handler400 = "crm.web.errors.bad_request"
handler403 = "crm.web.errors.forbidden"
handler404 = "crm.web.errors.not_found"
handler500 = "crm.web.errors.server_error"

api: list[URLPattern | URLResolver] = [
    path("schema/", docs.schema, name="schema"),
    path("docs/", docs.docs, name="docs"),
    path("", include("crm.accounts.api.urls")),
    path("", include("crm.integrations.api.urls")),
    path("", include("customers.api.urls")),
    path("", include("tiers.api.urls")),
    path("", include("commissions.api.urls")),
    path("", include("lifecycle.api.urls")),
    path("", include("crm.nightly.api.urls")),
    path("", include("crm.dashboards.api.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include((api, "api"))),  # first: a program asks more often than a person
    path("", include("crm.dashboards.urls")),
    path("", include("customers.urls")),
    path("", include("tiers.urls")),
    path("commission/", include("commissions.urls")),
    path("", include("lifecycle.urls")),
    path("imports/", include("crm.integrations.urls")),
    path("night/", include("crm.nightly.urls")),
    path("", include("crm.accounts.urls")),
    path("account/", include("allauth.urls")),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
