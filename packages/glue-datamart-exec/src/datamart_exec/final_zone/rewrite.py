"""From one state of a table to the next: rewrites only the data files that hold changed rows.

A state is a set of data files. Each key of `wanted` shall have the row given there, or none. A file that holds none of
these keys, or holds them with the same values, stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
from pyiceberg.conversions import from_bytes
from pyiceberg.manifest import DataFile
from pyiceberg.schema import Schema

from datamart_exec.errors import DatamartError
from datamart_exec.final_zone.files import FileWriter
from datamart_exec.final_zone.shape import Shape, columns, same
from datamart_exec.staging.cast import identifier, literal

State = tuple[DataFile, ...]
NEW = -1  # the file number of rows that go into new files


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The new state, the files that left and joined it, and the numbers of rows inserted, updated and deleted."""

    state: State
    removed: tuple[DataFile, ...]
    added: tuple[DataFile, ...]
    inserted: int
    updated: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Rewriter:
    """Rewrites states of one table. A file that two states share and that changes alike in both is written once."""

    duck: duckdb.DuckDBPyConnection
    shape: Shape
    schema: Schema
    writer: FileWriter
    written: dict[tuple[str, str], tuple[DataFile, ...]] = field(default_factory=dict)

    def rewrite(self, state: State, wanted: str) -> Rewritten:
        """Bring the keys of the table `wanted` into the state they shall have there.

        `wanted` has the shape's columns and `present`, false for a key that shall have no row; each key stands there
        once. Raises `DatamartError` when the new files do not hold the number of rows that the changes leave.
        """
        self._locate(state, wanted)
        self._place(state, wanted)
        touched = self._touched()
        added = tuple(file for number in touched for file in self._write(state, number))
        removed = tuple(state[number] for number in touched if number != NEW)
        kept = tuple(file for number, file in enumerate(state) if number not in touched)
        inserted, updated, deleted = self._counts()
        after = rows(state) + inserted - deleted
        if rows((*kept, *added)) != after:
            raise DatamartError(
                f"final zone: {rows(state)} rows before, {inserted} inserted and {deleted} deleted must leave {after},"
                f" the new files hold {rows((*kept, *added))}; nothing was committed"
            )
        return Rewritten((*kept, *added), removed, added, inserted, updated, deleted)

    def _locate(self, state: State, wanted: str) -> None:
        """`located`: file and row of each wanted key that has a row now, and whether it is the wanted one."""
        shape, candidates = self.shape, self._candidates(state, wanted)
        key = columns(shape.key, "w")
        self.duck.execute(
            "CREATE OR REPLACE TEMP TABLE located AS"
            f" SELECT {key}, 0 AS file, 0::BIGINT AS row, true AS same, true AS present FROM {wanted} w LIMIT 0"
        )
        if candidates:
            numbers = ", ".join(f"({literal(state[number].file_path)}, {number})" for number in candidates)
            source = shape.read([state[number].file_path for number in candidates], row_numbers=True)
            self.duck.execute(
                f"INSERT INTO located SELECT {key}, c.number, f.file_row_number,"
                f" w.present AND {same(shape.names, 'f', 'w')}, w.present"
                f" FROM {source} f JOIN (VALUES {numbers}) c(path, number) ON c.path = f.filename"
                f" JOIN {wanted} w ON {shape.same_key('f', 'w')}"
            )

    def _candidates(self, state: State, wanted: str) -> list[int]:
        """The files whose ranges of key values hold a wanted key."""
        found = []
        for number, file in enumerate(state):
            conditions, values = ["true"], []
            for name in self.shape.key:
                low, high = self._bounds(file, name)
                if low is not None and high is not None:
                    conditions.append(f"({identifier(name)} BETWEEN ? AND ? OR {identifier(name)} IS NULL)")
                    values += [low, high]
            query = f"SELECT 1 FROM {wanted} WHERE {' AND '.join(conditions)} LIMIT 1"
            if self.duck.execute(query, values).fetchone():
                found.append(number)
        return found

    def _bounds(self, file: DataFile, name: str) -> tuple[object, object]:
        """The least and greatest value of a column in a file, as far as Iceberg knows them."""
        column = self.schema.find_field(name)
        bounds = []
        for known in (file.lower_bounds, file.upper_bounds):
            value = (known or {}).get(column.field_id)
            bounds.append(None if value is None else from_bytes(column.field_type, value))  # type: ignore[arg-type]
        return bounds[0], bounds[1]

    def _place(self, state: State, wanted: str) -> None:
        """`placed`: the rows to write, each with the number of the file that takes it."""
        shape = self.shape
        self.duck.execute(
            "CREATE OR REPLACE TEMP TABLE placed AS"
            f" SELECT {shape.list('w')}, coalesce(l.file, {NEW}) AS file, l.file IS NULL AS is_new"
            f" FROM {wanted} w LEFT JOIN located l ON {shape.same_key('l', 'w')}"
            " WHERE w.present AND l.same IS DISTINCT FROM true"
        )
        first = shape.key[0]
        takers = [
            (number, low)
            for number, file in enumerate(state)
            if (low := self._bounds(file, first)[0]) is not None and self._takes_new_rows(number, file)
        ]
        self.duck.execute(
            f"CREATE OR REPLACE TEMP TABLE taker AS SELECT {identifier(first)} AS low, 0 AS number FROM {wanted} LIMIT 0"
        )
        if takers:
            self.duck.executemany(
                "INSERT INTO taker VALUES (?, ?)", [(low, number) for number, low in takers]
            )
            self.duck.execute(
                "UPDATE placed SET file = t.number FROM (SELECT p.rowid AS id, t.number FROM placed p"
                f" ASOF JOIN taker t ON p.{identifier(first)} >= t.low WHERE p.is_new) t WHERE placed.rowid = t.id"
            )

    def _takes_new_rows(self, number: int, file: DataFile) -> bool:
        """Whether new rows go into this file: it is rewritten anyway, or is too small to stay alone."""
        if file.file_size_in_bytes < self.writer.target_bytes // 2:
            return True
        query = "SELECT 1 FROM located WHERE file = ? AND NOT same LIMIT 1"
        return self.duck.execute(query, [number]).fetchone() is not None

    def _touched(self) -> list[int]:
        query = "SELECT file FROM located WHERE NOT same UNION SELECT file FROM placed ORDER BY 1"
        return [number for (number,) in self.duck.execute(query).fetchall()]

    def _write(self, state: State, number: int) -> tuple[DataFile, ...]:
        """The files that stand for file `number` from now on."""
        chosen = f"SELECT {self.shape.list()} FROM placed WHERE file = {number}"
        if number == NEW:
            return self.writer.write(chosen, row_bytes=row_bytes(state))
        path = state[number].file_path
        joining, leaving, change = self._change(number)
        if (path, change) not in self.written:
            left = (
                f"SELECT {self.shape.list('f')} FROM {self.shape.read([path], row_numbers=True)} f"
                f" ANTI JOIN (SELECT row FROM located WHERE file = {number} AND NOT same) l"
                " ON f.file_row_number = l.row"
            )
            select = f"SELECT * FROM ({left} UNION ALL {chosen})"
            count = state[number].record_count - leaving + joining
            self.written[path, change] = self.writer.write(select, row_bytes=row_bytes(state), rows=count)
        return self.written[path, change]

    def _change(self, number: int) -> tuple[int, int, str]:
        """What changes in a file: how many rows join it and leave it, and a digest of them."""
        row = f"md5_number(struct_pack({columns(self.shape.names)})::VARCHAR)"
        query = (
            f"SELECT p.*, l.* FROM (SELECT count(*), bit_xor({row}) FROM placed WHERE file = $file) p,"
            " (SELECT count(*), bit_xor(md5_number(row::VARCHAR)) FROM located WHERE file = $file AND NOT same) l"
        )
        joining, joined, leaving, left = self.duck.execute(query, {"file": number}).fetchall()[0]
        return joining, leaving, f"{joining} {joined} {leaving} {left}"

    def _counts(self) -> tuple[int, int, int]:
        """Rows inserted, updated and deleted."""
        query = (
            "SELECT (SELECT count(*) FROM placed WHERE is_new), (SELECT count(*) FROM placed WHERE NOT is_new),"
            " (SELECT count(*) FROM located WHERE NOT present)"
        )
        inserted, updated, deleted = self.duck.execute(query).fetchall()[0]
        return inserted, updated, deleted


def rows(state: State) -> int:
    """The number of rows of a state."""
    return sum(file.record_count for file in state)


def row_bytes(state: State) -> float:
    """The bytes that a row takes in a state's files, 64 where there are none."""
    count = rows(state)
    return sum(file.file_size_in_bytes for file in state) / count if count else 64.0
