"""The churn score as SQL, compiled from the settings of a policy: points, score, band, reasons.

score = Σ weight × points ÷ Σ weight over the signals with data, rounded half up (domain.md §4). The
expressions read one row `f` of lifecycle.churn.features; a signal without data is NULL and left out.
"""

from dataclasses import dataclass
from decimal import Decimal

from lifecycle.churn.policy import Settings, Weighing
from lifecycle.models import Band, Signal

REASONS = 3


@dataclass(frozen=True)
class Expressions:
    """The parts of a scoring statement: `points` reads features `f` and gives an array in the order of
    the settings, `signals` reads that array and the features from `p`."""

    points: str
    earned: str
    score: str
    band: str
    reasons: str
    signals: str

    def judgement(self, rows: str) -> str:
        """SELECT of points, score, band and reasons for rows that have `points`."""
        return (
            f"SELECT p.points, j.score, {self.band} AS band, {self.reasons} AS reasons FROM {rows} p"
            f" CROSS JOIN LATERAL (SELECT {self.score} AS score, {self.earned} AS earned) j"
        )


def compile_settings(settings: Settings) -> Expressions:
    """The policy as SQL. Every number in it has been checked by lifecycle.churn.policy.read."""
    known = list(enumerate(settings.weighings, 1))
    earned = " + ".join(f"{w.weight} * coalesce(p.points[{n}], 0)" for n, w in known)
    possible = " + ".join(f"CASE WHEN p.points[{n}] IS NULL THEN 0 ELSE {w.weight} END" for n, w in known)
    return Expressions(
        points=f"ARRAY[{', '.join(points(w) for w in settings.weighings)}]",
        earned=earned,
        score=f"round(({earned})::numeric / nullif({possible}, 0))::int",
        band=band(settings),
        reasons=reasons(settings),
        signals=signals(settings),
    )


def points(weighing: Weighing) -> str:
    """Points 0–100 of one signal, NULL without data."""
    measure = MEASURES[weighing.signal](weighing)
    lines = (f"WHEN {measure} {cut.operator} {cut.bound:f} THEN {cut.points}" for cut in weighing.cuts)
    return f"CASE {' '.join(lines)} WHEN {measure} IS NOT NULL THEN {weighing.otherwise} END"


def band(settings: Settings) -> str:
    """The band of a score; "" for none."""
    return (
        f"CASE WHEN j.score >= {settings.red_from} THEN '{Band.RED}'"
        f" WHEN j.score >= {settings.amber_from} THEN '{Band.AMBER}'"
        f" WHEN j.score IS NOT NULL THEN '{Band.GREEN}' ELSE '' END"
    )


def reasons(settings: Settings) -> str:
    """The signals that add most to the score, largest first, as a JSON list; ties by the policy's order."""
    rows = ", ".join(
        f"({n}, '{w.signal}', {w.weight} * p.points[{n}])" for n, w in enumerate(settings.weighings, 1)
    )
    return (
        "CASE WHEN j.earned = 0 THEN '[]' ELSE to_jsonb(ARRAY("
        f"SELECT name FROM (VALUES {rows}) AS v (place, name, share) WHERE share > 0"
        f" ORDER BY share DESC, place LIMIT {REASONS})) END"
    )


def signals(settings: Settings) -> str:
    """What RiskScore keeps of every signal: weight, points and the raw inputs, in the policy's order."""
    return "jsonb_build_array({})".format(
        ", ".join(
            f"jsonb_build_object('signal', '{w.signal}', 'weight', {w.weight}, 'points', p.points[{n}],"
            f" 'inputs', jsonb_build_object({_inputs(w.signal)}))"
            for n, w in enumerate(settings.weighings, 1)
        )
    )


def _inputs(signal: Signal) -> str:
    return ", ".join(
        f"'{column}', p.{column}{'::text' if column in EXACT else ''}" for column in INPUTS[signal]
    )


def _unquoted(weighing: Weighing) -> str:
    # With a quote out, no end is near.
    return "(CASE WHEN f.quoted THEN 'Infinity'::numeric WHEN NOT f.quoted THEN f.days_to_end END)"


def _complaints(weighing: Weighing) -> str:
    cases = " ".join(f"WHEN '{name}' THEN {weight}" for name, weight in weighing.severities.items())
    heaviness = f"CASE severity {cases} ELSE 0 END" if cases else "0"
    return (
        "(CASE WHEN f.complaints IS NOT NULL THEN"
        f" (SELECT coalesce(sum({heaviness}), 0) FROM unnest(f.complaints) AS severity) END)"
    )


def _satisfaction(weighing: Weighing) -> str:
    return (
        "(CASE WHEN num_nonnulls(f.nps_answer, f.satisfaction_drop) > 0 THEN"
        f" coalesce((f.nps_answer <= {weighing.low_answer})::int, 0)"
        f" + coalesce((f.satisfaction_drop >= {Decimal(weighing.drop)})::int, 0) END)"
    )


MEASURES = {
    Signal.UNQUOTED: _unquoted,
    Signal.INTERACTION: lambda weighing: "f.silence",
    Signal.COMPLAINTS: _complaints,
    Signal.SATISFACTION: _satisfaction,
    Signal.PAYMENT: lambda weighing: "f.overdue_days",
    Signal.SHRINK: lambda weighing: "f.renewal_ratio",
    Signal.USAGE: lambda weighing: "f.usage_change",
}
INPUTS = {
    Signal.UNQUOTED: ("days_to_end", "quoted"),
    Signal.INTERACTION: ("silent_days", "usual_interval", "interval_of", "intervals", "silence"),
    Signal.COMPLAINTS: ("complaints",),
    Signal.SATISFACTION: ("nps_answer", "satisfaction_drop"),
    Signal.PAYMENT: ("overdue_days",),
    Signal.SHRINK: ("renewal", "renewal_ratio"),
    Signal.USAGE: ("usage_measure", "usage_change"),
}
EXACT = {"usual_interval", "silence", "renewal_ratio", "usage_change"}  # kept as decimal strings
