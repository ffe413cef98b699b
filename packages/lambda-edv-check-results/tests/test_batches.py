"""Results of a landing are batches of tables: what is counted, with and without the ledger."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest

from edv_check_results import handler
from local_aws.pytest_plugin import Database
from process_control.ledger import RunKey, TableLoad, record_complete, record_failed
from process_control.migrations import migrate

ERROR = {
    "Error": "States.TaskFailed",
    "Cause": '{"ErrorMessage": "LANDING.CROP: no key; also failed: TRACT"}',
}
GOOD = {"table_name": "FARM,FIELD", "status": "SUCCESS", "layer": "LANDING"}
BAD = {"table_name": "CROP, tract,YEAR", "status": "FAILED", "layer": "LANDING", "error": ERROR}
EVENT = {"layer": "LANDING", "results": [GOOD, BAD], "execution": "nightly-1"}


def load_of(table: str, execution: str = "nightly-1") -> TableLoad:
    run = RunKey("CARS", "incremental", date(2026, 6, 1))
    return TableLoad(run, "LANDING", table, "", "ab", execution, "jr_1")


@pytest.fixture
def ledger(
    database: Database, secret: dict[str, Any], local_secret: Callable[[dict[str, Any]], None]
) -> Iterator[psycopg.Connection[Any]]:
    local_secret(secret)
    with psycopg.connect(database.dsn, autocommit=True) as conn:
        migrate(conn)
        yield conn


def test_without_the_ledger_all_tables_of_a_failed_batch_have_failed() -> None:
    answer = handler.handler(EVENT, None)
    assert (answer["successCount"], answer["failedTables"]) == (2, ["CROP", "tract", "YEAR"])
    cause = "LANDING.CROP: no key; also failed: TRACT"
    assert answer["rootError"] == {"table_name": "CROP", "Error": "States.TaskFailed", "Cause": cause}


def test_the_ledger_tells_which_tables_of_a_failed_batch_were_loaded(
    ledger: psycopg.Connection[Any],
) -> None:
    now = datetime.now(UTC)
    record_complete(ledger, load_of("CROP"), started_at=now, row_count=1)
    record_failed(ledger, load_of("TRACT"), started_at=now, error="LANDING.TRACT: no value")
    record_complete(ledger, load_of("YEAR", "nightly-0"), started_at=now, row_count=1)
    answer = handler.handler(EVENT, None)
    assert (answer["successCount"], answer["failedTables"]) == (3, ["tract", "YEAR"])
    assert answer["rootError"]["Cause"] == "LANDING.TRACT: no value"
    [line] = ledger.execute("SELECT log_message FROM dart_process_control.data_ppln_oper_log").fetchall()
    assert line == ("LANDING: 3 of 5 tables loaded, 2 failed, 0 skipped: tract, YEAR",)


def test_without_an_execution_the_ledger_is_not_asked(ledger: psycopg.Connection[Any]) -> None:
    record_complete(ledger, load_of("CROP"), started_at=datetime.now(UTC), row_count=1)
    event = {key: value for key, value in EVENT.items() if key != "execution"}
    assert handler.handler(event, None)["failedTables"] == ["CROP", "tract", "YEAR"]


def test_a_comma_means_a_batch_in_a_landing_only() -> None:
    answer = handler.handler({"layer": "STG", "results": [{**GOOD, "layer": "STG"}]}, None)
    assert answer["successCount"] == 1
