from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django.db.models import Q
from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commissions import plans
from commissions.api.plans import reads_plans
from commissions.calculation.answer import answer
from commissions.models import PlanVersion
from commissions.payees import of_department
from crm.accounts.access import reach
from crm.accounts.models import Department
from crm.refusal import Fault, Refused
from crm.web.api import ApiView, Input

CURRENT = "CURRENT"


class WhatIfRequest(Input):
    """What would a contract pay? Amounts and rates are text, as everywhere."""

    id = serializers.CharField(required=False, help_text="comes back in the answer")
    plan = serializers.JSONField(
        required=False, help_text="settings, or the code of a stored plan; CURRENT is the one that pays"
    )
    as_of = serializers.DateField(required=False)
    customer = serializers.DictField(required=False, help_text="its other contracts, class_override")
    contract = serializers.DictField(
        required=False, help_text="number, gross, vat_rate, signed_on, starts_on, ends_on, receivables, …"
    )
    previous = serializers.DictField(required=False, help_text="the contract that may be renewed")
    splits = serializers.ListField(required=False, help_text="payee and basis_points, 10,000 in all")
    ops_splits = serializers.ListField(required=False)
    overlays = serializers.ListField(required=False)
    events = serializers.ListField(required=False, help_text="CASH_RECEIVED, REFUNDED, EXPENSE_BOOKED, …")
    periods = serializers.ListField(required=False)
    openings = serializers.ListField(required=False)
    class_dates = serializers.ListField(required=False)


class WhatIfAnswer(Input):
    """Class, case, pools, payees, ledger and the trace of every step; other fields are not listed here."""

    plan_version = serializers.CharField()
    as_of = serializers.DateField()
    currency = serializers.CharField()
    years = serializers.ListField()
    payees = serializers.ListField()
    ledger = serializers.ListField()
    trace = serializers.ListField()


class WhatIf(ApiView):
    """What would this pay, to whom, when, and why? Works it out from the request alone and writes nothing."""

    resource, area = "what-if", "commissions"
    rights = {"write": None}  # whose plan it is may be asked by its code only by those who read plans
    bodies = {"post": WhatIfRequest}
    answers = {"post": WhatIfAnswer}

    def kind(self) -> str:
        return "read"

    def post(self, request: Request) -> Response:
        """Work out what a contract would pay."""
        found = answer(request.data, stored_plan=self._stored, translate=gettext)
        if "errors" in found:
            raise Refused(*(Fault(e["field"], e["code"], e["message"]) for e in found["errors"]))
        return Response(found)

    def _stored(self, code: str) -> Mapping[str, Any] | None:
        if not reads_plans(self.viewer):
            return None
        plan = self._paying() if code == CURRENT else Q(plan__code=code)
        known = reach(self.viewer, PlanVersion.objects.filter(plan, state=PlanVersion.State.APPROVED))
        versions = [plans.as_settings(row) for row in known.order_by("valid_from")]
        return {"versions": versions} if versions else None

    def _paying(self) -> Q:
        """The plan by which accrual would pay the contract: that of its department on the day of signing.

        The department is said by its code or, as payees are, by d:<id>; an unknown one has none of its own.
        """
        contract = cast(dict[str, Any], self.request.data).get("contract")
        said = contract if isinstance(contract, dict) else {}
        name, day = str(said.get("responsible_dept", "")), str(said.get("signed_on", ""))
        found = Department.objects.filter(code=name).first() if name else None
        if name.startswith("d:"):
            found = next((row for row in Department.objects.all() if of_department(row.pk) == name), None)
        try:
            on = date.fromisoformat(day)
        except ValueError:
            on = self.today
        return Q(plan=plans.Book().of(found.pk if found else None, on).id)
