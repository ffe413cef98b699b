"""Random folders of files through the whole job and through real Spark: equal rows, or refused, never different."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from harness import DAY, World
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_files import spark as spark_files
from random_files.folders import ODD_NAMES, SOME_OFTEN, Content, folders
from random_files.oracle import comparable, expected, must_be_read, without_sign
from random_files.tally import REASONS, Tally, reason_of
from random_files.writers import Written, write

from datamart_exec.errors import DatamartError

Row = tuple[Any, ...]

FILES = int(os.environ.get("SPARK_FILES", "40"))
COLUMNS = ("a", "b", "c")
DIFFERENT = "different, or refused without need or reason"
ROWS = "SELECT {columns} FROM {source} t"
# what else a script does with one column: its output columns, and its text
OTHERS = (
    ("{c}", "SELECT MAX(t.{c}) AS {c} FROM {source} t"),
    ("{c} n", "SELECT MIN(t.{c}) AS {c}, COUNT(t.{c}) AS n FROM {source} t"),
    ("{c} n", "SELECT t.{c}, COUNT(*) AS n FROM {source} t GROUP BY t.{c}"),
    ("n", "SELECT COUNT(DISTINCT t.{c}) AS n FROM {source} t"),
    ("id {c}", "SELECT t.id, t.{c} FROM {source} t WHERE t.{c} IS NOT NULL AND t.id > 1"),
    ("id n", "SELECT t.id, ROW_NUMBER() OVER (ORDER BY t.{c}, t.id) AS n FROM {source} t"),
    (
        "id n",
        "SELECT x.id, y.id AS n FROM {source} x JOIN {source} y ON x.{c} = y.{c} AND y.id IN (0, 10000, 20001)",
    ),
    ("{c}", "SELECT t.{c} FROM {source} t UNION SELECT t.{c} FROM {source} t WHERE t.id > 0"),
)
NAMED = re.compile(r"column (\w+)\b|cars_stg\.r\d+\.(\w+): value")
folders_of_all = folders(
    columns=COLUMNS,
    writers=("pyarrow", "pyarrow", "duckdb", "spark", "spark"),
    names=ODD_NAMES,
    repeats=SOME_OFTEN,
    fewest=3,
    most=8,
    unread=True,
)


@dataclass
class Case:
    """One folder of files, as objects for the job and as files for Spark."""

    world: World
    spark: Any
    tally: Tally
    root: Path
    number: int
    is_change: bool  # in the change zone, under a date
    ways: Sequence[str]  # in which Spark makes a table of the files, the first one first
    written: list[Written] = field(default_factory=list)

    @property
    def table(self) -> str:
        return f"r{self.number}"

    def put(self, contents: Sequence[Content]) -> None:
        folder = self.root / f"dart_filedate={DAY}" if self.is_change else self.root
        folder.mkdir(exist_ok=True)
        for content in contents:
            by_spark = content.writer == "spark"
            made = spark_files.write(self.spark, folder, content) if by_spark else [write(folder, content)]
            self.written += made
            self.tally.files[content.writer] += len(made)
        zone = f"_cdc/{self.table}/dart_filedate={DAY}" if self.is_change else self.table
        for each in self.written:
            self.world.put(f"{self.world.app}/{zone}/{each.path.name}", each.path.read_bytes())
        types = [f"{name} {postgres_type(self.arrays(name))}" for name in ("id", *COLUMNS)]
        self.world.execute(f"CREATE TABLE cars_stg.{self.table} ({', '.join(types)}, n bigint)")
        self.tally.folders += 1

    def arrays(self, name: str) -> list[Any]:
        return [each.columns[name] for each in self.written if name in each.columns]

    def by_job(self, sql: str, names: Sequence[str]) -> list[Row]:
        source = f"`fsa-{{env}}-cars{'-cdc' if self.is_change else ''}`.`{self.table}`"
        self.world.files.clear()
        self.world.tables.clear()
        self.world.staging(sql.replace("{source}", source), self.table.upper())
        self.world.release()
        self.world.run("STG", self.table, execution=f"{self.table}-{self.tally.outcomes.total()}")
        with psycopg.connect(self.world.dsn) as conn:
            cursor = conn.execute(f"SELECT {', '.join(names)} FROM cars_stg.{self.table}".encode())
            rows = cursor.fetchall()
        return [tuple(map(comparable, row)) for row in rows]

    def by_spark(self, sql: str, *, vectorized: bool = True) -> list[Row] | None:
        """The rows as Spark reads them in the first way that it does not refuse; None where it refuses all."""
        self.spark.conf.set("spark.sql.parquet.enableVectorizedReader", str(vectorized).lower())
        names = [name for name in ("id", *COLUMNS) if re.search(rf"\b{name}\b", sql)]
        tables = spark_files.tables(self.spark, self.root, self.written, names)
        text = sql.replace("{source}", "t")
        found = (spark_files.rows(self.spark, text, tables[way]) for way in self.ways)
        return next((rows for rows in found if rows is not None), None)

    def oracle(self, names: Sequence[str]) -> list[Row] | None:
        """The rows as they were written; None where a writer may have moved them to another calendar."""
        return None if any(each.moved for each in self.written) else expected(self.written, names)


def postgres_type(arrays: Sequence[Any]) -> str:
    """A type for the table that holds every value of the column."""
    kinds = [each.type for each in arrays]
    for test, name in (
        (pa.types.is_decimal, "numeric"),
        (pa.types.is_uint64, "numeric"),
        (pa.types.is_timestamp, "timestamp"),
        (pa.types.is_integer, "bigint"),
        (pa.types.is_floating, "double precision"),
        (pa.types.is_date, "date"),
        (pa.types.is_boolean, "boolean"),
    ):
        if any(test(kind) for kind in kinds):
            return name
    return "text"


@settings(
    max_examples=FILES // 3 + 4,  # folders, of some five files each
    deadline=None,
    phases=[Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    folders_of_all,
    st.booleans(),
    st.permutations(["merged", "declared"]),
    st.sampled_from(OTHERS),
    st.integers(0, 2),
)
def check(
    world: World,
    spark: Any,
    tally: Tally,
    contents: Sequence[Content],
    is_change: bool,
    ways: Sequence[str],
    other: tuple[str, str],
    index: int,
) -> None:
    """One folder: all its columns but those that the job refuses, and then another script over one of them."""
    with TemporaryDirectory() as folder:
        case = Case(world, spark, tally, Path(folder), tally.folders, is_change, [*ways, "each alone"])
        case.put(contents)
        names = [name for name in COLUMNS if case.arrays(name)]
        while names and (refused := rows_are_equal_or_refused(case, names)):
            names.remove(refused)
        if names:
            outputs, sql = (text.replace("{c}", names[index % len(names)]) for text in other)
            other_script_is_equal(case, sql, outputs.split())


def rows_are_equal_or_refused(case: Case, names: Sequence[str]) -> str | None:
    """Compare all rows of these columns; the name of the column that the job refuses."""
    wanted = ["id", *names]
    sql = ROWS.replace("{columns}", ", ".join(f"t.{name}" for name in wanted))
    try:
        ours = case.by_job(sql, wanted)
    except DatamartError as error:
        case.tally.refused(str(error))
        return column_of_refusal(case, names, str(error))
    if equal_to_spark(case, sql, ours):
        return None
    written = case.oracle(wanted)
    if written is None:
        case.tally.outcomes["only the job can read it"] += 1
        return None
    assert Counter(ours) == Counter(written), sql
    case.tally.outcomes["equal to what was written, which Spark cannot read"] += 1
    return None


def equal_to_spark(
    case: Case, sql: str, ours: Sequence[Row], same: Callable[[Row], Row] = lambda row: row
) -> bool:
    """Compare with Spark; no where it cannot read the files. Its two readers do not always agree: its vectorized one
    reads some texts of DELTA_LENGTH_BYTE_ARRAY pages with NULL as other texts. Then its reader by rows decides.
    """
    mine = Counter(map(same, ours))
    theirs = case.by_spark(sql)
    if theirs is None:
        return False
    if mine == Counter(map(same, theirs)):
        case.tally.outcomes["equal to Spark"] += 1
        return True
    by_rows = case.by_spark(sql, vectorized=False)
    assert by_rows is not None, sql
    assert mine == Counter(map(same, by_rows)), sql
    case.tally.outcomes["equal to Spark by rows, which its vectorized reader contradicts"] += 1
    return True


def column_of_refusal(case: Case, names: Sequence[str], message: str) -> str:
    """The column that the message names; it must name a file too, and a reason that holds for the column."""
    found = NAMED.search(message)
    name = next((each for each in found.groups() if each), "") if found else ""
    assert name in names, message
    assert reason_of(message) in REASONS.values(), message
    assert any(each.path.name in message for each in case.written), message
    if "NUL" not in message:
        assert not must_be_read(case.arrays(name)), message
    return name


def other_script_is_equal(case: Case, sql: str, names: Sequence[str]) -> None:
    if not equal_to_spark(case, sql, case.by_job(sql, names), unsigned):
        case.tally.outcomes["only the job can read it"] += 1


def unsigned(row: Row) -> Row:
    """Of 0.0 and -0.0, which are equal, a script may give any."""
    return tuple(map(without_sign, row))


@pytest.mark.spark
def test_rows_are_those_of_spark_or_refused(
    world: World, spark: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = Tally()
    tally.outcomes[DIFFERENT] = 0
    try:
        check(world, spark, tally)
    except AssertionError:
        tally.outcomes[DIFFERENT] += 1
        raise
    finally:
        with capsys.disabled():
            print(f"\n{tally}")
    assert tally.files.total() >= FILES
    assert tally.outcomes["equal to Spark"] > tally.folders / 2
