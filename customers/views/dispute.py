"""One 撞单: both sides for who may see both, the proposal for the judge, and what the reader can do."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from crm.accounts.access import reach
from crm.accounts.rights import Right
from crm.periods import workdays_until
from crm.web.access import PageRequest, page
from crm.web.fragments import carry_out, done
from customers.disputes import cases, proofs, rulings
from customers.forms.boxes import DoorForm
from customers.forms.dispute import AnswerClaimForm, AppealForm, EvidenceForm, RulingForm, WithdrawalForm
from customers.models import DisputeEvidence, DisputeRuling, OwnershipDispute
from customers.models.dispute import Proof, Side
from customers.views.disputes import NAMES, crumbs
from customers.views.place import reached


class Act(NamedTuple):
    """What can be done to a dispute: the form, the verb on its words, and what is said then."""

    form: type[DoorForm]
    verb: Callable[..., Any]
    said: Any


ACTS: Mapping[str, Act] = {
    "bring": Act(EvidenceForm, cases.bring, gettext_lazy("Evidence added.")),
    "answer": Act(AnswerClaimForm, cases.answer, gettext_lazy("Answered.")),
    "rule": Act(RulingForm, rulings.rule, gettext_lazy("Ruled.")),
    "appeal": Act(AppealForm, rulings.appeal, gettext_lazy("Appealed.")),
    "withdraw": Act(WithdrawalForm, cases.withdraw, gettext_lazy("Withdrawn.")),
}


PROOF_COLUMNS = [
    {"key": "kind", "label": gettext_lazy("Kind of proof")},
    {"key": "claimant", "label": gettext_lazy("Claimant"), "classes": "w-xl"},
    {"key": "respondent", "label": gettext_lazy("Respondent"), "classes": "w-xl"},
    {"key": "favours", "label": gettext_lazy("Speaks for"), "classes": "w-l"},
]


@require_safe
@page(Right.DISPUTE_VIEW)
def one(request: PageRequest, dispute_id: UUID) -> HttpResponse:
    """One dispute, with the forms of what the reader can do in it today."""
    return _shown(request, _found(request, dispute_id), {})


@require_POST
@page(Right.DISPUTE_VIEW)
def act(request: PageRequest, dispute_id: UUID, name: str) -> HttpResponse:
    """Bring evidence, answer, rule, appeal or withdraw."""
    row = _found(request, dispute_id)
    if name not in cases.acts_of(row, request.viewer.id):
        raise PermissionDenied
    form = ACTS[name].form(request.POST, on=request.today)
    if carry_out(form, lambda data: ACTS[name].verb(row, **data, **request.act)) is None:
        return _shown(request, row, {name: form})
    return done(request, reverse("customers:dispute", args=[dispute_id]), str(ACTS[name].said))


def _found(request: PageRequest, dispute_id: UUID) -> OwnershipDispute:
    return reached(request, OwnershipDispute.objects.select_related(*NAMES), dispute_id)


def _shown(request: PageRequest, row: OwnershipDispute, sent: Mapping[str, DoorForm]) -> HttpResponse:
    viewer, today = request.viewer, request.today
    whole = OwnershipDispute.objects.filter(OwnershipDispute.whole(viewer), pk=row.pk).exists()
    open_ = cases.open_acts(row, viewer.id, today)
    proposal = proofs.propose(row) if whole and row.is_pending else None
    initial = {"outcome": proposal.outcome} if proposal else {}
    forms = {name: ACTS[name].form(on=today, initial=initial if name == "rule" else None) for name in open_}
    context = {
        "row": row,
        "whole": whole,
        "near": whole and row.customer in reach(viewer, type(row.customer)._default_manager.all()),
        "late": row.is_late(today),
        "left": workdays_until(row.due_on, today) if row.is_pending else None,
        "on": today,
        "sides": _sides(request, row, whole),
        "proposal": proposal,
        "proofs": _told(proposal) if proposal else [],
        "proof_columns": PROOF_COLUMNS,
        "rulings": DisputeRuling.objects.filter(dispute=row).select_related("by"),
        "forms": forms | dict(sent),
        "crumbs": crumbs(),
    }
    status = next((getattr(form, "status", 200) for form in sent.values()), 200)
    return render(request, "customers/dispute.html", context, status=status)


def _sides(request: PageRequest, row: OwnershipDispute, whole: bool) -> list[dict[str, Any]]:
    """The sides with what they say and bring; the respondent's is concealed beyond the reader's reach."""
    brought = reach(request.viewer, DisputeEvidence.objects.filter(dispute=row))
    evidence: dict[str, list[DisputeEvidence]] = {Side.CLAIMANT: [], Side.RESPONDENT: []}
    for each in brought:
        evidence[each.side].append(each)
    claims = (row.claimant.name, row.claimant_dept.name, row.statement, row.opened_on, True)
    against = (row.respondent.name, row.respondent_dept.name, row.answer, row.answered_on, whole)
    names = ("name", "department", "words", "on", "shown")
    return [
        {"side": side.label, "evidence": evidence[side], **dict(zip(names, told, strict=True))}
        for side, told in ((Side.CLAIMANT, claims), (Side.RESPONDENT, against))
    ]


def _told(proposal: proofs.Proposal) -> list[dict[str, Any]]:
    """The kinds of proof in their order, each with what stands for either side."""
    return [
        {
            "place": Proof.values.index(one.kind.value) + 1,
            "kind": one.kind.label,
            "claimant": _dated(one.claimant),
            "respondent": _dated(one.respondent),
            "favours": one.favours and one.favours.label,
            "decides": one.kind is proposal.by,
        }
        for one in proposal.proofs
    ]


def _dated(fact: proofs.Fact | None) -> dict[str, Any] | None:
    if fact is None:
        return None
    return {name: value if name == "number" else date.fromisoformat(value) for name, value in fact.items()}
