"""Filters of the lists about who manages whom."""

from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Department
from crm.web.filters import Day, DepartmentTree, Filters
from customers.models import Arrangement, AssignmentPolicy


class AssignmentPolicyFilters(Filters):
    """Versions of the decision table by their name and the day they hold from."""

    valid_from__gte = Day("valid_from", "gte", label=_("from"))
    valid_from__lte = Day("valid_from", "lte", label=_("from"))

    class Meta:
        model = AssignmentPolicy
        fields = ["code"]


class RemitFilters(Filters):
    """Departments by code, and by whether they are for key accounts."""

    class Meta:
        model = Department
        fields = ["code", "is_key_account"]


class ArrangementFilters(Filters):
    """Arrangements of the company by customer and department."""

    department = DepartmentTree("department", label=_("Department"))

    class Meta:
        model = Arrangement
        fields = ["customer"]
