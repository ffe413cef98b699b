# ruff: noqa: E501 - one case is one line
"""Types that meet in one expression, and columns that are not there: refused with the place."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datamart_exec.errors import DatamartError
from datamart_exec.staging import schema, script
from datamart_exec.staging.sources import File, Source
from datamart_exec.staging.translate import Translation, translate
from datamart_exec.storage import StoredObject

T, U = "`fsa-dev-cars`.`t`", "`fsa-dev-cars`.`u`"


@pytest.fixture
def path(tmp_path: Path) -> str:
    table = pa.table(
        {
            "Num": pa.array([1], pa.int64()),
            "txt": ["a"],
            "dt": pa.array([1], pa.date32()),
            "ts": pa.array([1], pa.timestamp("us")),
            "flag": [True],
            "dbl": [1.5],
            "nested": [[1]],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    return str(tmp_path / "t.parquet")


def translated(sql: str, path: str) -> Translation:
    parsed = script.parse("S", sql)
    with duckdb.connect() as connection:
        sources = [
            Source(reference, (File(StoredObject(path, "", 1), path, None),), None)
            for reference in parsed.references
        ]
        return translate(parsed, [schema.read(connection, parsed, source) for source in sources])


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (f"SELECT num FROM {T} WHERE num = '1'", "mixes number and text, which Spark and DuckDB convert differently; CAST one side"),
        (f"SELECT num FROM {T} WHERE txt = 1", "mixes number and text"),
        (f"SELECT num FROM {T} WHERE dbl = num", "mixes float and number"),
        (f"SELECT t.num FROM {T} t JOIN {U} u ON t.num = u.txt", "mixes number and text"),
        (f"SELECT COALESCE(dt, '9999-12-31') AS d FROM {T}", "mixes date and text"),
        (f"SELECT CASE WHEN flag THEN num ELSE txt END AS d FROM {T}", "mixes number and text"),
        (f"SELECT UPPER(num) AS d FROM {T}", "takes text, found number; CAST it"),
        (f"SELECT num FROM {T} WHERE num", "takes boolean, found number"),
        (f"SELECT IF(num, 1, 2) AS d FROM {T}", "takes boolean, found number"),
        (f"SELECT t.num FROM {T} t JOIN {U} u ON u.num", "takes boolean, found number"),
        (f"SELECT IF(flag, 1, txt) AS d FROM {T}", "mixes number and text"),
        (f"SELECT num FROM {T} WHERE flag AND num", "takes boolean, found number"),
        (f"SELECT num AS a FROM {T} UNION ALL SELECT txt FROM {T}", "UNION mixes number and text in column a"),
        (f"SELECT num, txt FROM {T} UNION ALL SELECT txt FROM {T}", "UNION of 2 and 1 columns"),
        (f"SELECT CAST(dbl AS INT) AS d FROM {T}", "S: CAST from float to integer is not proven equal"),
        (f"SELECT CAST(ts AS STRING) AS d FROM {T}", "S: CAST from timestamp to varchar is not proven equal"),
        (f"SELECT CAST(txt AS DOUBLE) AS d FROM {T}", "S: CAST to DOUBLE is not proven equal"),
        (f"SELECT num FROM {T} WHERE dt = '2025-3-1'", "the literal compared with a date must be YYYY-MM-DD, got '2025-3-1'"),
        (f"SELECT nope FROM {T}", "S: column nope is missing in `fsa-dev-cars`.`t` ("),
        (f"SELECT t.nope FROM {T} t", "S: column nope is missing in `fsa-dev-cars`.`t` ("),
        (f"SELECT q.nope FROM (SELECT num FROM {T}) q", "S: "),
        (f"SELECT num FROM {T} t JOIN {U} u ON t.num = u.num", "S: column num is ambiguous between `fsa-dev-cars`.`t`"),
        (f"SELECT num AS a, txt AS A FROM {T}", "S: several columns are named a"),
        (f"SELECT nested FROM {T}", "S: column nested of `fsa-dev-cars`.`t` has type bigint[], which staging cannot read"),
    ],
)  # fmt: skip
def test_what_the_engines_would_take_differently_is_refused(sql: str, expected: str, path: str) -> None:
    with pytest.raises(DatamartError) as caught:
        translated(sql, path)
    assert expected in str(caught.value)


def test_only_the_used_columns_are_read(path: str) -> None:
    sql = f"WITH a AS (SELECT * FROM {T}) SELECT t.txt, u.NUM FROM {T} t LEFT JOIN {U} u ON u.num = t.num"
    used = translated(sql, path).used
    assert sorted(map(sorted, used.values())) == [
        ["dbl", "dt", "flag", "num", "ts", "txt"],
        ["num"],
        ["num", "txt"],
    ]


def test_names_are_found_in_any_case(path: str) -> None:
    assert translated(f"SELECT NUM AS Id FROM {T} X WHERE x.TXT IS NOT NULL", path).used["source_1"] == {
        "num",
        "txt",
    }
