"""The DDL layer: the migrations of `dart_process_control`, then the scripts of one schema, in one transaction.

The ledger is in the EDV database, because it commits with the data.
"""

from __future__ import annotations

from datamart_exec import logs, session, table_load, tokens
from datamart_exec.arguments import Arguments
from datamart_exec.config_release import Table
from datamart_exec.session import Connection, postgres_errors
from datamart_exec.statements import split
from process_control import ledger
from process_control.migrations import migrate


def load(conn: Connection, arguments: Arguments, table: Table) -> table_load.Outcome:
    """Run the scripts of one schema; a second run changes nothing."""
    started_at = table_load.now()
    known = tokens.values(arguments.run.start_date, arguments.env)
    scripts = [
        split(script.path, tokens.bind(script.path, script.text, known), ddl=True) for script in table.scripts
    ]
    _migrate(conn, arguments, session.settings_of(arguments).dbname)
    _migrate_process_control(arguments)
    table_load.begin(conn, arguments)
    for statements in scripts:
        for statement in statements:
            with postgres_errors(statement.place, statement.text):
                conn.execute(statement.text.encode())
        logs.info("script done", script=statements[0].script, statements=len(statements))
    with postgres_errors(f"DDL.{table.name}: cannot commit"):
        key = table_load.ledger_key(arguments, table.release, table_load.digest_of([table.digest]))
        ledger.record_complete(conn, key, started_at=started_at, row_count=0)
        conn.commit()
    return table_load.Outcome(0)


def _migrate_process_control(arguments: Arguments) -> None:
    # the Lambdas write their logs to this database: where it is another one, it needs the same tables
    edv, other = session.settings_of(arguments), session.settings_of(arguments, "process_control")
    if other == edv:
        return
    with session.open_connection(arguments, "process_control") as conn:
        _migrate(conn, arguments, other.dbname)


def _migrate(conn: Connection, arguments: Arguments, dbname: str) -> None:
    with postgres_errors(f"dart_process_control migrations in database {dbname}"), conn.transaction():
        session.prepare(conn, arguments.limits)
        applied = migrate(conn)
    logs.info("migrations done", database=dbname, applied=applied)
