"""Vault and marts: all scripts of one table and its ledger row in one transaction."""

from __future__ import annotations

from datamart_exec import logs, run, tokens
from datamart_exec.arguments import Arguments
from datamart_exec.release import Table
from datamart_exec.session import Connection, described
from datamart_exec.statements import Statement, split
from process_control import ledger

SEARCH_PATHS = {"EDV": "edv, cars_stg", "DM": "car_dm_stg, edv", "CAR_DM": "car_dm_stg, edv"}


def load(conn: Connection, arguments: Arguments, table: Table) -> run.Outcome:
    """Run the table's scripts in order and commit them with the ledger row; everything or nothing."""
    started_at = run.now()
    known = tokens.values(arguments.run.start_date, arguments.env)
    statements = [
        statement
        for script in table.scripts
        for statement in split(script.path, tokens.bind(script.path, script.text, known))
    ]
    run.begin(conn, arguments, SEARCH_PATHS[arguments.layer])
    with described(f"{arguments.layer}.{table.name}"):
        key = run.table_load(arguments, table.release, run.input_digest(conn, arguments, table.recipe))
        if done := run.already_loaded(conn, key):
            return done
        run.require(conn, arguments, table)
    row_count = sum(_execute(conn, statement) for statement in statements)
    with described(f"{arguments.layer}.{table.name}: cannot commit"):
        ledger.record_complete(conn, key, started_at=started_at, row_count=row_count)
        conn.commit()
    return run.Outcome(row_count)


def _execute(conn: Connection, statement: Statement) -> int:
    """Rows the statement changed; 0 where it only prepares."""
    with described(statement.place, statement.text), conn.cursor() as cursor:
        cursor.execute(statement.text.encode())
        rows = max(cursor.rowcount, 0) if statement.changes_rows else 0
    logs.info("statement done", script=statement.script, statement=statement.number, rows=rows)
    return rows
