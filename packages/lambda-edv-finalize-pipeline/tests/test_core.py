import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edv_finalize_pipeline.core import details, root_text, status, success_rate, summary
from edv_finalize_pipeline.events import Check, Counts, Request, RootError, parse

TODAY = date(2026, 5, 4)
ROOT = RootError("ACRSI_FARM", "States.TaskFailed", "decimal too large")
SKIP = RootError("FARM_H", "States.TaskFailed", "skipped: STG.ACRSI_FARM failed: decimal too large")


def ended(
    success: int,
    failed: int = 0,
    names: tuple[str, ...] = (),
    skipped: tuple[str, ...] = (),
    root: RootError | None = None,
) -> Check:
    return Check(success, failed, names, skipped, root)


def run(stage: Check | None, edv: Check | None, stg: int = 13, dv: int = 29, groups: int = 5) -> Request:
    return Request("CARS", "incremental", "2026-05-03", Counts(stg, dv, groups), stage, edv)


def test_summary_of_a_partial_run_has_the_contracts_shape() -> None:
    request = run(
        ended(12, 1, ("ACRSI_FARM",), root=ROOT),
        ended(27, 2, ("FARM_H", "FARM_L"), ("FARM_H", "FARM_L"), SKIP),
    )
    assert status(request) == "PARTIAL_SUCCESS"
    assert summary(request, TODAY) == {
        "data_src_nm": "CARS",
        "run_type": "incremental",
        "start_date": "2026-05-03",
        "end_date": "2026-05-04",
        "stage": {"total": 13, "success": 12, "failed": 1, "failedTables": ["ACRSI_FARM"]},
        "edv": {"total": 29, "groups": 5, "success": 27, "failed": 2, "failedTables": ["FARM_H", "FARM_L"]},
        "totals": {"tables": 42, "success": 39, "failed": 3, "successRate": "92.9%"},
    }
    assert details(request) == {
        "rootError": {"table_name": "ACRSI_FARM", "Error": "States.TaskFailed", "Cause": "decimal too large"},
        "skippedTables": {"stage": [], "edv": ["FARM_H", "FARM_L"]},
        "notRun": {"stage": 0, "edv": 0},
    }
    assert root_text(request) == "ACRSI_FARM: decimal too large"


def test_vault_that_never_ran_is_counted_from_the_plan() -> None:
    request = run(ended(0, 13, tuple("ABCDEFGHIJKLM"), root=ROOT), None)
    assert status(request) == "FAILED"
    found = summary(request, TODAY)
    assert found["edv"] == {"total": 29, "groups": 5, "success": 0, "failed": 0, "failedTables": []}
    assert found["totals"] == {"tables": 42, "success": 0, "failed": 13, "successRate": "0.0%"}
    assert details(request)["notRun"] == {"stage": 0, "edv": 29}


@pytest.mark.parametrize(
    ("stage", "edv", "expected"),
    [
        (ended(13), ended(29), "SUCCESS"),
        (ended(13), ended(0, 29), "PARTIAL_SUCCESS"),
        (ended(13), None, "PARTIAL_SUCCESS"),
        (ended(0, 13), ended(29), "PARTIAL_SUCCESS"),
        (ended(0, 13), ended(0, 29), "FAILED"),
        (None, None, "FAILED"),
    ],
)
def test_status_follows_what_was_loaded(stage: Check | None, edv: Check | None, expected: str) -> None:
    assert status(run(stage, edv)) == expected


def test_empty_plan_is_a_success_without_a_rate() -> None:
    request = run(None, None, 0, 0, 0)
    assert status(request) == "SUCCESS"
    assert summary(request, TODAY)["totals"] == {"tables": 0, "success": 0, "failed": 0, "successRate": "N/A"}
    assert details(request)["rootError"] is None
    assert root_text(request) is None


def test_root_error_is_the_first_that_is_no_consequence() -> None:
    request = run(ended(12, 1, root=SKIP), ended(28, 1, root=ROOT))
    assert details(request)["rootError"]["table_name"] == "ACRSI_FARM"
    assert details(run(ended(13), ended(28, 1, root=SKIP)))["rootError"]["table_name"] == "FARM_H"


@pytest.mark.parametrize(
    ("success", "total", "rate"),
    [
        (2, 3, "66.7%"),
        (1, 1, "100.0%"),
        (0, 5, "0.0%"),
        (9999, 10_000, "99.9%"),
        (0, 0, "N/A"),
        (41, 42, "97.6%"),
    ],
)
def test_success_rate_has_one_decimal(success: int, total: int, rate: str) -> None:
    assert success_rate(success, total) == rate


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 2000))
def test_only_a_run_without_any_gap_is_a_success_of_100_percent(
    stg: int, dv: int, stg_ok: int, dv_ok: int
) -> None:
    stg_ok, dv_ok = min(stg, stg_ok), min(dv, dv_ok)
    request = run(ended(stg_ok, stg - stg_ok), ended(dv_ok, dv - dv_ok), stg, dv)
    complete = stg_ok + dv_ok == stg + dv
    assert (status(request) == "SUCCESS") == complete
    assert (summary(request, TODAY)["totals"]["successRate"] in ("100.0%", "N/A")) == complete


def test_a_thousand_failed_tables_stay_small() -> None:
    names = tuple(f"{'T' * 59}{n:04}" for n in range(500))
    request = run(ended(0, 500, names, names, SKIP), ended(0, 500, names, names, SKIP), 500, 500)
    answer: dict[str, Any] = {"summary": summary(request, TODAY), **details(request)}
    assert len(json.dumps(answer)) < 110_000
    stage = answer["summary"]["stage"]
    assert len(stage["failedTables"]) + stage["failedTablesOmitted"] == stage["failed"] == 500


def test_the_summary_of_a_landing_names_its_layer() -> None:
    event = {
        "data_src_nm": "CARS",
        "start_date": "2026-06-01",
        "counts": {"stg": 3, "dv": 0, "dvGroups": 0},
        "stageCheck": {"successCount": 3, "failedCount": 0, "failedTables": []},
    }
    landing, other = parse({**event, "layer": "LANDING"}), parse(event)
    assert status(landing) == "SUCCESS"
    assert summary(landing, date(2026, 6, 1))["layer"] == "LANDING"
    assert "layer" not in summary(other, date(2026, 6, 1))
