"""Takes over what another writer left in a table's zones: plain Parquet of the final zone, parts of the change zone.

Both are read under the declared types like landing objects, but no row may be left out. The files of the final zone
become the first snapshot, tagged with the newest date in them: states before that day do not exist. They are removed
once the snapshot is committed. A part of the change zone is written again under its name, as its own source.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import duckdb
from pyiceberg.table import Table

from datamart_exec import logs
from datamart_exec.errors import DatamartError
from datamart_exec.final_zone.commit import TAKEN_OVER, commit_first
from datamart_exec.final_zone.files import FileWriter
from datamart_exec.final_zone.shape import Shape, columns
from datamart_exec.landing.change_zone import Source, footer
from datamart_exec.landing.manifest import Arrival
from datamart_exec.landing.object_names import Landed
from datamart_exec.landing.reading import Reader, ReadObject
from datamart_exec.landing.target_schema import TargetTable
from datamart_exec.landing.zone_files import ZoneFiles
from datamart_exec.storage import StoredObject


def own_names(target: TargetTable) -> TargetTable:
    """The table as its zones hold it: columns under their target names."""
    return replace(target, columns=tuple(replace(each, source=each.name) for each in target.columns))


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Takes over the zones of one table. `reader` reads objects of the final bucket."""

    duck: duckdb.DuckDBPyConnection
    zone: ZoneFiles
    shape: Shape
    reader: Reader
    run_day: date

    def final_zone(self, table: Table, writer: Callable[[], FileWriter]) -> Table:
        """Make plain files the first snapshot of a table that has none. Killed anywhere, it is done again."""
        plain = self._plain(table)
        if not plain:
            return table
        if table.current_snapshot() is None:
            read = self._read([Landed(each.key, self.zone.table, True, None, 0) for each in plain], plain)
            day = max((each.last_day for each in read if each.last_day), default=self.run_day)
            commit_first(table, day, writer().write(self._rows()))
            logs.info(
                "plain files taken over as the first snapshot",
                table=self.zone.table,
                objects=len(plain),
                day=day,
            )
        self.zone.remove([each.key for each in plain])
        return table.refresh()

    def part(self, key: str, day: date) -> None:
        """Give a part of the change zone field ids, and a footer that names it as its own source."""
        (read,) = self._read([Landed(key, self.zone.table, False, day, 0)], [StoredObject(key, "", 0)])
        select = (
            f"SELECT {self.shape.list()} FROM (FROM incoming SELECT * REPLACE (DATE '{day}' AS dart_filedate)"
            " ORDER BY row)"
        )
        source = Source(Landed(key, self.zone.table, True, None, 0), "", read.rows)
        self.duck.execute(self.shape.copy(select, self.zone.places.final_uri(key), footer([source])))
        logs.info("part of the change zone taken over", part=key, rows=read.rows)

    def _plain(self, table: Table) -> Sequence[StoredObject]:
        """The plain files of a table that has no snapshot, or one that was made of them."""
        refs = table.refs()
        if table.current_snapshot() is not None and (TAKEN_OVER not in refs or len(table.snapshots()) > 1):
            return ()
        return self.zone.plain()

    def _read(self, objects: Sequence[Landed], stored: Sequence[StoredObject]) -> Sequence[ReadObject]:
        self.reader.start()
        read = self.reader.read([Arrival(*pair) for pair in zip(objects, stored, strict=True)])
        for each in read:
            if each.unreadable or each.rejected or each.missing_columns:
                problem = each.unreadable or (
                    f"it has no column {', '.join(each.missing_columns)}"
                    if each.missing_columns
                    else f"{each.rejected} of {each.rows} rows do not fit the declared types"
                )
                raise DatamartError(
                    f"LANDING.{self.zone.table}: {each.arrival.landed.key} cannot be taken over: {problem};"
                    " correct the target schema, or move the object away"
                )
        return read

    def _rows(self) -> str:
        """One row for each key: no key may stand there twice."""
        key = columns(self.shape.key)
        query = f"SELECT 1 FROM incoming GROUP BY {key} HAVING count(*) > 1 LIMIT 1"
        if self.duck.execute(query).fetchone():
            raise DatamartError(
                f"LANDING.{self.zone.table}: the plain files of the final zone hold a key ({', '.join(self.shape.key)})"
                " more than once; remove the double rows, or move the files away and land a full load"
            )
        return f"SELECT {self.shape.list()} FROM incoming"
