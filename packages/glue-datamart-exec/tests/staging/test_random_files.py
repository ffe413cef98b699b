"""Random Parquet files through the job's reader and through plain pyarrow: equal rows, or refused, never different."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import HealthCheck, given, settings
from random_files.folders import Content, folders
from random_files.oracle import comparable, expected, must_be_read, without_sign
from random_files.writers import Written, write

from datamart_exec.arguments import Limits
from datamart_exec.errors import DatamartError
from datamart_exec.staging import engine, nanoseconds, schema, script
from datamart_exec.staging.sources import File, Source
from datamart_exec.staging.translate import translate
from datamart_exec.storage import Storage, StoredObject

EXAMPLES = int(os.environ.get("RANDOM_FILES", "150"))
LIMITS = Limits(5, 1000, 1000, memory_limit_mb=160, threads=1)
READ = "SELECT id, v FROM `fsa-dev-cars`.`t`"
MAX = "SELECT MAX(v) AS v FROM `fsa-dev-cars`.`t`"


class Local(Storage):
    """Files instead of objects."""

    def open(self, bucket: str, found: StoredObject) -> io.BufferedReader:
        return io.BufferedReader(io.FileIO(found.key))


@contextmanager
def opened(written: list[Written]) -> Iterator[Any]:
    """A function that runs a script over the files as the job does, and returns the rows or why it is refused."""
    with engine.open_duckdb(LIMITS) as duck:

        def rows_of(sql: str) -> list[tuple[Any, ...]]:
            parsed = script.parse("S", sql)
            found = tuple(
                File(StoredObject(str(each.path), "", each.path.stat().st_size), str(each.path), None)
                for each in written
            )
            source = schema.read(duck, parsed, Source(parsed.references[0], found, None))
            translation = translate(parsed, [source])
            used = translation.used["source_1"]
            nanoseconds.refuse_nanoseconds(Local(), source, used)
            duck.execute(schema.view(source, used).replace("CREATE TEMP", "CREATE OR REPLACE TEMP", 1))
            return duck.execute(translation.select).fetchall()

        def run(sql: str) -> list[tuple[Any, ...]] | DatamartError:
            try:
                return rows_of(sql)
            except DatamartError as error:
                return error
            except duckdb.InvalidInputException as error:
                return DatamartError(str(error))

        yield run


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(folders())
def test_rows_are_equal_or_refused(contents: list[Content]) -> None:
    with TemporaryDirectory() as folder:
        written = [write(Path(folder), content) for content in contents]
        rows = expected(written, ("id", "v"))
        values = [each.columns["v"] for each in written if "v" in each.columns]
        with opened(written) as run:
            got = run(READ)
            if isinstance(got, DatamartError):
                assert "column v" in str(got)
                assert not must_be_read(values), got
                return
            assert Counter((comparable(key), comparable(value)) for key, value in got) == Counter(rows)
            ((largest,),) = run(MAX)
            assert without_sign(comparable(largest)) == greatest([value for _, value in rows])


def greatest(values: list[Any]) -> Any:
    present = [value for value in values if value is not None]
    if not present or present[0][0] != "float":
        return max(present, default=None)
    if ("float", "nan") in present:
        return ("float", "nan")
    return without_sign(("float", repr(max(float(value) for _, value in present))))
