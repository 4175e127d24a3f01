"""All promises that `manage.py bench` measures."""

from functools import partial

from crm.bench import loading, month, night, pages, pay, pool
from crm.bench.promise import Bench

BENCHES: dict[str, Bench] = {
    "api": pages.measure_api,
    "page": pages.measure_pages,
    "search": pages.measure_search,
    "import": loading.bench,
    **pool.BENCHES,
    **pay.BENCHES,
    **month.BENCHES,
}
NAMES = (*BENCHES, *night.BENCHES)


def wanted(only: str) -> list[Bench]:
    """The benches whose name begins so; the steps of the night are measured in one tenant."""
    found = [bench for name, bench in BENCHES.items() if name.startswith(only)]
    steps = [step for name, step in night.BENCHES.items() if name.startswith(only)]
    return [*found, partial(night.measure, steps)] if steps else found
