"""The split of a contract and the pool of its department in the timeline: who is asked, who has what."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.dashboards.entries import Kind
from crm.dashboards.told_ownership import arrow
from crm.web.templatetags.amounts import rate


def _asked(data: Mapping[str, Any], viewer: Viewer) -> str:
    return f"{data['number']} · {_names(data['asked'])}"


def _confirmed(data: Mapping[str, Any], viewer: Viewer) -> str:
    """For which departments, and whose word is still awaited."""
    left = _("still to confirm: %(names)s") % {"names": _names(data["asked"])} if data["asked"] else ""
    return " · ".join(filter(None, [data["number"], _names(data["departments"]), left]))


def _refused(data: Mapping[str, Any], viewer: Viewer) -> str:
    return " · ".join([data["number"], _names(data["departments"]), data["reason"]])


def _changed(data: Mapping[str, Any], viewer: Viewer) -> str:
    return " · ".join([data["number"], *_shares(data)])


def _distributed(data: Mapping[str, Any], viewer: Viewer) -> str:
    """Which department's pool, and who has which part."""
    return " · ".join([data["number"], data["department"], *_shares(data)])


def _escalated(data: Mapping[str, Any], viewer: Viewer) -> str:
    return " · ".join([data["number"], arrow(data["from"], data["to"])])


def _shares(data: Mapping[str, Any]) -> list[str]:
    return [f"{each['payee']} {rate(Decimal(each['basis_points']) / 10_000)}" for each in data["shares"]]


def _names(names: list[str]) -> str:
    return _(", ").join(names)


KINDS = {
    "credit_split.asked": Kind(
        "contract", "users", gettext_lazy("Split to be confirmed"), _asked, "amber", Right.CONTRACT_VIEW
    ),
    "credit_split.confirmed": Kind(
        "contract", "users", gettext_lazy("Split confirmed"), _confirmed, "green", Right.CONTRACT_VIEW
    ),
    "credit_split.refused": Kind(
        "contract", "users", gettext_lazy("Split refused"), _refused, "red", Right.CONTRACT_VIEW
    ),
    "credit_split.changed": Kind(
        "contract", "users", gettext_lazy("Divided anew"), _changed, "", Right.CONTRACT_VIEW
    ),
    "commission_pool.distributed": Kind(
        "contract",
        "users-group",
        gettext_lazy("Department pool distributed"),
        _distributed,
        "green",
        Right.COMMISSION_REVIEW,
    ),
    "commission_pool.escalated": Kind(
        "contract",
        "users-group",
        gettext_lazy("Department pool late, handed on"),
        _escalated,
        "red",
        Right.COMMISSION_REVIEW,
    ),
}
