from django.urls import path, register_converter

from commissions.views import entries, mine, review, why


class PayeeKind:
    """Who is paid: a member or a department."""

    regex = "member|department"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PayeeKind, "payee")

app_name = "commissions"
urlpatterns = [
    path("", mine.mine, name="mine"),
    path("to-come/", mine.to_come, name="to-come"),
    path("entries/", entries.entries, name="entries"),
    path("review/", review.review, name="review"),
    path("<payee:kind>/<uuid:payee_id>/", mine.of_payee, name="payee-statement"),
    path("<payee:kind>/<uuid:payee_id>/to-come/", mine.payee_to_come, name="payee-to-come"),
    path(
        "<payee:kind>/<uuid:payee_id>/contracts/<uuid:contract_id>/why/",
        why.payee_contract_why,
        name="payee-contract-why",
    ),
    path("contracts/<uuid:contract_id>/why/", why.contract_why, name="contract-why"),
    path("entries/<uuid:entry_id>/why/", why.entry_why, name="entry-why"),
    path("entitlements/<uuid:entitlement_id>/why/", why.entitlement_why, name="entitlement-why"),
]
