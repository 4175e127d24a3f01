from django.urls import URLPattern, path

from tiers.views import history, movement, rules, value

app_name = "tiers"
urlpatterns: list[URLPattern] = [
    path("customers/<uuid:customer_id>/tiers/", history.history, name="history"),
    path("tiers/movement/", movement.movement, name="movement"),
    path("tiers/movement/customers/", movement.customers, name="movers"),
    path("tiers/rules/", rules.versions, name="policies"),
    path("tiers/rules/new/", rules.new, name="policy-new"),
    path("tiers/rules/<uuid:policy_id>/withdrawal/", rules.withdraw, name="policy-withdraw"),
    path("tiers/value/", value.overview, name="value"),
    path("tiers/value/rules/", value.new_rules, name="value-rules"),
    path("customers/<uuid:customer_id>/value/", value.why, name="value-why"),
]
