"""The checksum sees whatever differs between what was sent and what is stored."""

from __future__ import annotations

from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pytest

from datamart_exec.errors import DatamartError
from datamart_exec.staging import postgres_hash
from datamart_exec.staging.checksum import LONG, ChecksumCounter, Checksums, compare, stored
from datamart_exec.staging.copy import copy_rows

COLUMNS = (
    "flag boolean, small smallint, whole integer, big bigint, share numeric(38,5), money numeric(18,4),"
    " ratio double precision, day date, at timestamp, label varchar, note text"
)
FIELDS: list[tuple[str, pa.DataType]] = [
    ("flag", pa.bool_()),
    ("small", pa.int16()),
    ("whole", pa.int32()),
    ("big", pa.int64()),
    ("share", pa.decimal128(38, 5)),
    ("money", pa.decimal128(18, 4)),
    ("ratio", pa.float64()),
    ("day", pa.date32()),
    ("at", pa.timestamp("us")),
    ("label", pa.string()),
    ("note", pa.string()),
]
SCHEMA = pa.schema(FIELDS)
EDGES: dict[str, list[Any]] = {
    "flag": [True, False, None],
    "small": [-(2**15), 2**15 - 1, 0],
    "whole": [-(2**31), 2**31 - 1, 0],
    "big": [-(2**63), 2**63 - 1, 0],
    "share": ["-999999999999999999999999999999999.99999", "999999999999999999999999999999999.99999", "0"],
    "money": ["-0.0001", "99999999999999.9999", None],
    "ratio": [-0.0, 5e-324, float("nan")],
    "day": [-719162, 2932896, 0],
    "at": [-62135596800000000, 253402300799999999, 0],
    "label": ["", "é" * 40, "a\tb\n"],
    "note": [None, None, "0"],
}


def edges() -> pa.Table:
    arrays = []
    for field in SCHEMA:
        values = EDGES[field.name]
        text = pa.types.is_decimal(field.type)
        arrays.append(pa.array(values).cast(field.type) if text else pa.array(values, field.type))
    return pa.table(arrays, schema=SCHEMA)


@pytest.fixture
def conn(database: Any) -> Any:
    with psycopg.connect(database.dsn) as connection:
        connection.execute(f"CREATE TABLE t ({COLUMNS})".encode())
        connection.execute("TRUNCATE t")
        yield connection


def load(conn: Any, table: pa.Table) -> Checksums:
    return copy_rows(conn, "t", table.to_reader(max_chunksize=2))


def test_edge_values_of_every_type_arrive_and_agree(conn: Any) -> None:
    sent = load(conn, edges())
    compare("t", SCHEMA, sent, stored(conn, "t", SCHEMA))
    assert conn.execute(
        "SELECT big, share::text, day::text, at::text FROM t WHERE small = 32767"
    ).fetchall() == [
        (2**63 - 1, "999999999999999999999999999999999.99999", "9999-12-31", "9999-12-31 23:59:59.999999")
    ]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE t SET flag = true WHERE flag IS NULL",
        "UPDATE t SET flag = NOT flag WHERE whole = 0 OR flag",
        "UPDATE t SET small = small + 1 WHERE small = 0",
        "UPDATE t SET whole = NULL WHERE whole = 0",
        "UPDATE t SET big = NULL WHERE big = 0",
        "UPDATE t SET share = NULL WHERE share = 0",
        "UPDATE t SET money = money + 0.0001 WHERE money < 0",
        "UPDATE t SET ratio = 0 WHERE ratio > 0 AND ratio < 1",
        "UPDATE t SET day = day + 1 WHERE whole = 0",
        "UPDATE t SET at = at + interval '1 microsecond' WHERE whole = 0",
        "UPDATE t SET label = NULL WHERE label = ''",
        "UPDATE t SET label = replace(label, 'a', 'b') WHERE label LIKE 'a%'",
        "UPDATE t SET label = note, note = label",
    ],
)
def test_any_changed_value_is_noticed(conn: Any, change: str) -> None:
    sent = load(conn, edges())
    assert conn.execute(change.encode()).rowcount > 0
    with pytest.raises(
        DatamartError, match=r"^t does not hold what was sent: column \w+ has another checksum"
    ):
        compare("t", SCHEMA, sent, stored(conn, "t", SCHEMA))


def test_a_lost_row_is_noticed_with_both_counts(conn: Any) -> None:
    sent = load(conn, edges())
    conn.execute("DELETE FROM t WHERE small = 0")
    with pytest.raises(DatamartError, match=r"^t does not hold what was sent: 2 rows instead of 3; column "):
        compare("t", SCHEMA, sent, stored(conn, "t", SCHEMA))


def test_batches_add_up_to_the_sum_of_the_whole() -> None:
    table = edges()
    whole, parts = ChecksumCounter(SCHEMA), ChecksumCounter(SCHEMA)
    for batch in table.to_batches():
        whole.add(batch)
    for batch in table.to_batches(max_chunksize=1):
        parts.add(batch)
    assert whole.result() == parts.result()


def long_texts(*texts: str | None) -> pa.Table:
    rows = len(texts)
    values = {field.name: pa.nulls(rows, field.type) for field in SCHEMA}
    return pa.table({**values, "label": pa.array(texts), "note": pa.array(["short"] * rows)}, schema=SCHEMA)


def test_long_texts_agree_and_a_changed_byte_is_noticed(conn: Any) -> None:
    sent = load(conn, long_texts("é" * 2048, "é" * 2048 + "x", "x" * 3_000_000, None, "", "y" * 5000))
    assert sent.long_texts == {SCHEMA.names.index("label")}
    compare("t", SCHEMA, sent, stored(conn, "t", SCHEMA, sent.long_texts))
    conn.execute("UPDATE t SET label = overlay(label PLACING 'z' FROM 2000000) WHERE length(label) = 3000000")
    with pytest.raises(DatamartError, match="column label has another checksum"):
        compare("t", SCHEMA, sent, stored(conn, "t", SCHEMA, sent.long_texts))


def test_no_text_is_long_for_the_stepwise_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a step in numpy for 12 bytes of the longest text: 8 MB took 24 seconds."""
    longest: list[int] = []
    whole = postgres_hash.hash_texts

    def watched(offsets: Any, data: Any) -> Any:
        longest.append(int(np.diff(offsets).max(initial=0)))
        return whole(offsets, data)

    monkeypatch.setattr(postgres_hash, "hash_texts", watched)
    counter = ChecksumCounter(SCHEMA)
    for batch in long_texts("x" * 8_000_000, "y" * LONG, None).to_batches():
        counter.add(batch)
    assert max(longest) == LONG
