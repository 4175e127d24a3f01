"""The one policy of rows and fields (domain.md §5): what a member may do, see, and reach.

Asked by lists, details, search, filters, sorting, exports, timeline, dashboards, API and jobs alike.
Rights are read once a request, so a demotion works at once.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from crm.accounts.models import Department, Member
from crm.accounts.rights import Band, Right, Role, Scope
from crm.accounts.roles import GRANTS, LOST_ON_LEAVING


@dataclass(frozen=True)
class Viewer:
    """A member as the one who looks: the union of what his roles give."""

    member: Member
    rights: frozenset[Right]
    customers: Scope
    commission: Scope
    live_customers: bool
    band: Band = Band.NONE

    @property
    def id(self) -> UUID:
        return self.member.id

    @property
    def name(self) -> str:
        return self.member.name

    @property
    def department_id(self) -> UUID:
        return self.member.department_id

    def may(self, right: Right) -> bool:
        return right in self.rights


def viewer_of(member: Member) -> Viewer:
    """The union of the grants of a member's roles.

    A member who is leaving may neither move customers nor carry data out; one who has left may nothing.
    """
    grants = [GRANTS[Role(role)] for role in member.roles if member.status != Member.Status.LEFT]
    lost = LOST_ON_LEAVING if member.status == Member.Status.LEAVING else frozenset()
    return Viewer(
        member=member,
        rights=frozenset().union(*(g.rights for g in grants)) - lost,
        customers=max((g.customers for g in grants), default=Scope.NONE),
        commission=max((g.commission for g in grants), default=Scope.NONE),
        live_customers=any(g.live_customers for g in grants),
        band=max((g.band for g in grants), default=Band.NONE),
    )


def may(viewer: Viewer | None, right: Right) -> bool:
    """Whether the viewer holds the right; nobody holds none."""
    return viewer is not None and right in viewer.rights


def reach(viewer: Viewer, rows: QuerySet) -> QuerySet:
    """The rows of the queryset that the viewer may see; what is out of reach does not exist for him.

    Every model behind row scope says by its class method `reach(viewer)` which rows those are.
    """
    model: Any = rows.model
    within = model.reach(viewer)
    return rows if within is EVERYTHING else rows.filter(within)


def changeable(viewer: Viewer, rows: QuerySet) -> QuerySet:
    """Of the rows that the viewer sees, those he may change: not what somebody only lets him read."""
    model: Any = rows.model
    return rows.filter(getattr(model, "writes", model.reach)(viewer))


def governed(viewer: Viewer, rows: QuerySet) -> QuerySet:
    """Of the rows that the viewer sees, those whose keeper he may decide on: not what he helps with."""
    model: Any = rows.model
    return rows.filter(getattr(model, "governs", model.reach)(viewer))


NOTHING = Q(pk__in=[])
EVERYTHING = ~NOTHING  # not Q(): an empty one would vanish beside "| own rows"


def scoped(scope: Scope, viewer: Viewer, *, own: Q, department: str) -> Q:
    """Rows within a scope: `own` tells the viewer's own, `department` names the column of the owning unit."""
    if scope is Scope.TENANT:
        return EVERYTHING
    if scope is Scope.DEPT_TREE:
        return own | Q(**{f"{department}__in": subtree(viewer.department_id)})
    if scope is Scope.DEPT:
        return own | Q(**{department: viewer.department_id})
    return own if scope is Scope.SELF else NOTHING


def subtree(department_id: UUID) -> Any:
    """Ids of a department and all below it, as a subquery."""
    return Department.objects.filter(ancestors__contains=[department_id]).values("id")
