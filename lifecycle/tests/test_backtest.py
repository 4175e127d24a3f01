"""The bars of the fixtures, through the command."""

import numpy as np
import pytest

from lifecycle.tests.public import ORII, backtest, data

FIGURES = {
    *("auc", "auc_ci", "pr_auc", "lift_at_10", "precision_at_10", "brier", "ece", "observed_expected"),
}


@pytest.fixture(scope="module")
def orii():
    return backtest(data("online_retail2_A_days.csv.gz"), replicates=200, **ORII)


def test_repeat_orders_of_a_wholesaler(orii) -> None:
    assert (orii["rows"], orii["population"]) == (19703, 3635)
    assert orii["base_rate"] == pytest.approx(0.415, abs=0.0005)
    for found in (orii["methods"]["mbg_nbd"], orii["champion"]["metrics"]):
        assert found["auc"] >= 0.755
        assert found["brier"] <= 0.199
        assert found["lift_at_10"] >= 1.68
    assert 0.95 <= orii["methods"]["mbg_nbd"]["observed_expected"] <= 1.05


def test_on_a_wholesaler_the_champion_beats_rfm_for_certain(orii) -> None:
    for name in ("d_auc", "d_brier"):
        estimate, low, high = orii["paired_vs_rfm_platt"][name]
        assert low < estimate < high
    assert orii["paired_vs_rfm_platt"]["d_brier"][2] < 0
    assert orii["better_than_base_rate"] is True


def test_the_answer_has_every_field(orii) -> None:
    assert orii.keys() == {
        *("setting", "rows", "customers", "population", "base_rate", "methods", "champion"),
        *("paired_vs_rfm_platt", "better_than_base_rate", "alarms", "by_origin", "skipped"),
        *("seconds", "version", "seed"),
    }
    assert {"rule", "rfm_platt", "scorecard", "mbg_nbd", "ridge", "hgb"} <= orii["methods"].keys()
    assert all(found.keys() == FIGURES for found in orii["methods"].values())
    assert orii["champion"].keys() == {"name", "level", "why", "metrics"}
    assert [each["origin"] for each in orii["by_origin"]] == ORII["origins"].split(",")
    assert sum(each["n"] for each in orii["by_origin"]) == orii["population"]
    low, high = orii["methods"]["mbg_nbd"]["auc_ci"]
    assert low < orii["methods"]["mbg_nbd"]["auc"] < high
    assert high - low < 0.06


def test_the_mean_over_origins_is_told(orii) -> None:
    single = [each["champion"]["auc"] for each in orii["by_origin"]]
    assert orii["champion"]["metrics"]["auc"] == pytest.approx(np.mean(single), abs=1e-4)


def test_repeat_orders_of_a_shop() -> None:
    found = backtest(
        data("cdnow_sample_trx.csv.gz"),
        setting="repeat",
        columns='{"id": "customer_id"}',
        horizon_days=91,
        origins="1997-09-30,1997-12-30,1998-03-31",
    )
    assert found["population"] == 1939
    for figures in (found["methods"]["mbg_nbd"], found["champion"]["metrics"]):
        assert figures["auc"] >= 0.705
        assert figures["brier"] <= 0.206
    assert found["skipped"] == {"hgb": "503 events, needs 1,000 (1997-09-30)"}
    assert "hgb" not in found["methods"]


def test_lapses_of_policies_and_the_column_that_tells_them() -> None:
    found = backtest(
        data("uslapse_A.csv.gz"),
        setting="duration",
        columns='{"id": "policy_id", "start": "issue_date", "cause": "termination_cause"}',
        event_values="surrender",
        origins=",".join(f"{year}-12-31" for year in range(2003, 2009)),
    )
    assert (found["population"], found["base_rate"]) == (52134, pytest.approx(0.0377, abs=0.0001))
    assert found["ignored"].keys() == {"surrender"}
    for figures in (found["methods"]["ridge"], found["champion"]["metrics"]):
        assert figures["auc"] >= 0.625
        assert figures["lift_at_10"] >= 1.55
        assert 0.9 <= figures["observed_expected"] <= 1.1
    assert found["champion"]["name"] == "ridge"
    assert found["better_than_base_rate"] is True
    assert {"origin": "2008-12-31", "kind": "observed_expected"}.items() <= found["alarms"][-1].items()


def test_yearly_renewals_by_folds() -> None:
    found = backtest(data("eudirectlapse_dev.csv.gz"), setting="snapshot", target="lapse", folds=5)
    assert found["population"] == 13762
    for figures in (found["methods"]["ridge"], found["champion"]["metrics"]):
        assert figures["auc"] >= 0.615
        assert figures["lift_at_10"] >= 1.6
        assert figures["ece"] <= 0.02
    assert found["paired_vs_rfm_platt"] is None
    assert found["ignored"].keys() == {"quote_id"}


def test_churn_by_a_column_of_train_and_test() -> None:
    found = backtest(data("telco_ibm.csv.gz"), setting="snapshot", target="Churn", fold="fold")
    assert (found["rows"], found["population"]) == (7043, 2214)
    for figures in (found["methods"]["ridge"], found["champion"]["metrics"]):
        assert figures["auc"] >= 0.838
        assert figures["brier"] <= 0.139
