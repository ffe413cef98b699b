from loads import NOW, Connection, load_of

from process_control.ledger import record_complete, record_failed
from process_control.outcomes import Outcome, table_outcomes


def test_the_last_try_of_each_table_in_the_execution_counts(conn: Connection) -> None:
    record_failed(conn, load_of("A", "LANDING"), started_at=NOW, error="busy")
    record_complete(conn, load_of("A", "LANDING"), started_at=NOW, row_count=3)
    record_complete(conn, load_of("B", "LANDING"), started_at=NOW, row_count=3)
    record_failed(conn, load_of("B", "LANDING"), started_at=NOW, error="no key")
    found = table_outcomes(conn, "LANDING", ["a", "B", "C"], "nightly-1")
    assert found == {"A": Outcome("Complete", ""), "B": Outcome("Failed", "no key")}


def test_other_executions_and_layers_do_not_count(conn: Connection) -> None:
    record_complete(conn, load_of("A", "LANDING", execution="nightly-2"), started_at=NOW, row_count=3)
    record_complete(conn, load_of("A", "STG"), started_at=NOW, row_count=3)
    assert table_outcomes(conn, "LANDING", ["A"], "nightly-1") == {}


def test_a_database_without_a_ledger_knows_nothing(conn: Connection) -> None:
    conn.execute("DROP SCHEMA dart_process_control CASCADE")
    assert table_outcomes(conn, "LANDING", ["A"], "nightly-1") == {}
