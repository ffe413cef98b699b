"""The steps that every layer's load shares: ledger key, transaction with table lock, ledger check, requirements."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from datamart_exec import logs
from datamart_exec.arguments import Arguments
from datamart_exec.config_release import Recipe, Table
from datamart_exec.errors import SkippedError
from datamart_exec.session import Connection, postgres_errors, prepare
from process_control import ledger


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a load ended: the rows it wrote, and whether an earlier load had done the work."""

    row_count: int
    already_loaded: bool = False


def now() -> datetime:
    """The time, for the ledger only: no loaded row may depend on it."""
    return datetime.now(timezone.utc)


def ledger_key(arguments: Arguments, release: str, input_digest: str) -> ledger.TableLoad:
    """The ledger's key of this run's table."""
    return ledger.TableLoad(
        run=arguments.run,
        layer=arguments.layer,
        table_name=arguments.table_name,
        release=release,
        input_digest=input_digest,
        execution=arguments.execution,
        job_run_id=arguments.job_run_id,
    )


def digest_of(parts: Sequence[str]) -> str:
    """One digest of several texts, none of which holds a line break."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def begin(conn: Connection, arguments: Arguments, search_path: str = "pg_catalog") -> None:
    """Open the transaction of the load and take the table's lock in it."""
    with postgres_errors(f"{arguments.layer}.{arguments.table_name}: cannot lock the table's load"):
        prepare(conn, arguments.limits, search_path)
        ledger.lock_table(conn, arguments.layer, arguments.table_name)


def already_loaded(conn: Connection, load: ledger.TableLoad) -> Outcome | None:
    """The outcome of an earlier load with the same key and inputs, which is logged; None when there is none."""
    committed = ledger.committed_load(conn, load)
    if committed is None:
        return None
    logs.info(
        "already loaded, nothing changed",
        release=load.release,
        rows=committed.row_count,
        committed_at=committed.committed_at,
    )
    return Outcome(committed.row_count, already_loaded=True)


def input_digest(conn: Connection, arguments: Arguments, recipe: Recipe) -> str:
    """Digest over the scripts, and over the inputs of this run's loads of the tables that they read."""
    parts = [recipe.digest]
    for name in sorted((*recipe.requires, *recipe.uses)):
        committed = _run_load(conn, arguments, name)
        parts.append(f"{name} {committed.load.input_digest if committed else 'absent'}")
    return digest_of(parts)


def require(conn: Connection, arguments: Arguments, table: Table) -> None:
    """Raise `SkippedError` with the root cause when a required table does not hold this run.

    A table under `uses` that was not loaded in this run is left out, unless none was loaded. Its later load changes
    the digest of inputs, so that the next run of the same key loads this table again.
    """
    used = [name for name in table.recipe.uses if _run_load(conn, arguments, name)] or table.recipe.uses
    missing = ledger.missing_requirements(conn, arguments.run, (*table.recipe.requires, *used))
    if missing:
        names = ", ".join(f"{each.requirement} ({each.status})" for each in missing)
        raise SkippedError(f"skipped: {ledger.skip_cause(missing)} [missing: {names}]")
    for name, recipe in table.required.items():
        committed = _run_load(conn, arguments, name)
        if committed and committed.load.input_digest != input_digest(conn, arguments, recipe):
            raise SkippedError(f"skipped: {name} was loaded before what it is made from; load it again first")
    if left_out := sorted(set(table.recipe.uses) - set(used)):
        logs.warning("loaded without tables that were not loaded in this run", left_out=left_out)


def _run_load(conn: Connection, arguments: Arguments, name: str) -> ledger.Committed | None:
    """The load that the last try of `LAYER.TABLE` for this run committed."""
    layer, _, table_name = name.partition(".")
    return ledger.run_load(conn, arguments.run, layer, table_name)
