import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import Department, Member
from crm.accounts.rights import Role
from crm.events.models import Event
from crm.web.filters import Choices, DepartmentTree, Filters, Related


class RoleFilter(Choices):
    """People who hold any of the roles."""

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        return qs.filter(roles__overlap=value) if value else qs


class MemberFilters(Filters):
    department = DepartmentTree("department", label=_("Department"))
    role = RoleFilter(choices=Role.choices, label=_("Role"))
    search = django_filters.CharFilter(method="found", label=_("Name, staff number or e-mail"), max_length=80)

    class Meta:
        model = Member
        fields = {"status": ["exact"], "updated_at": ["gte", "lt"]}

    def found(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(
            Q(name__icontains=value) | Q(code__istartswith=value) | Q(email__istartswith=value)
        )


class DepartmentFilters(Filters):
    parent = Related("parent", to=Department, label=_("Belongs to"))
    below = DepartmentTree("pk", label=_("It and all below it"))

    class Meta:
        model = Department
        fields = {"kind": ["exact"], "is_active": ["exact"], "updated_at": ["gte", "lt"]}


class EventFilters(Filters):
    class Meta:
        model = Event
        fields = {
            "name": ["exact", "startswith"],
            "actor_id": ["exact"],
            "subject_id": ["exact"],
            "customer_id": ["exact"],
            "on": ["exact", "gte", "lt"],
            "at": ["gte", "lt"],
        }
