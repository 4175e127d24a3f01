"""All promises that `manage.py bench` measures."""

from crm.bench import loading, night, pages, pay, pool
from crm.bench.promise import Bench

BENCHES: dict[str, Bench] = {
    "api": pages.measure_api,
    "page": pages.measure_pages,
    "search": pages.measure_search,
    "import": loading.bench,
    **night.BENCHES,
    **pool.BENCHES,
    **pay.BENCHES,
}
