"""All promises that `manage.py bench` measures."""

from crm.bench import night
from crm.bench.promise import Bench

BENCHES: dict[str, Bench] = {**night.BENCHES}
