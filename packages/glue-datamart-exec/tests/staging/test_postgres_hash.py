"""The hash that both sides of the checksum use is the server's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datamart_exec.staging import checksum

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80)
LONGS = st.integers(-(2**63), 2**63 - 1)


def of_server(dsn: str, function: str, kind: str, values: list[Any]) -> list[int]:
    with psycopg.connect(dsn) as conn:
        query = (
            f"SELECT {function}(value) FROM unnest(%s::{kind}[]) WITH ORDINALITY AS v(value, n) ORDER BY n"
        )
        return [row[0] for row in conn.execute(query.encode(), (values,)).fetchall()]


@pytest.fixture(scope="module")
def dsn(postgres_server: Any) -> str:
    return str(postgres_server.dsn("postgres"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=40))
def test_texts_hash_as_in_postgres(dsn: str, values: list[str]) -> None:
    assert list(checksum._hashes(pa.array(values))) == of_server(dsn, "hashtext", "text", values)


def test_texts_of_every_length_around_a_block_hash_as_in_postgres(dsn: str) -> None:
    values = ["é" * (length // 2) + "x" * (length % 2) for length in range(70)] + ["z" * 5000, ""]
    assert list(checksum._hashes(pa.array(values))) == of_server(dsn, "hashtext", "text", values)


def test_a_slice_of_an_array_hashes_like_its_own_values(dsn: str) -> None:
    values = [f"value {number}" * (number % 5) for number in range(50)]
    assert list(checksum._hashes(pa.array(values).slice(7, 20))) == of_server(
        dsn, "hashtext", "text", values[7:27]
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LONGS, min_size=1, max_size=40))
def test_whole_numbers_hash_as_in_postgres(dsn: str, values: list[int]) -> None:
    from datamart_exec.staging.postgres_hash import hash_longs

    assert list(hash_longs(np.array(values, dtype=np.int64))) == of_server(dsn, "hashint8", "int8", values)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(), min_size=1, max_size=40))
def test_floats_hash_as_in_postgres(dsn: str, values: list[float]) -> None:
    assert list(checksum._hashes(pa.array(values, pa.float64()))) == of_server(
        dsn, "hashfloat8", "float8", values
    )
