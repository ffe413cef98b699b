"""Peak memory and time of one UploadConfig run against S3 emulated in another process.

    python benchmarks/memory.py [--megabytes 1024] [--members 5000]

Uploads an archive of incompressible members, runs the handler in a process of its own and prints that
process's peak resident memory (VmHWM). The time includes the emulator's, which shares the machine's
processors: a bound from above.
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

import boto3

MIB = 1024 * 1024
LIMIT_MB = 200
EVENT = {
    "input": {"bucket": "bench-source", "key": "archive.zip"},
    "output": {"bucket": "bench-target", "prefix": "out"},
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=1024, help="size of all members together")
    parser.add_argument("--members", type=int, default=5000, help="number of members")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_once()
        return
    if options.serve:
        serve(options.serve)
        return
    with emulator() as environment:
        fill(options.members, options.megabytes * MIB // options.members)
        measured = measure(environment)
    report(options.members, measured)
    sys.exit(measured["peak_mb"] >= LIMIT_MB)


def run_once() -> None:
    """What Lambda does: import, then one call; prints one line of JSON for the parent."""
    from upload_config.handler import handler

    started = time.perf_counter()
    answer = handler(EVENT, None)
    seconds = time.perf_counter() - started
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    size = answer["bytes_uploaded"] / MIB
    print(
        json.dumps(
            {"peak_mb": peak / 1024, "seconds": seconds, "archive_mb": size, "files": answer["uploaded"]}
        )
    )


def measure(environment: Mapping[str, str]) -> dict[str, float]:
    command = [sys.executable, __file__, "--child"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def report(members: int, measured: Mapping[str, float]) -> None:
    print(
        f"{'UploadConfig':<14}{'members':>10}{'archive MB':>12}{'peak RSS MB':>13}{'limit MB':>10}{'seconds':>9}"
    )
    print(
        f"{'':<14}{members:>10}{measured['archive_mb']:>12.0f}{measured['peak_mb']:>13.1f}"
        f"{LIMIT_MB:>10}{measured['seconds']:>9.1f}"
    )


def fill(members: int, size: int) -> None:
    """An archive of members that differ and do not compress, written and uploaded as it comes."""
    s3 = boto3.client("s3")
    for place in (EVENT["input"], EVENT["output"]):
        s3.create_bucket(Bucket=place["bucket"])
    window = min(size, 8 * MIB)
    pool = random.Random(1).randbytes(window + 8 * MIB)
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for number in range(members):
                start = number * 997 % (8 * MIB)
                body = (pool[start : start + window] * (size // window + 1))[:size]
                archive.writestr(f"{number % 50:02}/{number:05}.bin", body)
        file.seek(0)
        s3.upload_fileobj(file, EVENT["input"]["bucket"], EVENT["input"]["key"])


@contextmanager
def emulator() -> Iterator[dict[str, str]]:
    """A moto server on a free port; yields the environment that leads boto3 to it, also set for this process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        wait_for(port)
        yield dict(os.environ)
    finally:
        server.terminate()
        server.wait(30)


def serve(port: int) -> None:
    """Moto, which copies a whole object for every range of it, made to hand out large ones as they are."""
    from moto.s3.models import FakeKey
    from moto.server import main as moto

    own = FakeKey.value
    kept: WeakKeyDictionary[FakeKey, bytes] = WeakKeyDictionary()

    def value(key: FakeKey) -> bytes:
        if key.size < 64 * MIB:
            return bytes(own.fget(key))  # type: ignore[attr-defined]
        if key not in kept:
            kept[key] = own.fget(key)  # type: ignore[attr-defined]
        return kept[key]

    FakeKey.value = property(value, own.fset)  # type: ignore[assignment, attr-defined]
    moto(["-H", "127.0.0.1", "-p", str(port)])


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"the emulator did not listen on port {port} within 30 s")


if __name__ == "__main__":
    main()
