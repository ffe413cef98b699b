"""Loads one table of the vault or of a mart: all its scripts and its ledger row in one transaction."""

from __future__ import annotations

from datamart_exec import logs, table_load, tokens
from datamart_exec.arguments import Arguments
from datamart_exec.config_release import Table
from datamart_exec.session import Connection, postgres_errors
from datamart_exec.statements import Statement, split
from process_control import ledger

SEARCH_PATHS = {"EDV": "edv, cars_stg", "DM": "car_dm_stg, edv", "CAR_DM": "car_dm_stg, edv"}


def load(conn: Connection, arguments: Arguments, table: Table) -> table_load.Outcome:
    """Run the table's scripts in order and commit them together with the ledger row."""
    started_at = table_load.now()
    known = tokens.values(arguments.run.start_date, arguments.env)
    statements = [
        statement
        for script in table.scripts
        for statement in split(script.path, tokens.bind(script.path, script.text, known))
    ]
    table_load.begin(conn, arguments, SEARCH_PATHS[arguments.layer])
    with postgres_errors(f"{arguments.layer}.{table.name}"):
        key = table_load.ledger_key(
            arguments, table.release, table_load.input_digest(conn, arguments, table.recipe)
        )
        if done := table_load.already_loaded(conn, key):
            return done
        table_load.require(conn, arguments, table)
    row_count = sum(_execute(conn, statement) for statement in statements)
    with postgres_errors(f"{arguments.layer}.{table.name}: cannot commit"):
        ledger.record_complete(conn, key, started_at=started_at, row_count=row_count)
        conn.commit()
    return table_load.Outcome(row_count)


def _execute(conn: Connection, statement: Statement) -> int:
    """Run a statement; the number of rows it changed, 0 for one that only prepares."""
    with postgres_errors(statement.place, statement.text), conn.cursor() as cursor:
        cursor.execute(statement.text.encode())
        rows = max(cursor.rowcount, 0) if statement.changes_rows else 0
    logs.info("statement done", script=statement.script, statement=statement.number, rows=rows)
    return rows
