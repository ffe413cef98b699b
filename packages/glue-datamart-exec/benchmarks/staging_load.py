"""The staging load compared with alternatives: the same rows, the same table, the same server, taking turns.

    python benchmarks/staging_load.py [--rows 1000000] [--slow-rows 100000] [--repeat 3] [--only NAME ...]

`glue` is the job's own load: Parquet -> DuckDB -> Arrow -> binary COPY -> count and checksums -> commit.
`server_copy` is Postgres reading a binary file on its own disk, without any check; `server_copy_checked` adds what the
job must do before it commits, count and checksums of the stored rows, and so shows what that alone costs the server.
`spark_jdbc` is Spark's append over JDBC, `pandas` is `DataFrame.to_sql`; both get `--slow-rows`. Each runs in a process
of its own; start-up of Python, Spark and the database is not counted. The first three take turns, each after a
checkpoint, so that what else the machine does strikes all of them; a comparison is the median of the rounds, with the
lowest and the highest, and the seconds are those of the best round. Every target is reported as met or missed, and one
that is missed makes the exit code 1.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import psycopg
from _alternatives import ALTERNATIVES

from local_aws.postgres import EmbeddedPostgres

# seconds, rows, peak_mb and parts of the seconds; or the reason under "skipped"
Found = dict[str, float | str]

TARGETS = {"server_copy": 0.9, "spark_jdbc": 15.0}
MEMORY_TARGET = 512  # MB
QUICK = ("glue", "server_copy", "server_copy_checked")  # they get all rows and all rounds
PARTS = {"copied": "the COPY", "compared": "count and checksums of the stored rows"}

# 25 columns in the proportions of cars_stg.ag_prod_plan
COLUMNS = {
    "ag_prod_plan_id": ("bigint", "i::bigint"),
    "tr_id": ("bigint", "(i % 200000)::bigint"),
    "clu_id": ("bigint", "(i * 7)::bigint"),
    "gsptl_id": ("bigint", "CASE WHEN i % 11 = 0 THEN NULL ELSE i::bigint END"),
    "pgm_yr": ("integer", "(2020 + i % 6)::integer"),
    "tr_nbr": ("integer", "(i % 9000)::integer"),
    "crop_row_ct": ("integer", "CASE WHEN i % 3 = 0 THEN NULL ELSE (i % 40)::integer END"),
    "crop_fld_rpt_qty": ("numeric(19,5)", "(i % 100000 / 7.0)::decimal(19,5)"),
    "crop_fld_dter_qty": ("numeric(19,5)", "(i % 77777 / 3.0)::decimal(19,5)"),
    "orgn_rpt_acrg": (
        "numeric(19,5)",
        "CASE WHEN i % 5 = 0 THEN NULL ELSE (i % 1000 / 8.0)::decimal(19,5) END",
    ),
    "crop_plnt_pct": ("numeric(18,4)", "(i % 100)::decimal(18,4)"),
    "skip_row_wdth": (
        "numeric(18,4)",
        "CASE WHEN i % 2 = 0 THEN NULL ELSE (i % 30 / 4.0)::decimal(18,4) END",
    ),
    "tree_sep_lgth": ("numeric(18,4)", "CASE WHEN i % 9 = 0 THEN (i % 50 / 2.0)::decimal(18,4) END"),
    "crop_plnt_dt": ("timestamp", "TIMESTAMP '2020-01-01' + to_seconds(i % 100000 * 600)"),
    "cre_dt": ("timestamp", "TIMESTAMP '2021-01-01' + to_microseconds(i * 1234567)"),
    "last_chg_dt": ("timestamp", "TIMESTAMP '2022-01-01' + to_microseconds(i * 77777)"),
    "cert_dt": (
        "timestamp",
        "CASE WHEN i % 2 = 0 THEN NULL ELSE TIMESTAMP '2023-01-01' + to_days((i % 300)::int) END",
    ),
    "cdc_dt": ("date NOT NULL", "DATE '2024-01-01' + (i % 365)::integer"),
    "st_fsa_cd": ("varchar", "lpad((i % 56)::varchar, 2, '0')"),
    "cnty_fsa_cd": ("varchar", "lpad((i % 199)::varchar, 3, '0')"),
    "farm_nbr": ("varchar", "lpad((i % 9999)::varchar, 7, '0')"),
    "data_stat_cd": ("varchar", "CASE i % 4 WHEN 0 THEN 'A' WHEN 1 THEN 'I' WHEN 2 THEN 'P' END"),
    "last_chg_user_nm": ("varchar", "'user.name' || (i % 300)"),
    "fld_id": ("varchar", "'field ' || i"),
    "cdc_oper_cd": ("varchar(2) NOT NULL", "['I', 'UN', 'D'][1 + i % 3]"),
}


def main() -> int:
    options = _options()
    # under a root that Postgres' own user may enter: it writes and reads the binary file itself
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp") as folder,
        EmbeddedPostgres(durable=True) as server,
    ):
        Path(folder).chmod(0o777)
        server.create_database("bench")
        dsn = server.dsn("bench")
        _make_table(dsn)
        _make_parquet(Path(folder) / "rows.parquet", options.rows)
        _make_parquet(Path(folder) / "slow.parquet", options.slow_rows)
        results = _rounds(dsn, folder, options)
    return _report(results, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--slow-rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=list(ALTERNATIVES), default=list(ALTERNATIVES))
    return parser.parse_args()


def _make_table(dsn: str) -> None:
    """The table with the constraints that rendered staging tables have."""
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())
    rules = "CHECK (cdc_oper_cd IN ('I', 'UN', 'D'))"
    with psycopg.connect(dsn) as conn:
        conn.execute(f"CREATE SCHEMA cars_stg; CREATE TABLE cars_stg.bench ({columns}, {rules})".encode())


def _make_parquet(path: Path, rows: int) -> None:
    items = ", ".join(f"{expression} AS {name}" for name, (_, expression) in COLUMNS.items())
    with contextlib.closing(duckdb.connect()) as duck:
        duck.execute(f"COPY (SELECT {items} FROM range({rows}) r(i)) TO '{path}' (FORMAT parquet)")


def _rounds(dsn: str, folder: str, options: argparse.Namespace) -> dict[str, list[Found]]:
    """What each alternative did in each round; every other round goes backwards."""
    results: dict[str, list[Found]] = {name: [] for name in ALTERNATIVES if name in options.only}
    for number in range(options.repeat):
        names = [name for name in results if name in QUICK or not number]
        for name in reversed(names) if number % 2 else names:
            results[name].append(_measured(name, dsn, folder))
    return results


def _measured(name: str, dsn: str, folder: str) -> Found:
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("CHECKPOINT")  # nobody pays for the pages that the one before left unwritten
    environment = {**os.environ, "BENCH_DSN": dsn, "BENCH_FOLDER": folder}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("_alternatives.py")), name],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    if done.returncode:
        return {"skipped": (done.stderr.strip().splitlines() or ["no message"])[-1][:160]}
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def _report(results: Mapping[str, Sequence[Found]], options: argparse.Namespace) -> int:
    """One line per alternative; 1 when a target is missed."""
    print(
        f"staging load of {options.rows} rows x {len(COLUMNS)} columns ({options.slow_rows} for the slow ones)"
    )
    print(f"{'':19} {'seconds':>8} {'rows/s':>10} {'peak MB':>8}  glue is")
    glue = results.get("glue", ())
    outcomes = [_line(name, rounds, glue) for name, rounds in results.items()]
    peaks = [float(found["peak_mb"]) for found in glue if "peak_mb" in found]
    if peaks:
        outcomes.append(_outcome(max(peaks) <= MEMORY_TARGET))
        print(f"{'':19} memory of glue: target at most {MEMORY_TARGET} MB, {outcomes[-1]}")
    return 1 if "missed" in outcomes else 0


def _line(name: str, rounds: Sequence[Found], glue: Sequence[Found]) -> str:
    """Print the result of an alternative; its target is `met`, `missed`, or there is none."""
    if skipped := [found["skipped"] for found in rounds if "skipped" in found]:
        print(f"{name:19} skipped: {skipped[0]}")
        return ""
    best = max(rounds, key=_speed)
    says, outcome = _comparison(name, rounds, glue) if name != "glue" else ("", "")
    print(f"{name:19} {best['seconds']:8.2f} {_speed(best):10,.0f} {best['peak_mb']:8.0f}  {says}")
    for part, what in PARTS.items():
        if part in best:
            print(f"{'':19} {best[part]:8.2f} of it for {what}")
    return outcome


def _comparison(name: str, rounds: Sequence[Found], glue: Sequence[Found]) -> tuple[str, str]:
    """How fast the job is beside an alternative, and whether that meets its target."""
    ratios = [_speed(ours) / _speed(theirs) for ours, theirs in zip(glue, rounds, strict=False)]
    if not ratios or not min(ratios):
        return "", ""
    middle, target = statistics.median(ratios), TARGETS.get(name)
    says = f"{middle:.2f}x as fast" + (f" ({min(ratios):.2f} to {max(ratios):.2f})" if ratios[1:] else "")
    if target is None:
        return says, ""
    outcome = _outcome(middle >= target)
    return f"{says}, target {target}x, {outcome}", outcome


def _outcome(met: bool) -> str:
    return "met" if met else "missed"


def _speed(found: Found) -> float:
    return float(found["rows"]) / float(found["seconds"]) if "rows" in found else 0.0


if __name__ == "__main__":
    sys.exit(main())
