import json

from hypothesis import given
from hypothesis import strategies as st

from edv_check_results.core import answer, check, item, sentence
from edv_check_results.events import Result, TableError

OK = Result("TR_H", "SUCCESS", "EDV")
SKIPPED = Result(
    "FARM_L", "FAILED", "EDV", 1, TableError("States.TaskFailed", "skipped: EDV.FARM_H failed: x")
)
BROKEN = Result(
    "FARM_H", "FAILED", "EDV", 0, TableError("States.TaskFailed", '{"ErrorMessage": "duplicate key"}')
)


def test_all_tables_loaded() -> None:
    assert answer(check("STG", [OK])) == {
        "successCount": 1,
        "failedCount": 0,
        "failedTables": [],
        "canContinue": True,
        "skippedCount": 0,
        "skippedTables": [],
        "rootError": None,
    }


def test_failed_and_skipped_tables_and_the_root_error() -> None:
    assert answer(check("EDV", [SKIPPED, OK, BROKEN])) == {
        "successCount": 1,
        "failedCount": 2,
        "failedTables": ["FARM_L", "FARM_H"],
        "canContinue": True,
        "skippedCount": 1,
        "skippedTables": ["FARM_L"],
        "rootError": {"table_name": "FARM_H", "Error": "States.TaskFailed", "Cause": "duplicate key"},
    }


def test_run_stops_when_every_table_failed() -> None:
    assert not check("STG", [BROKEN, SKIPPED]).can_continue


def test_a_layer_without_results_does_not_continue() -> None:
    assert not check("STG", []).can_continue


def test_a_skip_is_the_root_error_where_nothing_else_failed() -> None:
    root = answer(check("EDV", [OK, SKIPPED]))["rootError"]
    assert root["table_name"] == "FARM_L"
    assert root["Cause"] == "skipped: EDV.FARM_H failed: x"


def test_failure_without_an_error_is_unknown() -> None:
    root = answer(check("STG", [Result("A", "FAILED")]))["rootError"]
    assert root == {"table_name": "A", "Error": "Unknown", "Cause": "no cause was given"}


def test_root_cause_is_at_most_500_characters() -> None:
    long = Result("A", "FAILED", error=TableError("E" * 500, "ü" * 5000))
    root = answer(check("STG", [long]))["rootError"]
    assert len(root["Cause"]) <= 500
    assert len(root["Error"]) == 100


def test_item_keeps_the_tables_identity_and_a_short_reason() -> None:
    assert item(BROKEN, "EDV") == {
        "table_name": "FARM_H",
        "status": "FAILED",
        "layer": "EDV",
        "groupIndex": 0,
        "error": {"Error": "States.TaskFailed", "Cause": "duplicate key"},
    }
    assert item(Result("A", "FAILED"), "STG") == {
        "table_name": "A",
        "status": "FAILED",
        "layer": "STG",
        "error": {"Error": "Unknown", "Cause": "no cause was given"},
    }


def test_item_of_a_timeout_has_a_cause() -> None:
    timed_out = Result("A", "FAILED", "STG", error=TableError("States.Timeout"))
    assert item(timed_out, "STG")["error"] == {"Error": "States.Timeout", "Cause": "no cause was given"}


@given(st.text(min_size=1, max_size=20_000))
def test_item_stays_small_whatever_the_cause(cause: str) -> None:
    small = item(Result("A" * 63, "FAILED", "EDV", 12, TableError("States.TaskFailed", cause)), "EDV")
    assert len(small["error"]["Cause"].encode()) <= 150


def test_a_thousand_failed_tables_are_all_named() -> None:
    results = [Result(f"TABLE_{n:04}", "FAILED", "STG", error=BROKEN.error) for n in range(1000)]
    checked = answer(check("STG", results))
    assert len(checked["failedTables"]) == 1000
    assert len(json.dumps(checked)) < 20_000


def test_lists_beyond_their_bounds_say_how_much_is_left_out() -> None:
    results = [Result(f"{'T' * 59}{n:04}", "FAILED", "STG", error=SKIPPED.error) for n in range(1000)]
    checked = answer(check("STG", results))
    assert checked["failedCount"] == 1000
    assert len(checked["failedTables"]) + checked["failedTablesOmitted"] == 1000
    assert len(checked["skippedTables"]) + checked["skippedTablesOmitted"] == 1000
    assert len(json.dumps(checked)) < 60_000


def test_sentence_for_people() -> None:
    assert sentence(check("STG", [OK])) == "STG: 1 of 1 tables loaded"
    assert sentence(check("EDV", [OK, BROKEN, SKIPPED])) == (
        "EDV: 1 of 3 tables loaded, 1 failed, 1 skipped: FARM_H, FARM_L"
    )
    assert sentence(check("EDV", [BROKEN] * 23)).endswith("FARM_H and 3 more")
