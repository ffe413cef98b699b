"""Quality of landed rows in the ledger, and as a small Parquet dataset beside the zones. Commits nothing itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from datamart_exec.landing.places import Places
from datamart_exec.landing.quality import CHECKED_DAYS, COMPARED_DAYS, ColumnQuality
from datamart_exec.session import Connection
from datamart_exec.staging.cast import literal

LOAD = "load"  # the batch of a full load, which is measured as a whole each time
_COLUMNS: dict[str, pa.DataType] = {
    "full_load": pa.bool_(),
    "column_name": pa.string(),
    "row_count": pa.int64(),
    "null_count": pa.int64(),
    "min_value": pa.string(),
    "max_value": pa.string(),
    "distinct_estimate": pa.int64(),
    "operations": pa.string(),
    "dart_filedate": pa.date32(),
}
DATASET = pa.schema(_COLUMNS)


@dataclass(frozen=True, slots=True)
class QualityStore:
    """The quality of one table. `batch` names what the run took, so that a run that is repeated writes the same again."""

    conn: Connection
    places: Places
    table: str
    batch: str
    job_run_id: str

    def write(self, measured: Sequence[ColumnQuality]) -> None:
        """Add rows to the ledger, or replace those of the same batch."""
        with self.conn.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO dart_process_control.landing_quality (app_nm, tbl_nm, file_dt, load_ind, batch_cd, col_nm,"
                " rcd_ct, null_ct, min_txt, max_txt, distinct_ct, value_ct, job_run_id)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (app_nm, tbl_nm, file_dt, load_ind, batch_cd, col_nm) DO UPDATE SET"
                " rcd_ct = excluded.rcd_ct, null_ct = excluded.null_ct, min_txt = excluded.min_txt,"
                " max_txt = excluded.max_txt, distinct_ct = excluded.distinct_ct, value_ct = excluded.value_ct,"
                " job_run_id = excluded.job_run_id, cre_dt = clock_timestamp()",
                [self._row(each) for each in measured],
            )

    def _row(self, each: ColumnQuality) -> tuple[object, ...]:
        return (
            *(
                self.places.app,
                self.table,
                each.day,
                each.is_load,
                LOAD if each.is_load else self.batch,
                each.column,
            ),
            *(each.rows, each.nulls, _storable(each.low), _storable(each.high), each.distinct),
            *(json.dumps(dict(each.values)) if each.values else None, self.job_run_id),
        )

    def recent(self) -> list[ColumnQuality]:
        """What is known of the last days, batch by batch."""
        rows = self.conn.execute(
            "SELECT file_dt, load_ind, col_nm, rcd_ct, null_ct, value_ct FROM (SELECT *, dense_rank() OVER"
            " (PARTITION BY load_ind ORDER BY file_dt DESC) AS age FROM dart_process_control.landing_quality"
            " WHERE app_nm = %s AND tbl_nm = %s) AS days WHERE age <= %s",
            (self.places.app, self.table, CHECKED_DAYS + COMPARED_DAYS),
        )
        return [
            ColumnQuality(day, is_load, column, count, nulls, values=values or {})
            for day, is_load, column, count, nulls, values in rows
        ]

    def write_dataset(self, duck: duckdb.DuckDBPyConnection, measured: Sequence[ColumnQuality]) -> None:
        """Write one object for each day and kind."""
        for day, is_load in sorted({(each.day, each.is_load) for each in measured}):
            rows = [each for each in measured if (each.day, each.is_load) == (day, is_load)]
            name = LOAD if is_load else self.batch
            key = f"{self.places.quality_prefix(self.table)}dart_filedate={day}/{name}.parquet"
            duck.register("quality_rows", pa.Table.from_pylist([_record(each) for each in rows], DATASET))
            duck.execute(
                f"COPY (FROM quality_rows) TO {literal(self.places.final_uri(key))} (FORMAT parquet)"
            )
            duck.unregister("quality_rows")


def _storable(text: str | None) -> str | None:
    return None if text is None else text.replace("\0", "\N{SYMBOL FOR NULL}")


def _record(each: ColumnQuality) -> dict[str, object]:
    values = (
        *(each.is_load, each.column, each.rows, each.nulls, each.low, each.high, each.distinct),
        *(json.dumps(dict(each.values)) if each.values else None, each.day),
    )
    return dict(zip(DATASET.names, values, strict=True))
