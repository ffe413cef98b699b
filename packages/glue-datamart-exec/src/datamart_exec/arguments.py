"""The job's arguments: what Glue passes on the command line, checked and frozen. All problems are reported together."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from datamart_exec.dates import iso_date
from datamart_exec.errors import DatamartError, shown
from process_control.ledger import RunKey

LAYERS = ("LANDING", "STG", "EDV", "DM", "CAR_DM", "DDL")
UNSUPPORTED_LAYERS = ("FINAL",)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a run in time and memory."""

    connect_timeout: int  # seconds
    lock_timeout_ms: int
    statement_timeout_ms: int
    memory_limit_mb: int  # DuckDB's share; the process needs about 200 MB more
    threads: int  # DuckDB's


@dataclass(frozen=True, slots=True)
class LandingRules:
    """What a landing does with objects and rows that are not as declared, and how much it keeps."""

    reject_percent: float  # rows of a run that may be left out, of 100
    on_unreadable: str  # fail | continue: an object that cannot be read
    on_missing_column: str  # fail | null: a declared column that an object lacks
    keep_dates: int  # of the change zone
    keep_snapshots: int  # days whose states the final zone keeps
    file_mb: int  # about the size of a data file
    export: bool  # write the current rows as plain Parquet too


@dataclass(frozen=True, slots=True)
class Arguments:
    """One run: the table and its layer, the run key, the places to read from, the limits."""

    layer: str
    table_name: str  # upper case, as in the release
    table_names: tuple[str, ...]  # of the layer LANDING, in upper case
    run: RunKey
    env: str
    app: str
    release: str | None  # None: the release that current.json names
    execution: str
    job_run_id: str
    secret_name: str
    sslmode: str
    sslrootcert: str | None  # None: the certificates of RDS
    config_bucket: str
    config_prefix: str
    final_bucket: str
    landing_bucket: str
    landing: LandingRules
    limits: Limits


def parse(argv: Sequence[str]) -> Arguments:
    """Read `--name value` and `--name=value`. Unknown names are ignored; one error lists every problem."""
    values, problems = _read(_pairs(argv))
    if values.get("layer") == "STG" and values.get("final_bucket") == "":
        problems.append("--final_bucket is missing: layer STG reads its source tables there")
    if values.get("layer") == "LANDING":
        problems += [
            f"--{name} is missing: layer LANDING works there"
            for name in ("landing_bucket", "final_bucket")
            if values.get(name) == ""
        ]
    elif "," in values.get("table_name", ""):
        problems.append("--table_name must be one name; only layer LANDING takes a list")
    if problems:
        word = "problem" if len(problems) == 1 else "problems"
        raise DatamartError(f"job arguments: {len(problems)} {word}: " + "; ".join(problems))
    job_run_id = values["JOB_RUN_ID"] or f"local-{uuid4().hex}"
    return Arguments(
        layer=values["layer"],
        table_name=values["table_name"].upper(),
        table_names=tuple(name.strip().upper() for name in values["table_name"].split(",")),
        run=RunKey(values["data_src_nm"].upper(), values["run_type"], iso_date(values["start_date"])),
        env=values["env"],
        app=values["app"],
        release=values["release"] or None,
        execution=values["execution"] or job_run_id,
        job_run_id=job_run_id,
        secret_name=values["secret_name"],
        sslmode=values["sslmode"],
        sslrootcert=values["sslrootcert"] or None,
        config_bucket=values["config_bucket"],
        config_prefix=values["config_prefix"].strip("/"),
        final_bucket=values["final_bucket"],
        landing_bucket=values["landing_bucket"],
        landing=LandingRules(
            float(values["reject_percent"]),
            values["on_unreadable"],
            values["on_missing_column"],
            int(values["keep_dates"]),
            int(values["keep_snapshots"]),
            int(values["file_mb"]),
            values["export"] == "yes",
        ),
        limits=Limits(**{name: int(values[name]) for name in Limits.__dataclass_fields__}),
    )


