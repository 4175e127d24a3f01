from django.urls import URLPattern, path

from tiers.views import rules

app_name = "tiers"
urlpatterns: list[URLPattern] = [
    path("tiers/rules/", rules.versions, name="policies"),
    path("tiers/rules/new/", rules.new, name="policy-new"),
    path("tiers/rules/<uuid:policy_id>/withdrawal/", rules.withdraw, name="policy-withdraw"),
]
