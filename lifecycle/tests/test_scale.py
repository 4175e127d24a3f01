"""The night on many customers: the same number of statements for 3,000 here as for the 100,000 of a bench."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.tenancy.context import current
from crm.tests.cast import NOW, TODAY
from customers.models import Standing
from lifecycle import stages
from lifecycle.churn import scoring
from lifecycle.models import RiskScore, StageMove

MANY = 3_000

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Every third customer never signed; of the others, half were reached every 10 days until 40 days ago.
CROWD = """
WITH people AS (
  INSERT INTO customers_customer (tenant_id, version, created_at, updated_at, code, name, credit_code,
    industry, province, city, address, website, source, note, registered_on, responsible_dept_id,
    is_blocked, name_key, pinyin, initials)
  SELECT %(tenant)s, 1, %(at)s, %(at)s, 'C' || n, 'C' || n, '', '', '', '', '', '', '', '', %(on)s, %(dept)s,
    false, '', '', '' FROM generate_series(1, %(many)s) n
  RETURNING id, substr(code, 2)::int AS n
), standings AS (
  INSERT INTO customers_standing (tenant_id, customer_id, tier, annual_amount, contracts_in_force, stage,
    risk_band, risk_reasons, open_amount, overdue_amount)
  SELECT %(tenant)s, id, '', 0, 0, 'LEAD', '', '[]', 0, 0 FROM people
), signed AS (
  INSERT INTO customers_contract (tenant_id, version, created_at, updated_at, number, customer_id, title,
    line, product_kind, gross, vat_rate, currency, book_rate, signed_on, starts_on, ends_on, has_schedule,
    entered_on)
  SELECT %(tenant)s, 1, %(at)s, %(at)s, 'K' || n, id, '', 'DEFAULT', 'STANDARD', 1000, 0, 'CNY', 1,
    %(on)s::date - 200, %(on)s::date - 200, %(on)s::date + 165, false, %(on)s FROM people WHERE n %% 3 > 0
)
INSERT INTO customers_interaction (tenant_id, version, created_at, updated_at, number, customer_id, kind,
  "on", at, note, is_effective)
SELECT %(tenant)s, 1, %(at)s, %(at)s, '', id, 'CALL', %(on)s::date - 40 - 10 * k, %(at)s, '', true
FROM people, generate_series(0, 5) k WHERE n %% 3 = 1
"""


@pytest.fixture
def crowd(here) -> dict[str, int]:
    """How many never signed, were reached often and then not at all, or were never reached."""
    with connection.cursor() as cursor:
        values = {"tenant": current(), "on": TODAY, "at": NOW, "many": MANY}
        cursor.execute(CROWD, values | {"dept": here.departments["EAST"].id})
    return {"leads": MANY // 3, "silent": len(range(1, MANY + 1, 3)), "unknown": len(range(2, MANY + 1, 3))}


def judgements(asked: CaptureQueriesContext) -> int:
    """Statements that judge customers, whatever else a night says."""
    return sum("customers_standing s SET" in each["sql"] and "WITH" in each["sql"] for each in asked)


def test_a_crowd_is_put_into_its_stages_by_one_statement(crowd) -> None:
    with CaptureQueriesContext(connection) as asked:
        moved = stages.move_all(TODAY, NOW)
    assert (moved, judgements(asked)) == (crowd["silent"] + crowd["unknown"], 1)
    assert StageMove.objects.filter(to_stage="NEW").count() == moved
    assert Standing.objects.filter(stage="LEAD").count() == crowd["leads"]
    assert stages.move_all(TODAY, NOW) == 0


def test_a_crowd_is_scored_by_one_statement(crowd) -> None:
    with CaptureQueriesContext(connection) as asked:
        scored = scoring.score_all(TODAY, NOW)
    found = sum("INSERT INTO lifecycle_riskscore" in each["sql"] for each in asked)
    assert (scored, found) == (crowd["silent"], 1)
    assert RiskScore.objects.filter(score=100, band="RED").count() == crowd["silent"]
    assert Standing.objects.filter(stage="AT_RISK").count() == crowd["silent"]
    assert scoring.score_all(TODAY, NOW) == 0
    assert scoring.score_all(TODAY + timedelta(days=1), NOW) == 0
