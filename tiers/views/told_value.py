"""The stored judgement of a customer's value in words, for the "why?" beside it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm.accounts.access import Viewer
from crm.accounts.rights import Right
from crm.web.templatetags.amounts import money
from crm.web.templatetags.days import day
from crm.web.why import Row, Why
from customers.models import Customer
from tiers import rfm
from tiers.models import RfmScore


def value(customer: Customer, viewer: Viewer, currency: str) -> Why | None:
    """Why the customer has its value, as it was judged last; None for one that has none.

    The cash of M is left out for a viewer who may not see amounts.
    """
    score = rfm.explain(customer)
    if score is None or score.value is None:
        return None
    return Why(
        title=_("Why %(value)s, %(segment)s?")
        % {"value": score.value, "segment": score.get_segment_display()},
        sentence=_sentence(score),
        head=(_("Letter"), _("What counts"), pgettext("customer value", "Score"), _("Mean")),
        rows=_rows(score, viewer, currency),
        formula=_formula(score),
        result=Row(_("Customer value"), ("", str(score.value), "")),
        rule=_("Customer value by R, F and M"),
        version=score.policy.code,
        valid_from=score.policy.valid_from,
        computed_at=score.at,
    )


def _sentence(score: RfmScore) -> str:
    number = score.inputs["customers"]
    if score.inputs["by_fifths"]:
        words = ngettext(
            "A score is a fifth of the %(n)d customer with a contract on %(day)s; ties share the higher.",
            "A score is a fifth of the %(n)d customers with a contract on %(day)s; ties share the higher.",
            number,
        )
    else:
        words = ngettext(
            "Fixed cuts give the scores: only %(n)d customer had a contract on %(day)s.",
            "Fixed cuts give the scores: only %(n)d customers had a contract on %(day)s.",
            number,
        )
    return words % {"n": number, "day": day(score.on)}


def _rows(score: RfmScore, viewer: Viewer, currency: str) -> tuple[Row, ...]:
    assert score.last_on is not None and score.cash is not None
    contracts = ngettext("%(n)d contract in 36 months", "%(n)d contracts in 36 months", score.contracts or 0)
    cash = _("cash of 12 months")
    if viewer.may(Right.SEE_AMOUNT):
        cash = _("%(amount)s in 12 months, refunds taken off") % {"amount": money(score.cash, currency)}
    last = _("last signed or paid on %(day)s") % {"day": day(score.last_on)}
    counted = (last, contracts % {"n": score.contracts}, cash)
    names = (_("R, recency"), _("F, frequency"), _("M, money"))
    return tuple(
        Row(name, (_counted(words, rank, score), str(points), f"{'≥' if high == 'H' else '<'} {mean}"))
        for name, words, points, rank, mean, high in zip(
            names,
            counted,
            (score.r, score.f, score.m),
            score.inputs["ranks"],
            score.inputs["means"],
            score.segment,
            strict=True,
        )
    )


def _counted(words: str, rank: int, score: RfmScore) -> str:
    if not score.inputs["by_fifths"]:
        return words
    return _("%(what)s · place %(rank)d of %(n)d") % {
        "what": words,
        "rank": rank,
        "n": score.inputs["customers"],
    }


def _formula(score: RfmScore) -> str:
    parts = zip(
        (score.policy.weight_r, score.policy.weight_f, score.policy.weight_m),
        (score.r, score.f, score.m),
        strict=True,
    )
    return f"{' + '.join(f'{weight.normalize():f} × {points}' for weight, points in parts)} = {score.value}"
