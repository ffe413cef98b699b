"""Peak memory and time of UploadConfig runs against S3 emulated in another process.

    python benchmarks/memory.py [--megabytes 1024] [--members 5000 2 1]

For each number of members: uploads an archive of incompressible members, runs the handler of the built zip
(of the source tree where the build is missing or older) in a process of its own and prints that process's
peak resident memory (VmHWM). Wall-clock time includes the emulator's, which shares the machine's
processors: a bound from above. The two columns of processor time say whose it was.
"""

import argparse
import json
import os
import random
import resource
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
PACKAGE = Path(__file__).resolve().parents[1]
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
BUILT = PACKAGE.parents[1] / "build" / "lambda" / RUNTIME / f"{PACKAGE.name}.zip"
MODULE = "upload_config"
EVENT = {
    "input": {"bucket": "bench-source", "key": "archive.zip"},
    "output": {"bucket": "bench-target", "prefix": "out"},
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=1024, help="size of all members together")
    parser.add_argument("--members", type=int, nargs="+", default=[5000, 2, 1], help="numbers of members")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_once()
        return
    if options.serve:
        serve(options.serve)
        return
    with code() as path:
        print(f"UploadConfig{'members':>9}{'archive MB':>12}{'peak RSS MB':>13}{'limit MB':>10}{'seconds':>9}"
              f"{'own CPU s':>11}{'emulator CPU s':>16}")  # fmt: skip
        peaks = [case(count, options.megabytes, path) for count in options.members]
    sys.exit(max(peaks) >= LIMIT_MB)


def case(members: int, megabytes: int, path: str) -> float:
    """Measure and print one line; the peak in MB."""
    with emulator() as server:
        fill(members, megabytes * MIB // members)
        before = cpu_seconds(server)
        command = [sys.executable, __file__, "--child"]
        done = subprocess.run(
            command, env=os.environ | {"PYTHONPATH": path}, stdout=subprocess.PIPE, text=True, check=True
        )
        emulated = cpu_seconds(server) - before
    got: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"{'':<12}{members:>9}{got['archive_mb']:>12.0f}{got['peak_mb']:>13.1f}{LIMIT_MB:>10}"
          f"{got['seconds']:>9.1f}{got['cpu']:>11.1f}{emulated:>16.1f}", flush=True)  # fmt: skip
    return got["peak_mb"]


class Context:
    """As Lambda's, with its longest timeout."""

    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def run_once() -> None:
    """What Lambda does: import, then one call; prints one line of JSON for the parent."""
    from upload_config.handler import handler

    started = time.perf_counter()
    answer = handler(EVENT, Context())
    seconds = time.perf_counter() - started
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"peak_mb": peak / 1024, "seconds": seconds, "cpu": used.ru_utime + used.ru_stime,
                      "archive_mb": answer["bytes_uploaded"] / MIB}))  # fmt: skip


@contextmanager
def code() -> Iterator[str]:
    """The path that the handler is imported from: the built zip's content when it is of today's sources."""
    with tempfile.TemporaryDirectory() as folder:
        if is_current():
            with zipfile.ZipFile(BUILT) as built:
                built.extractall(folder)
            print(f"code: build/lambda/{RUNTIME}/{BUILT.name}")
            yield folder
        else:
            print("code: source tree (no build of it for this Python)")
            yield str(PACKAGE / "src")


def is_current() -> bool:
    if not BUILT.exists():
        return False
    with zipfile.ZipFile(BUILT) as built:
        inside = {name: built.read(name) for name in built.namelist() if name.startswith(f"{MODULE}/")}
    sources = (PACKAGE / "src" / MODULE).rglob("*.py")
    return all(inside.get(f"{MODULE}/{path.name}") == path.read_bytes() for path in sources)


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
def emulator() -> Iterator[int]:
    """Moto on a free port, its process id; this process's environment leads boto3 to it."""
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
        yield server.pid
    finally:
        server.terminate()
        server.wait(30)


def serve(port: int) -> None:
    """Moto made a little more like S3: connections are kept, and large objects are not copied for every range."""
    from moto.s3.models import FakeKey
    from moto.server import main as moto
    from werkzeug.serving import WSGIRequestHandler

    own = FakeKey.value
    kept: WeakKeyDictionary[FakeKey, bytes] = WeakKeyDictionary()

    def value(key: FakeKey) -> bytes:
        if key.size < 64 * MIB:
            return bytes(own.fget(key))  # type: ignore[attr-defined]
        if key not in kept:
            kept[key] = own.fget(key)  # type: ignore[attr-defined]
        return kept[key]

    FakeKey.value = property(value, own.fset)  # type: ignore[assignment, attr-defined]
    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    moto(["-H", "127.0.0.1", "-p", str(port)])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far (fields 14 and 15 of proc(5)'s stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
