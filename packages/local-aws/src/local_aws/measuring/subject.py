"""What a memory benchmark of a Lambda says about its handler, and the program that measures it.

Wall-clock time includes the emulator's, which shares the machine's processors: a bound from above. Two columns
of processor time say whose it was.
"""

import argparse
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from local_aws.measuring import call
from local_aws.measuring.code import code
from local_aws.server import LocalAws

MIB = 1024 * 1024
POOL = 8 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A handler to measure: `module` holds `handler`, `package` is the folder with its pyproject.toml.

    `fill(s3, count, size)` makes the buckets of `event` and `count` items of `size` bytes; `size_field` names the
    number of bytes in the handler's answer.
    """

    name: str
    items: str
    package: Path
    module: str
    event: Mapping[str, Any]
    size_field: str
    limit_mb: int
    fill: Callable[[Any, int, int], None]


def main(subject: Subject, description: str | None, arguments: Sequence[str] | None = None) -> None:
    """Measure once for each number of items, print a table, exit with 1 when a peak is at the limit or over it."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=1024, help=f"size of all {subject.items} together")
    parser.add_argument(
        "--members", type=int, nargs="+", default=[5000, 2, 1], help=f"numbers of {subject.items}"
    )
    options = parser.parse_args(arguments)
    with code(subject.package, subject.module.partition(".")[0]) as (kind, path):
        typer.echo(f"code: {kind}")
        typer.echo(f"{subject.name}{subject.items:>9}{'archive MB':>12}{'peak RSS MB':>13}{'limit MB':>10}"
                   f"{'seconds':>9}{'own CPU s':>11}{'emulator CPU s':>16}")  # fmt: skip
        peaks = [case(subject, count, options.megabytes * MIB // count, path) for count in options.members]
    sys.exit(max(peaks) >= subject.limit_mb)


def case(subject: Subject, count: int, size: int, path: str) -> float:
    """Measure and print one line; the peak in MB."""
    with LocalAws() as aws:
        subject.fill(aws.client("s3"), count, size)
        before = cpu_seconds(aws.pid)
        got = measure(subject, {**aws.env, "PYTHONPATH": path})
        emulated = cpu_seconds(aws.pid) - before
    peak: float = got["peak_mb"]
    archive = got["answer"][subject.size_field] / MIB
    typer.echo(f"{'':<{len(subject.name)}}{count:>9}{archive:>12.0f}{peak:>13.1f}{subject.limit_mb:>10}"
               f"{got['seconds']:>9.1f}{got['cpu']:>11.1f}{emulated:>16.1f}")  # fmt: skip
    return peak


def measure(subject: Subject, environment: Mapping[str, str]) -> dict[str, Any]:
    """One call in a new process: peak_mb, seconds, cpu and answer."""
    done = subprocess.run(
        [sys.executable, "-P", call.__file__, subject.module, json.dumps(subject.event)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    got: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return got


def incompressible(size: int) -> Callable[[int], bytes]:
    """Makes the content of a number: contents differ, do not compress, and are cut from a pool at no cost."""
    window = min(size, POOL)
    pool = random.Random(1).randbytes(window + POOL)  # noqa: S311 - fills buckets, guards nothing

    def content(number: int) -> bytes:
        start = number * 997 % POOL
        return (pool[start : start + window] * (size // window + 1))[:size]

    return content


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far (fields 14 and 15 of proc(5)'s stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
