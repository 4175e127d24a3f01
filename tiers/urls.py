from django.urls import URLPattern, path

from tiers.views import decisions, history, movement, night, proposals, rules, strategies, value

app_name = "tiers"
urlpatterns: list[URLPattern] = [
    path("customers/<uuid:customer_id>/tiers/", history.history, name="history"),
    path("tiers/movement/", movement.movement, name="movement"),
    path("tiers/movement/customers/", movement.customers, name="movers"),
    path("customers/<uuid:customer_id>/tiers/decision/", decisions.new, name="decision-new"),
    path("tiers/night/", night.night, name="night"),
    path("tiers/night/<str:day>/", night.night, name="night-of"),
    path("tiers/decisions/", decisions.in_force, name="decisions"),
    path("tiers/decisions/<uuid:override_id>/end/", decisions.end, name="decision-end"),
    path("tiers/proposals/", proposals.listed, name="proposals"),
    path("tiers/proposals/<uuid:proposal_id>/", proposals.one, name="proposal"),
    path("tiers/proposals/<uuid:proposal_id>/approval/", proposals.approve, name="proposal-approve"),
    path("tiers/proposals/<uuid:proposal_id>/refusal/", proposals.refuse, name="proposal-refuse"),
    path("tiers/rules/", rules.versions, name="policies"),
    path("tiers/rules/new/", rules.new, name="policy-new"),
    path("tiers/rules/<uuid:policy_id>/withdrawal/", rules.withdraw, name="policy-withdraw"),
    path("tiers/strategies/", strategies.index, name="strategies"),
    path("tiers/strategies/new/", strategies.new, name="strategy-new"),
    path("tiers/strategies/<uuid:strategy_id>/change/", strategies.change, name="strategy-change"),
    path("tiers/strategies/<uuid:strategy_id>/end/", strategies.end, name="strategy-end"),
    path("customers/<uuid:customer_id>/strategy/", strategies.why, name="strategy-why"),
    path("tiers/value/", value.overview, name="value"),
    path("tiers/value/rules/", value.new_rules, name="value-rules"),
    path("customers/<uuid:customer_id>/value/", value.why, name="value-why"),
]
