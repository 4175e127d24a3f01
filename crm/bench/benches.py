"""All promises that `manage.py bench` measures."""

from crm.bench import loading, night
from crm.bench.promise import Bench

BENCHES: dict[str, Bench] = {
    "import": loading.bench,
    **night.BENCHES,
}
