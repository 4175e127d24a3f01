"""The stored judgement of a customer's tier in words, for the "why?" beside it."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm.accounts.access import Viewer, reach
from crm.accounts.rights import Right
from crm.web.templatetags.amounts import money
from crm.web.templatetags.days import day, last_day
from crm.web.why import Link, Row, Why
from customers.models import Contract, Customer
from tiers import grading
from tiers.models import Grade, TierBand


def tier(customer: Customer, viewer: Viewer) -> Why | None:
    """Why the customer has its tier, as it was judged last; None while it was never judged.

    Amounts, bounds and contracts are left out for a viewer who may not see amounts.
    """
    grade = grading.explain(customer)
    if grade is None:
        return None
    seen = viewer.may(Right.SEE_AMOUNT)
    names = {band.tier: str(band) for band in grade.policy.bands.all()}
    return Why(
        title=_("Why %(tier)s?") % {"tier": names.get(grade.tier, grade.tier)},
        sentence=_sentence(grade, names),
        head=(
            _("Contract"),
            pgettext("contract counts", "from"),
            pgettext("contract counts", "to"),
            _("a year"),
        )
        if seen
        else (),
        rows=_contracts(grade, viewer) if seen else (),
        formula=_formula(grade) if seen else "",
        result=Row(_("Annual amount"), ("", "", _money(grade.annual_amount, grade))) if seen else None,
        rule=_("Tier rules: %(basis)s, %(scope)s")
        % {
            "basis": grade.policy.get_class_basis_display(),
            "scope": grade.policy.get_class_scope_display(),
        },
        version=grade.policy.code,
        valid_from=grade.policy.valid_from,
        computed_at=grade.at,
        links=(Link(_("History"), reverse("tiers:history", args=[customer.pk])),),
    )


def _sentence(grade: Grade, names: dict[str, str]) -> str:
    words = {"tier": names.get(grade.tier, grade.tier), "computed": names[grade.computed_tier]}
    if decision := grade.inputs["decision"]:
        until = decision["until"]
        words |= {"reason": decision["reason"], "until": until and last_day(date.fromisoformat(until))}
        if until:
            return _("%(tier)s by decision until %(until)s: %(reason)s") % words
        return _("%(tier)s by decision: %(reason)s") % words
    if grade.below_since:
        grace = grade.policy.downgrade_grace_days
        words |= {"since": day(grade.below_since), "on": day(grade.below_since + timedelta(days=grace))}
        return _("By amount %(computed)s since %(since)s; %(tier)s is kept until %(on)s.") % words
    return _("%(tier)s by the annual amount on %(on)s.") % (words | {"on": day(grade.on)})


def _contracts(grade: Grade, viewer: Viewer) -> tuple[Row, ...]:
    rows = sorted(grade.inputs["contracts"], key=lambda row: (row["since"], row["until"]))
    named = reach(viewer, Contract.objects.all())  # a group's other contracts may be out of reach
    known = named.in_bulk([row["contract"] for row in rows])
    numbers = {str(key): contract.number for key, contract in known.items()}
    near = tuple(
        _contract(row, numbers[row["contract"]], grade) for row in rows if row["contract"] in numbers
    )
    far = [row for row in rows if row["contract"] not in numbers]
    return (*near, _others(far, grade)) if far else near


def _others(far: Sequence[dict[str, str]], grade: Grade) -> Row:
    """One line for what is out of the reader's reach, so that the sum is right and no contract is told."""
    counts = [row for row in far if date.fromisoformat(row["until"]) > grade.on]
    amount = sum((Decimal(row["amount"]) for row in counts), Decimal("0.00"))
    words = ngettext("%(n)d contract out of your reach", "%(n)d contracts out of your reach", len(far))
    return Row(words % {"n": len(far)}, ("", "", _money(amount, grade)), idle=not counts)


def _contract(row: dict[str, str], number: str, grade: Grade) -> Row:
    since, until = date.fromisoformat(row["since"]), date.fromisoformat(row["until"])
    cells = (day(since), last_day(until), _money(Decimal(row["amount"]), grade))
    return Row(number, cells, idle=until <= grade.on)


def _formula(grade: Grade) -> str:
    amount = Decimal(grade.inputs["highest"])
    band = _band(grade, amount)
    words = {
        "amount": _money(amount, grade),
        "lower": _money(band.lower, grade),
        "upper": _money(band.upper, grade) if band.upper is not None else "∞",
        "tier": str(band),
        "days": grade.policy.downgrade_grace_days,
    }
    if grade.below_since:
        text = _("highest amount of the last %(days)s days: %(amount)s in [%(lower)s, %(upper)s) = %(tier)s")
        return text % words
    return _("%(amount)s in [%(lower)s, %(upper)s) = %(tier)s") % words


def _band(grade: Grade, amount: Decimal) -> TierBand:
    return max((band for band in grade.policy.bands.all() if band.lower <= amount), key=lambda b: b.rank)


def _money(amount: Decimal, grade: Grade) -> str:
    return money(amount, grade.policy.currency)
