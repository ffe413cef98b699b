"""The landing's manifest in Postgres: what is known of each object of a table. Commits nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from datamart_exec.landing.manifest import Entry, Outcome
from datamart_exec.session import Connection

_COLUMNS = "obj_key, etag, size_byte_ct, outcome_nm, first_day_dt, load_day_dt, rcd_ct, rjct_ct, reason_txt"


@dataclass(frozen=True, slots=True)
class ManifestStore:
    """The manifest of one table of one application."""

    conn: Connection
    app: str
    table: str
    job_run_id: str

    def read(self) -> dict[str, Entry]:
        """All objects of the table by key."""
        rows = self.conn.execute(
            f"SELECT {_COLUMNS} FROM dart_process_control.landing_obj WHERE app_nm = %s AND tbl_nm = %s",
            (self.app, self.table),
        )
        return {
            key: Entry(key, etag, size, Outcome(outcome), *rest) for key, etag, size, outcome, *rest in rows
        }

    def write(self, entries: Iterable[Entry]) -> None:
        """Add objects, or replace what was known of them."""
        with self.conn.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO dart_process_control.landing_obj (app_nm, tbl_nm, job_run_id, {_COLUMNS})"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (app_nm, obj_key) DO UPDATE SET"
                " etag = excluded.etag, size_byte_ct = excluded.size_byte_ct, outcome_nm = excluded.outcome_nm,"
                " first_day_dt = excluded.first_day_dt, load_day_dt = excluded.load_day_dt, rcd_ct = excluded.rcd_ct,"
                " rjct_ct = excluded.rjct_ct, reason_txt = excluded.reason_txt, job_run_id = excluded.job_run_id,"
                " last_chg_dt = clock_timestamp()",
                [self._row(entry) for entry in entries],
            )

    def _row(self, entry: Entry) -> tuple[object, ...]:
        return (
            *(self.app, self.table, self.job_run_id),
            *(entry.key, entry.etag, entry.size, entry.outcome.value, entry.first_day, entry.load_day),
            *(entry.rows, entry.rejected, entry.reason),
        )
