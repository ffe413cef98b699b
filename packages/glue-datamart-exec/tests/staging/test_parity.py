"""Spark and DuckDB, side by side: every construct on the list gives the same rows over edge values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parity_cases import EDGE_TABLE, EQUAL, OTHER_TABLE, RAISES
from parity_functions import AGGREGATES, FORMS, selected
from parity_grids import GRIDS

from datamart_exec.staging import schema, script
from datamart_exec.staging.functions import FUNCTIONS
from datamart_exec.staging.rewrite import CASED
from datamart_exec.staging.sources import File, Source
from datamart_exec.staging.translate import translate
from datamart_exec.storage import StoredObject

LETTERS = [chr(point) for point in range(0x180)]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("parity")
    letters = pa.table({"id": pa.array(range(len(LETTERS)), pa.int64()), "txt": pa.array(LETTERS)})
    tables = {"edge": EDGE_TABLE, "other": OTHER_TABLE, "letters": letters, **GRIDS}
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return {name: str(folder / f"{name}.parquet") for name in tables}


def in_duckdb(sql: str, files: dict[str, str]) -> list[tuple[Any, ...]]:
    """The rows as the job gets them, through its own translation."""
    connection, translated = opened(sql, files)
    with connection:
        return connection.execute(translated).fetchall()


def opened(sql: str, files: dict[str, str]) -> tuple[duckdb.DuckDBPyConnection, str]:
    """A connection with all that the translated script needs, and that script."""
    parsed = script.parse("case", sql)
    connection = duckdb.connect()
    for setting in ("TimeZone = 'UTC'", "disabled_optimizers = 'statistics_propagation'"):
        connection.execute(f"SET {setting}")
    schemas = [
        schema.read(connection, parsed, source_of(reference, files[reference.table]))
        for reference in parsed.references
    ]
    translation = translate(parsed, schemas)
    for each in schemas:
        connection.execute(schema.view(each, translation.used[each.source.reference.view]))
    for macro in translation.macros:
        connection.execute(macro)
    return connection, translation.select


def source_of(reference: script.Reference, path: str) -> Source:
    size = Path(path).stat().st_size
    return Source(reference, (File(StoredObject(path, "", size), path, None),), None)


def in_spark(session: Any, sql: str, files: dict[str, str]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame(session, sql, files).collect()]


def frame(session: Any, sql: str, files: dict[str, str]) -> Any:
    for name in re.findall(r"`fsa-parity-cars`\.`(\w+)`", sql):
        session.read.parquet(files[name]).createOrReplaceTempView(name)
    return session.sql(sql.replace("`fsa-parity-cars`.", ""))


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Numbers by value, so that 1.50 is 1.5; what a column's type is, is decided by the target table."""
    return [tuple(each.normalize() if isinstance(each, Decimal) else each for each in row) for row in rows]


@pytest.mark.spark
@pytest.mark.parametrize("name", EQUAL)
def test_spark_and_duckdb_give_the_same_rows(name: str, spark: Any, files: dict[str, str]) -> None:
    ours, theirs = in_duckdb(EQUAL[name], files), in_spark(spark, EQUAL[name], files)
    assert in_order(plain(ours)) == in_order(plain(theirs))
    assert ours


@pytest.mark.spark
def test_letters_on_the_list_have_the_same_case_in_both(spark: Any, files: dict[str, str]) -> None:
    with duckdb.connect() as connection:
        query = f"SELECT id FROM '{files['letters']}' WHERE regexp_full_match(txt, '{CASED}')"
        listed = [point for (point,) in connection.execute(query).fetchall()]
    where = f"WHERE id IN ({', '.join(map(str, listed))})"
    sql = f"SELECT id, UPPER(txt) AS u, LOWER(txt) AS l FROM `fsa-parity-cars`.`letters` {where}"
    assert len(listed) > 370
    assert in_order(in_duckdb(sql, files)) == in_order(in_spark(spark, sql, files))


