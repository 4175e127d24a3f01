"""The order of proofs of a 撞单 (domain.md §2.2): what the records say for each side, and what follows.

Everything is seen as it stood when the dispute was opened, so that nothing done since then changes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q

from crm.accounts.models import Member
from crm.periods import add_months
from customers.models import (
    Contract,
    CreditSplit,
    Extension,
    Interaction,
    OwnershipCredit,
    OwnershipDispute,
    Payment,
    Registration,
)
from customers.models.dispute import Outcome, Proof, Side
from customers.pools import rules
from customers.pools.protection import Terms, protected_through, signed_through
from customers.pools.sea import home_of

CASH_MONTHS = 12
EFFECTIVE_DAYS = 7  # from a registration to its first effective follow-up
HALF = 5_000
SHARES = {Side.CLAIMANT: 10_000, Side.RESPONDENT: 0}

Fact = Mapping[str, Any]  # what a record says, as JSON takes it; `on` is its day


@dataclass(frozen=True)
class Weighed:
    """One kind of proof: what stands for each side, and for whom it speaks (None: for both or neither)."""

    kind: Proof
    claimant: Fact | None
    respondent: Fact | None
    favours: Side | None


@dataclass(frozen=True)
class Proposal:
    """What the order of proofs suggests, and the kind of proof that decides it; without one, halves."""

    outcome: Outcome
    claimant_basis_points: int
    by: Proof | None
    proofs: Sequence[Weighed]

    @property
    def told(self) -> dict[str, Any]:
        """As it is kept beside a ruling."""
        return {
            "outcome": self.outcome.value,
            "claimant_basis_points": self.claimant_basis_points,
            "by": self.by and self.by.value,
            "proofs": [
                {
                    "kind": one.kind.value,
                    "claimant": one.claimant,
                    "respondent": one.respondent,
                    "favours": one.favours and one.favours.value,
                }
                for one in self.proofs
            ],
        }


def propose(dispute: OwnershipDispute) -> Proposal:
    """The outcome that the records suggest: the first kind of proof that speaks for one side only decides."""
    terms = rules.all_in_force(dispute.opened_on)[home_of(dispute.customer)].terms
    factor = terms.factor(dispute.customer.standing.tier)
    proofs = [
        _contracts(dispute),
        _protection(dispute, terms),
        _registrations(dispute),
        _follow_ups(dispute, dispute.opened_on - timedelta(terms.contacted_days * factor)),
        _choice(dispute),
    ]
    decisive = next((one for one in proofs if one.favours), None)
    if decisive is None or decisive.favours is None:
        return Proposal(Outcome.SPLIT, HALF, None, proofs)
    side = decisive.favours
    return Proposal(Outcome(side.value), SHARES[side], decisive.kind, proofs)


def _contracts(dispute: OwnershipDispute) -> Weighed:
    """A contract in force that one signed or shares in, or cash for one in the last twelve months."""
    day = dispute.opened_on
    paid = Payment.objects.filter(
        contract=OuterRef("pk"),
        kind=Payment.Kind.RECEIPT,
        received_on__gte=add_months(day, -CASH_MONTHS),
        entered_on__lt=day,
    )
    known = Contract.objects.filter(customer=dispute.customer, entered_on__lt=day).filter(
        Q(ends_on__gt=day) & (Q(cancelled_on=None) | Q(cancelled_on__gt=day)) | Exists(paid)
    )
    found = [_contract_of(known, member) for member in (dispute.claimant, dispute.respondent)]
    return _weigh(Proof.CONTRACT, *found)


def _contract_of(known: Any, member: Member) -> Fact | None:
    shared = CreditSplit.objects.filter(contract=OuterRef("pk"), member=member)
    mine = known.filter(Q(signed_by=member) | Exists(shared)).order_by("-signed_on", "-id").first()
    return mine and {"on": str(mine.signed_on), "number": mine.number, "until": str(mine.ends_on)}


def _protection(dispute: OwnershipDispute, terms: Terms) -> Weighed:
    """Only whoever is responsible is protected: by contract, or by stage since his last follow-up."""
    day = dispute.opened_on
    credit = OwnershipCredit.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=day),
        customer=dispute.customer,
        role=OwnershipCredit.Role.MANAGER,
        member=dispute.respondent,
        valid_from__lte=day,
    ).first()
    if credit is None:
        return _weigh(Proof.PROTECTION, None, None)
    through, last = _protected(dispute, credit, terms)
    fact = {"on": str(last or credit.since), "until": str(through)}
    return Weighed(Proof.PROTECTION, None, fact, Side.RESPONDENT if through >= day else None)


def _protected(dispute: OwnershipDispute, credit: OwnershipCredit, terms: Terms) -> tuple[date, date | None]:
    touched = _touched(dispute, dispute.respondent, credit.since).aggregate(last=Max("on"))["last"]
    stage = "CONTACTED" if touched else "REGISTERED"
    tier, since = dispute.customer.standing.tier, credit.since
    granted = Extension.objects.filter(credit=credit, member=dispute.respondent, state="GRANTED")
    more = granted.filter(decided_on__lte=dispute.opened_on).exists()
    through = protected_through(stage, tier, touched or since, since, extended=more, terms=terms)
    signed = Contract.objects.filter(
        customer=dispute.customer, cancelled_on=None, entered_on__lt=dispute.opened_on
    ).aggregate(last=Max("ends_on"))["last"]
    return max(through, signed_through(signed, terms=terms)) if signed else through, touched


def _touched(dispute: OwnershipDispute, member: Member, since: date) -> Any:
    """The effective follow-ups of one person from a day until the dispute was opened."""
    rows = Interaction.objects.filter(customer=dispute.customer, member=member, is_effective=True)
    return rows.filter(on__gte=since, at__lte=dispute.opened_at).order_by("-at", "-id")


def _registrations(dispute: OwnershipDispute) -> Weighed:
    """Who developed the customer, with a first effective follow-up within seven days; the earlier one."""
    found = [_registration(dispute, member) for member in (dispute.claimant, dispute.respondent)]
    return _weigh(Proof.REGISTRATION, *found, earliest=True)


def _registration(dispute: OwnershipDispute, member: Member) -> Fact | None:
    """The day of one's first registration that took effect, else of what one developed without any."""
    registered = Registration.objects.filter(
        customer=dispute.customer,
        member=member,
        effective_at__lte=dispute.opened_at,
    )
    if first := registered.order_by("registered_at", "id").first():
        return {"on": str(first.registered_on)}
    credits = OwnershipCredit.objects.filter(
        customer=dispute.customer,
        role=OwnershipCredit.Role.DEVELOPER,
        member=member,
        valid_from__lte=dispute.opened_on,
    )
    for credit in credits.order_by("valid_from", "id"):
        within = credit.valid_from + timedelta(EFFECTIVE_DAYS)
        if _touched(dispute, member, credit.valid_from).filter(on__lte=within).exists():
            return {"on": str(credit.valid_from)}
    return None


