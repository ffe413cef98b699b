from typing import Any

import pytest

from edv_finalize_pipeline.errors import BadEvent
from edv_finalize_pipeline.events import NEVER_RAN, parse

GOOD: dict[str, Any] = {
    "data_src_nm": "CARS",
    "run_type": "incremental",
    "start_date": "2026-05-03",
    "counts": {"stg": 13, "dv": 29, "dvGroups": 5},
    "stageCheck": {"successCount": 13, "failedCount": 0, "failedTables": [], "canContinue": True},
    "edvCheck": {
        "successCount": 29,
        "failedCount": 0,
        "failedTables": [],
        "canContinue": True,
        "logged": True,
    },
}

NONE: dict[str, Any] = {"successCount": 0, "failedCount": 0, "failedTables": []}


@pytest.mark.parametrize("edv", [{}, {"edvCheck": None}])
def test_layer_that_never_ran_may_be_null_or_absent(edv: dict[str, None]) -> None:
    event = {key: value for key, value in GOOD.items() if key != "edvCheck"} | edv
    assert parse(event).edv == NEVER_RAN


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start_date": "2025-13-01"}, "event['start_date'] must be YYYY-MM-DD, got '2025-13-01'"),
        ({"start_date": "20250101"}, "event['start_date'] must be YYYY-MM-DD, got '20250101'"),
        ({"start_date": 20250101}, "event['start_date'] must be YYYY-MM-DD, got 20250101"),
        ({"run_type": "full"}, "event['run_type'] must be initial or incremental, got 'full'"),
        ({"data_src_nm": ""}, "event['data_src_nm'] must be the data source's name, got ''"),
        (
            {"counts": {"stg": 13, "dv": 29}},
            "event['counts']['dvGroups'] is missing; give a whole number from 0",
        ),
        (
            {"counts": {"stg": "13", "dv": 29, "dvGroups": 5}},
            "event['counts']['stg'] must be a whole number from 0, got '13'",
        ),
        ({"counts": None}, "event['counts'] must be an object with stg, dv and dvGroups, got None"),
        (
            {"stageCheck": {"successCount": -1}},
            "event['stageCheck']['successCount'] must be a whole number from 0, got -1",
        ),
        (
            {"stageCheck": {**NONE, "failedTables": "A"}},
            "event['stageCheck']['failedTables'] must be a list of table names, got 'A'",
        ),
        (
            {"edvCheck": {**NONE, "failedTables": [1]}},
            "event['edvCheck']['failedTables'][0] must be a string, got 1",
        ),
        ({"edvCheck": {}}, "event['edvCheck']['successCount'] is missing; give a whole number from 0"),
        (
            {"edvCheck": []},
            "event['edvCheck'] must be the answer of check-results, or null when the layer never ran, got []",
        ),
        (
            {"stageCheck": {**NONE, "rootError": {}}},
            "event['stageCheck']['rootError']['table_name'] is missing; give a string",
        ),
    ],
)
def test_bad_event_names_the_field_what_is_wanted_and_what_came(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadEvent) as caught:
        parse(GOOD | change)
    assert str(caught.value) == message


def test_a_missing_run_type_is_incremental() -> None:
    assert parse({key: value for key, value in GOOD.items() if key != "run_type"}).run_type == "incremental"


@pytest.mark.parametrize("key", ["data_src_nm", "start_date", "counts"])
def test_missing_field_is_named(key: str) -> None:
    with pytest.raises(BadEvent, match=rf"^event\['{key}'\] is missing; give "):
        parse({name: value for name, value in GOOD.items() if name != key})


def test_event_that_is_no_object_is_refused() -> None:
    with pytest.raises(BadEvent, match=r"^event must be an object, got \[\]$"):
        parse([])  # type: ignore[arg-type]