def _pairs(argv: Sequence[str]) -> dict[str, str]:
    """Names and values. The later value wins: Glue puts a run's arguments after the job's defaults."""
    pairs: dict[str, str] = {}
    words = list(argv)
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            continue
        name, equals, value = word[2:].partition("=")
        if not equals and words and not words[0].startswith("--"):
            value = words.pop(0)
        pairs[name] = value
    return pairs


def _read(given: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    values: dict[str, str] = {}
    problems: list[str] = []
    for name, (check, default) in RULES.items():
        text = given.get(name, default)
        if text is None:
            problems.append(f"--{name} is missing")
            continue
        try:
            # Callers send '' for an optional argument without a value.
            is_default = default is not None and text in ("", default)
            values[name] = default or "" if is_default else check(text)
        except ValueError as error:
            problems.append(f"--{name} {error}")
    return values, problems


def _text(text: str) -> str:
    if not text or not text.isprintable():
        raise ValueError(f"must be a printable text, got {shown(text)}")
    return text


def _matching(pattern: str, what: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"must be {what}, got {shown(text)}")
        return text

    return check


def _one_of(*allowed: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}, got {shown(text)}")
        return text

    return check


def _layer(text: str) -> str:
    if text in UNSUPPORTED_LAYERS:
        raise ValueError(f"{text} is not in this release of the job, which has {', '.join(LAYERS)}")
    return _one_of(*LAYERS)(text)


def _engine(text: str) -> str:
    if text == "spark":
        raise ValueError("spark is not in this release of the job, which has duckdb")
    return _one_of("duckdb")(text)


def _date(text: str) -> str:
    return iso_date(text).isoformat()


_names = _matching(
    r"[A-Za-z_][A-Za-z0-9_]{0,62}(\s*,\s*[A-Za-z_][A-Za-z0-9_]{0,62})*", "names of letters, digits and _"
)
_percent = _matching(r"100|[0-9]{1,2}(\.[0-9]{1,6})?", "a percentage from 0 to 100")
_name = _matching(r"[A-Za-z_][A-Za-z0-9_]{0,62}", "a name of letters, digits and _")
_token = _matching(r"[a-z0-9][a-z0-9_-]{0,62}", "lower-case letters, digits, - and _")
_release = _matching(r"[0-9a-f]{32}", "32 hexadecimal digits")
_number = _matching(r"[1-9][0-9]{0,8}", "a whole number above zero")
_sslmode = _one_of("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

# argument -> its check, and the default (None: required)
RULES: dict[str, tuple[Callable[[str], str], str | None]] = {
    "layer": (_layer, None),
    "table_name": (_names, None),
    "data_src_nm": (_name, None),
    "run_type": (_one_of("initial", "incremental"), None),
    "start_date": (_date, None),
    "env": (_token, None),
    "secret_name": (_text, None),
    "config_bucket": (_text, None),
    "config_prefix": (_text, None),
    "final_bucket": (_text, ""),
    "landing_bucket": (_text, ""),
    "reject_percent": (_percent, "1"),
    "on_unreadable": (_one_of("fail", "continue"), "fail"),
    "on_missing_column": (_one_of("fail", "null"), "fail"),
    "keep_dates": (_number, "10"),
    "keep_snapshots": (_number, "30"),
    "file_mb": (_number, "64"),
    "export": (_one_of("yes", "no"), "no"),
    "app": (_token, "cars"),
    "release": (_release, ""),
    "execution": (_text, ""),
    "JOB_RUN_ID": (_text, ""),
    "engine": (_engine, "duckdb"),
    "sslmode": (_sslmode, "verify-full"),
    "sslrootcert": (_text, ""),
    "connect_timeout": (_number, "5"),
    "lock_timeout_ms": (_number, "60000"),
    "statement_timeout_ms": (_number, "3600000"),
    "memory_limit_mb": (_number, "160"),
    "threads": (_number, str(max(1, (os.cpu_count() or 2) // 2))),  # the rest encodes and sends
}