def _follow_ups(dispute: OwnershipDispute, since: date) -> Weighed:
    found = [
        _touched(dispute, member, since).values_list("on", flat=True).first()
        for member in (dispute.claimant, dispute.respondent)
    ]
    facts = [{"on": str(day)} if day else None for day in found]
    return _weigh(Proof.FOLLOW_UP, *facts, latest=True)


def _choice(dispute: OwnershipDispute) -> Weighed:
    """What the customer wrote cannot stand in our records: whoever brings it forward has it."""
    found: dict[str, Fact] = {}
    for row in dispute.evidence.filter(kind=Proof.CHOICE).order_by("added_on", "id"):
        found.setdefault(row.side, {"on": str(row.dated_on or row.added_on)})
    return _weigh(Proof.CHOICE, found.get(Side.CLAIMANT), found.get(Side.RESPONDENT))


def _weigh(
    kind: Proof,
    claimant: Fact | None,
    respondent: Fact | None,
    *,
    earliest: bool = False,
    latest: bool = False,
) -> Weighed:
    """For whom two facts speak: the only one; of two the earlier or the later where that is the proof."""
    favours = None
    if claimant and respondent and (earliest or latest) and claimant["on"] != respondent["on"]:
        claimant_first = claimant["on"] < respondent["on"]
        favours = Side.CLAIMANT if claimant_first is earliest else Side.RESPONDENT
    elif bool(claimant) is not bool(respondent):
        favours = Side.CLAIMANT if claimant else Side.RESPONDENT
    return Weighed(kind, claimant, respondent, favours)
