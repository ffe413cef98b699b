"""What became of tables in one execution, as the ledger has it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from process_control.parent_rows import layer_name, ledger_exists

if TYPE_CHECKING:  # the Lambdas import psycopg only when they write
    import psycopg


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last try of a table: Complete, Failed or Skipped, and the text of its error."""

    status: str
    error: str


def table_outcomes(
    conn: psycopg.Connection[Any], layer: str, tables: Collection[str], execution: str
) -> dict[str, Outcome]:
    """The last try of each of `tables` in this execution, by name in upper case; tables that were not tried are absent."""
    if not ledger_exists(conn):
        return {}
    rows = conn.execute(
        """
        SELECT DISTINCT ON (data_obj_nm) data_obj_nm, data_ppln_oper_stat_nm, coalesce(err_msg_txt, '')
        FROM dart_process_control.data_ppln_oper
        WHERE layer_nm = %s AND data_obj_nm = ANY(%s) AND execution_nm = %s
        ORDER BY data_obj_nm, data_ppln_oper_id DESC
        """,
        (layer_name(layer), [name.upper() for name in tables], execution),
    )
    return {table: Outcome(status, error) for table, status, error in rows}
