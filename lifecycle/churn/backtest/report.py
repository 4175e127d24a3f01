"""What a backtest found, as the JSON of the command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import poisson

from lifecycle.churn.prediction.intervals import (
    Interval,
    Sample,
    Statistic,
    auc_of,
    brier_of,
    difference,
    intervals,
)
from lifecycle.churn.prediction.ladder import Champion
from lifecycle.churn.prediction.metrics import Measures, averaged, measures, stability
from lifecycle.churn.prediction.trials import Trial

JSON = dict[str, Any]
VERSION = "1"  # of the methods and their settings: figures of another version may differ
YARDSTICK = "rfm_platt"
BAND = (0.005, 0.995)  # 99 % of a Poisson count
MOVED = 0.2  # population stability index


@dataclass(frozen=True)
class Origin:
    """A trial, what it is called, and who was champion; the trial a horizon before it, for shifts of the
    scores, and how to ask for the one of last year's season, which only an alarm needs.
    """

    name: str
    trial: Trial
    champion: Champion
    before: Trial | None = None
    last_year: Callable[[], Trial | None] = lambda: None

    @property
    def champions(self) -> Any:
        return self.trial.said[self.champion.name]


@dataclass(frozen=True)
class Settings:
    """What a run was asked for."""

    setting: str
    seed: int
    replicates: int
    pooled: bool = False  # folds of one file are judged as one set of rows, origins each by itself


def report(origins: Sequence[Origin], asked: Settings, *, rows: int, customers: int) -> JSON:
    """The whole answer but for its seconds; metrics averaged over origins, intervals by customers."""
    samples = _samples(origins, asked.pooled)
    bounds = intervals(
        _statistics(samples),
        customers=_number_of_customers(samples),
        seed=asked.seed,
        replicates=asked.replicates,
    )
    lost = np.concatenate([each.trial.lost for each in origins])
    told = {name: _metrics(found, bounds[f"auc {name}"]) for name, found in samples.items()}
    last = origins[-1].champion
    return {
        "setting": asked.setting,
        "rows": rows,
        "customers": customers,
        "population": int(lost.size),
        "base_rate": _rounded(float(lost.mean())),
        "methods": {name: each for name, each in told.items() if name not in {CHAMPION, OBSERVED}},
        "champion": {"name": last.name, "level": last.level, "why": last.why, "metrics": told[CHAMPION]},
        "paired_vs_rfm_platt": _paired(samples, bounds),
        "better_than_base_rate": _better(bounds["brier base"]),
        "alarms": [alarm for each in origins for alarm in _alarms(each)],
        "by_origin": [_one_origin(each) for each in origins],
        "skipped": _skipped(origins, told),
        "version": VERSION,
        "seed": asked.seed,
    }


CHAMPION, OBSERVED = "\0champion", "\0observed"  # no method is called so


def _samples(origins: Sequence[Origin], pooled: bool) -> dict[str, list[Sample]]:
    """By method, of those that spoke at every origin; of whoever was champion; of the observed rate."""
    trials = [each.trial for each in origins]
    names = [name for name in trials[0].said if all(name in each.said for each in trials)]
    said = {name: [each.said[name] for each in trials] for name in names}
    said[CHAMPION] = [each.champions for each in origins]
    said[OBSERVED] = [each.observed_rate() for each in trials]
    places = np.unique(np.concatenate([each.customer for each in trials]), return_inverse=True)[1]
    if pooled:
        lost = np.concatenate([each.lost for each in trials])
        return {name: [Sample(places, np.concatenate(each), lost)] for name, each in said.items()}
    parts = np.split(places, np.cumsum([each.customer.size for each in trials])[:-1])
    return {
        name: [Sample(who, found, trial.lost) for who, found, trial in zip(parts, each, trials, strict=True)]
        for name, each in said.items()
    }


def _number_of_customers(samples: Mapping[str, list[Sample]]) -> int:
    return 1 + max(int(each.customer.max()) for each in samples[CHAMPION] if each.customer.size)


def _statistics(samples: Mapping[str, list[Sample]]) -> dict[str, Statistic]:
    found = {f"auc {name}": auc_of(each) for name, each in samples.items()}
    best = samples[CHAMPION]
    found["brier base"] = difference(brier_of(best), brier_of(samples[OBSERVED]))
    if YARDSTICK in samples:
        found["auc paired"] = difference(auc_of(best), auc_of(samples[YARDSTICK]))
        found["brier paired"] = difference(brier_of(best), brier_of(samples[YARDSTICK]))
    return found


def _paired(samples: Mapping[str, list[Sample]], bounds: Mapping[str, Interval | None]) -> JSON | None:
    if YARDSTICK not in samples:
        return None
    best, other = (_averaged(samples[name]) for name in (CHAMPION, YARDSTICK))
    auc = None if best.auc is None or other.auc is None else best.auc - other.auc
    return {
        "d_auc": [_rounded(each) for each in (auc, *(bounds["auc paired"] or (None, None)))],
        "d_brier": [
            _rounded(each) for each in (best.brier - other.brier, *(bounds["brier paired"] or (None, None)))
        ],
    }


def _better(bounds: Interval | None) -> bool:
    """Whether the champion's Brier score is lower than that of the observed rate, with 95 % confidence."""
    return bounds is not None and bounds[1] < 0


def _alarms(origin: Origin) -> list[JSON]:
    found = []
    said, lost = origin.champions, origin.trial.lost
    expected, observed = float(said.sum()), int(lost.sum())
    if _strange(observed, expected) and _strange(observed, expected * _season(origin)):
        found.append(("observed_expected", observed / expected))
    if origin.before is not None and origin.champion.name in origin.before.said:
        moved = stability(origin.before.said[origin.champion.name], said)
        if moved > MOVED:
            found.append(("score_shift", moved))
    return [{"origin": origin.name, "kind": kind, "value": _rounded(value)} for kind, value in found]


def _strange(observed: int, expected: float) -> bool:
    low, high = poisson.ppf(BAND, expected) if expected > 0 else (0, 0)
    return not low <= observed <= high


def _season(origin: Origin) -> float:
    """Observed ÷ expected of the same method a year earlier: what the season alone does; 1 if unknown."""
    trial = origin.last_year()
    if trial is None or origin.champion.name not in trial.said:
        return 1.0
    return float(trial.lost.sum() / trial.said[origin.champion.name].sum())


def _one_origin(origin: Origin) -> JSON:
    lost = origin.trial.lost
    return {
        "origin": origin.name,
        "n": int(lost.size),
        "base_rate": _rounded(float(lost.mean())),
        "name": origin.champion.name,
        "champion": _metrics([Sample(origin.trial.customer, origin.champions, lost)], None),
    }


def _skipped(origins: Sequence[Origin], told: Mapping[str, Any]) -> dict[str, str]:
    """The first reason of each method that did not speak at every origin."""
    found: dict[str, str] = {}
    for origin in origins:
        for name, why in origin.trial.skipped.items():
            found.setdefault(name, f"{why} ({origin.name})" if len(origins) > 1 else why)
    return {name: why for name, why in found.items() if name not in told}


def _metrics(samples: Sequence[Sample], auc_interval: Interval | None) -> JSON:
    found = {name: _rounded(value) for name, value in asdict(_averaged(samples)).items()}
    auc = found.pop("auc")
    between = None if auc_interval is None else [_rounded(each) for each in auc_interval]
    return {"auc": auc, "auc_ci": between} | found


def _averaged(samples: Sequence[Sample]) -> Measures:
    return averaged([measures(each.probability, each.lost) for each in samples])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 5)
