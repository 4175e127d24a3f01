from django.urls import path, register_converter

from commissions.views import entries, exports, mine, periods, review, statements, why


class PayeeKind:
    """Who is paid: a member or a department."""

    regex = "member|department"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class FileKind:
    """How a file is written."""

    regex = "xlsx|csv"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PayeeKind, "payee")
register_converter(FileKind, "file")

app_name = "commissions"
urlpatterns = [
    path("", mine.mine, name="mine"),
    path("to-come/", mine.to_come, name="to-come"),
    path("entries/", entries.entries, name="entries"),
    path("review/", review.review, name="review"),
    path("periods/", periods.listed, name="periods"),
    path("periods/<uuid:period_id>/", periods.one, name="period"),
    path("periods/<uuid:period_id>/rows/<slug:key>/", periods.rows, name="period-rows"),
    *(
        path(f"periods/<uuid:period_id>/{name}/", periods.act, {"name": name}, name=f"period-{name}")
        for name in periods.ACTS
    ),
    path("periods/<uuid:period_id>/payroll.<file:kind>", exports.payroll_file, name="payroll-file"),
    path("periods/<uuid:period_id>/asc340.<file:kind>", exports.costs_file, name="costs-file"),
    path("statements/<uuid:statement_id>/", statements.one, name="statement"),
    path("statements/<uuid:statement_id>/pdf/", statements.pdf, name="statement-pdf"),
    path("statements/<uuid:statement_id>/confirm/", statements.confirm, name="statement-confirm"),
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