@pytest.mark.parametrize(
    ("expression", "value"), [(key, value) for key, values in RAISES.items() for value in values]
)
def test_what_spark_would_turn_into_null_raises_and_names_expression_and_value(
    expression: str, value: str, tmp_path: Path
) -> None:
    pq.write_table(pa.table({"v": pa.array(["2025-03-01", value])}), tmp_path / "edge.parquet")
    sql = f"SELECT {expression} AS c FROM `fsa-parity-cars`.`edge` WHERE v <> '2025-03-01'"
    with pytest.raises(duckdb.Error) as caught:
        in_duckdb(sql, {"edge": str(tmp_path / "edge.parquet")})
    assert f"'{value[:60]}'" in str(caught.value)
    name = (
        expression if "'" in expression else expression.replace("TO_DATE", "CAST")
    )  # how the parser spells it
    assert f"{name.partition('(')[0]}(`edge`.v" in str(caught.value)


@pytest.mark.spark
@pytest.mark.parametrize("sql", [*map(selected, FORMS), *AGGREGATES.values()], ids=[*FORMS, *AGGREGATES])
def test_spark_and_duckdb_give_functions_the_same_values_and_types(
    sql: str, spark: Any, files: dict[str, str]
) -> None:
    """Dates and timestamps are compared as numbers of days and microseconds: results may lie beyond Python's years."""
    connection, translated = opened(sql, files)
    with connection:
        types = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {translated}").fetchall()}
        numbers = ", ".join(counted(f'"{name}"', kind, OURS) for name, kind in types.items())
        ours = connection.execute(f"SELECT {numbers} FROM ({translated})").fetchall()
    expected = frame(spark, sql, files)
    spark_types = {field.name: DUCKDB[field.dataType.typeName()](field.dataType) for field in expected.schema}
    columns = [f"{counted(f'`{name}`', kind, SPARKS)} AS `{name}`" for name, kind in spark_types.items()]
    theirs = [tuple(row) for row in expected.selectExpr(*columns).collect()]
    assert in_order(comparable(ours)) == in_order(comparable(theirs))
    if RANKS.search(sql):  # INTEGER in Spark, BIGINT in DuckDB, which holds all of them
        types, spark_types = (
            {name: kind.replace("BIGINT", "INTEGER") for name, kind in each.items()}
            for each in (types, spark_types)
        )
    assert types == spark_types


@pytest.mark.spark
def test_every_function_on_the_list_is_one_of_spark(spark: Any) -> None:
    known = {row.function.upper() for row in spark.sql("SHOW FUNCTIONS").collect()}
    syntax = {
        "CASE",
        "CAST",
        "REGEXP",
        "TRIM",
        "TRY_CAST",
    }  # the parser's, not in Spark's registry under this name
    assert {name for row in FUNCTIONS.values() for name in row.names} - known - syntax == set()


RANKS = re.compile(r"ROW_NUMBER|RANK|NTILE")
OURS = {"DATE": "{0} - DATE '1970-01-01'", "TIMESTAMP": "epoch_us({0})"}
SPARKS = {"DATE": "unix_date({0})", "TIMESTAMP": "unix_micros(CAST({0} AS TIMESTAMP))"}
DUCKDB: dict[str, Callable[[Any], str]] = {
    "string": lambda _: "VARCHAR",
    "integer": lambda _: "INTEGER",
    "long": lambda _: "BIGINT",
    "double": lambda _: "DOUBLE",
    "boolean": lambda _: "BOOLEAN",
    "date": lambda _: "DATE",
    "timestamp": lambda _: "TIMESTAMP",
    "timestamp_ntz": lambda _: "TIMESTAMP",
    "decimal": lambda kind: f"DECIMAL({kind.precision},{kind.scale})",
}


def counted(column: str, kind: str, forms: dict[str, str]) -> str:
    return forms.get(kind, "{0}").format(column)


def comparable(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """NaN equals NaN, and 0.0 equals -0.0, as in both engines."""
    return [tuple(_comparable(each) for each in row) for row in plain(rows)]


def _comparable(value: Any) -> Any:
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    return value
