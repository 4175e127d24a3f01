from django.urls import path, register_converter

from commissions.views import (
    adjustments,
    behind,
    commencing,
    contract,
    disputerules,
    entries,
    exports,
    linedisputes,
    lint,
    mine,
    periods,
    plans,
    pools,
    replays,
    review,
    statements,
    versions,
    why,
)


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
    path("pools/", pools.listed, name="pools"),
    path("pools/<uuid:pool_id>/", pools.one, name="pool"),
    path("pools/<uuid:pool_id>/distribution/", pools.distribute, name="pool-distribute"),
    path("review/", review.review, name="review"),
    path("periods/", periods.listed, name="periods"),
    path("commencement/", commencing.commencement, name="commencement"),
    path("commencement/<uuid:row_id>/approval/", commencing.approve, name="commencement-approve"),
    path("commencement/<uuid:row_id>/withdrawal/", commencing.withdraw, name="commencement-withdraw"),
    path("periods/<uuid:period_id>/", periods.one, name="period"),
    path("periods/<uuid:period_id>/rows/<slug:key>/", behind.rows, name="period-rows"),
    *(
        path(f"periods/<uuid:period_id>/{name}/", periods.act, {"name": name}, name=f"period-{name}")
        for name in periods.ACTS
    ),
    path("periods/<uuid:period_id>/payroll.<file:kind>", exports.payroll_file, name="payroll-file"),
    path("periods/<uuid:period_id>/asc340.<file:kind>", exports.costs_file, name="costs-file"),
    path("statements/<uuid:statement_id>/", statements.one, name="statement"),
    path("statements/<uuid:statement_id>/pdf/", statements.pdf, name="statement-pdf"),
    path("statements/<uuid:statement_id>/confirm/", statements.confirm, name="statement-confirm"),
    path("entries/<uuid:entry_id>/dispute/", linedisputes.new, name="dispute-new"),
    path("disputes/", linedisputes.listed, name="disputes"),
    path("disputes/rules/", disputerules.shown, name="dispute-rules"),
    path("disputes/<uuid:dispute_id>/", linedisputes.one, name="dispute"),
    *(
        path(f"disputes/<uuid:dispute_id>/{name}/", linedisputes.act, {"name": name}, name=f"dispute-{name}")
        for name in linedisputes.ACTS
    ),
    path("adjustments/", adjustments.listed, name="adjustments"),
    path("adjustments/new/", adjustments.new, name="adjustment-new"),
    path("adjustments/payees/", adjustments.payees, name="adjustment-payees"),
    path("adjustments/<uuid:adjustment_id>/", adjustments.one, name="adjustment"),
    *(
        path(
            f"adjustments/<uuid:adjustment_id>/{name}/",
            adjustments.act,
            {"name": name},
            name=f"adjustment-{name}",
        )
        for name in adjustments.ACTS
    ),
    path("attachments/<uuid:attachment_id>/", adjustments.attachment, name="attachment"),
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plans.new, name="plan-new"),
    path("plans/<uuid:plan_id>/", plans.plan, name="plan"),
    path("plans/<uuid:plan_id>/draft/", plans.draft, name="plan-draft"),
    path("plans/<uuid:plan_id>/assignment/", plans.assign, name="plan-assign"),
    path("plans/assignments/<uuid:assignment_id>/end/", plans.assignment_end, name="assignment-end"),
    path("plans/versions/<uuid:version_id>/", versions.version, name="plan-version"),
    path("plans/versions/<uuid:version_id>/edit/", versions.edit, name="plan-version-edit"),
    path("plans/versions/<uuid:version_id>/examples/", versions.worked, name="plan-version-examples"),
    path("plans/versions/<uuid:version_id>/lint/", lint.lint, name="plan-version-lint"),
    path("plans/versions/<uuid:version_id>/protection/", lint.protect, name="plan-version-protect"),
    path("plans/versions/<uuid:version_id>/replay/", replays.new, name="replay-new"),
    path("plans/replays/<uuid:replay_id>/", replays.one, name="replay"),
    path("plans/replays/<uuid:replay_id>/contracts/", replays.contracts, name="replay-contracts"),
    path(
        "plans/replays/<uuid:replay_id>/contracts/<uuid:contract_id>/",
        replays.contract,
        name="replay-contract",
    ),
    path("plans/versions/<uuid:version_id>/submission/", versions.submit, name="plan-version-submit"),
    path("plans/versions/<uuid:version_id>/recall/", versions.recall, name="plan-version-recall"),
    path("plans/versions/<uuid:version_id>/approval/", versions.approve, name="plan-version-approve"),
    path("plans/versions/<uuid:version_id>/refusal/", versions.refuse, name="plan-version-refuse"),
    path("plans/versions/<uuid:version_id>/withdrawal/", versions.withdraw, name="plan-version-withdraw"),
    path("plans/versions/<uuid:version_id>/discard/", versions.discard, name="plan-version-discard"),
    path("<payee:kind>/<uuid:payee_id>/", mine.of_payee, name="payee-statement"),
    path("<payee:kind>/<uuid:payee_id>/to-come/", mine.payee_to_come, name="payee-to-come"),
    path(
        "<payee:kind>/<uuid:payee_id>/contracts/<uuid:contract_id>/why/",
        why.payee_contract_why,
        name="payee-contract-why",
    ),
    path("contracts/<uuid:contract_id>/pays/", contract.pays, name="contract-pays"),
    path("contracts/<uuid:contract_id>/releases/", contract.releases, name="contract-releases"),
    path("contracts/<uuid:contract_id>/why/", why.contract_why, name="contract-why"),
    path("entries/<uuid:entry_id>/why/", why.entry_why, name="entry-why"),
    path("entitlements/<uuid:entitlement_id>/why/", why.entitlement_why, name="entitlement-why"),
]
