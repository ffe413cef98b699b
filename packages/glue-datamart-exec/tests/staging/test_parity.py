"""Spark and DuckDB, side by side: every construct on the list gives the same rows over edge values."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parity_cases import EDGE_TABLE, EQUAL, OTHER_TABLE, RAISES
from sqlglot import exp

from datamart_exec.staging import allow_list, schema, script
from datamart_exec.staging.rewrite import CASED
from datamart_exec.staging.sources import File, Source
from datamart_exec.staging.translate import translate
from datamart_exec.storage import StoredObject

LETTERS = [chr(point) for point in range(0x180)]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("parity")
    letters = pa.table({"id": pa.array(range(len(LETTERS)), pa.int64()), "txt": pa.array(LETTERS)})
    tables = {"edge": EDGE_TABLE, "other": OTHER_TABLE, "letters": letters}
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return {name: str(folder / f"{name}.parquet") for name in tables}


def in_duckdb(sql: str, files: dict[str, str]) -> list[tuple[Any, ...]]:
    """The rows as the job gets them, through its own translation."""
    parsed = script.parse("case", sql)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        schemas = [
            schema.read(connection, parsed, source_of(reference, files[reference.table]))
            for reference in parsed.references
        ]
        translation = translate(parsed, schemas)
        for each in schemas:
            connection.execute(schema.view(each, translation.used[each.source.reference.view]))
        for macro in translation.macros:
            connection.execute(macro)
        return connection.execute(translation.select).fetchall()


def source_of(reference: script.Reference, path: str) -> Source:
    size = Path(path).stat().st_size
    return Source(reference, (File(StoredObject(path, "", size), path, None),), None)


def in_spark(session: Any, sql: str, files: dict[str, str]) -> list[tuple[Any, ...]]:
    for name, path in files.items():
        session.read.parquet(path).createOrReplaceTempView(name)
    return [tuple(row) for row in session.sql(sql.replace("`fsa-parity-cars`.", "")).collect()]


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
    name = expression.partition("(")[0].replace("TO_DATE", "CAST")  # how the parser spells it
    assert f"{name}(`edge`.v" in str(caught.value)


def test_every_construct_on_the_list_has_a_case() -> None:
    found = {type(node) for sql in EQUAL.values() for node in script._one_select("case", sql).walk()}
    assert {each.__name__ for each in allow_list.CONSTRUCTS} - {each.__name__ for each in found} == set()
    assert exp.Select in found
