"""Lambda zips: third-party wheels of the lock and our own, pruned, packed reproducibly, and imported as a test."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from monorepo.archive import digests, identity, tree, write_zip
from monorepo.environments import requirements
from monorepo.packages import MonorepoError, Package, every_package
from monorepo.tools import clean_environment, digest_of, installing, run, tool
from monorepo.wheels import build_wheel

PLATFORM = "x86_64-manylinux_2_28"  # the C library of Amazon Linux 2023 is newer
SIZE_LIMIT = 5_000_000  # bytes; what the design allows a zip
NEVER_NEEDED = (
    "__pycache__",
    "*.pyc",
    "*.pyi",
    "bin",
    "RECORD",
    "INSTALLER",
    "REQUESTED",
    "direct_url.json",
    "uv_cache.json",
)
PROBE = """
import sys, time
sys.path.insert(0, sys.argv[1])
started = time.perf_counter()
module, _, name = sys.argv[2].rpartition(".")
handler = getattr(__import__(module, fromlist=[name]), name)
print(round((time.perf_counter() - started) * 1000), callable(handler))
"""


@dataclass(frozen=True)
class LambdaZip:
    """A built zip and the facts that the deployer reads."""

    package: str
    version: str
    size: int
    digest: str
    import_ms: int | None


def lambda_packages() -> list[Package]:
    """The packages that are Lambdas."""
    return [package for package in every_package() if package.lambda_settings is not None]


def build_lambda(package: Package, runtime: str, build: Path) -> LambdaZip:
    """Writes `{build}/lambda/{runtime}/{package}.zip` and `.json`; unchanged inputs keep what is there."""
    settings = package.lambda_settings
    if settings is None:
        raise MonorepoError(f"{package.name} is not a Lambda: its pyproject has no [tool.cars.lambda]")
    wheels = [build_wheel(local, build) for local in [package, *package.local_dependencies()]]
    locked = requirements(package)
    made_from = digest_of(
        runtime.encode(),
        locked.read_bytes(),
        json.dumps(settings, sort_keys=True).encode(),
        *(wheel.read_bytes() for wheel in wheels),
        *(Path(__file__).with_name(name).read_bytes() for name in ("lambdas.py", "archive.py")),
    )
    target = build / "lambda" / runtime / f"{package.name}.zip"
    facts_path = target.with_suffix(".json")
    if not _is_made_from(facts_path, target, made_from):
        with installing(package.name, package.path):
            files = _contents(locked, wheels, runtime, [*NEVER_NEEDED, *settings.get("exclude", [])])
        write_zip(target, files)
        facts = {
            "package": package.name,
            "version": package.version,
            "runtime": runtime,
            "handler": settings["handler"],
            "digest": identity(files),
            "size": target.stat().st_size,
            "files": digests(files),
            "dependencies": _versions(locked),
            "made_from": made_from,
        }
        _refuse_too_large(package, target)
        facts_path.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    facts = json.loads(facts_path.read_text(encoding="utf-8"))
    import_ms = import_time(target, settings["handler"], runtime)
    return LambdaZip(package.name, package.version, facts["size"], facts["digest"], import_ms)


def import_time(archive: Path, handler: str, runtime: str) -> int | None:
    """Milliseconds to import the handler from the zip's files alone, without byte code, as a cold start does.

    None when another interpreter would be needed. The first of two imports only brings the files into memory.
    """
    if runtime != f"python{sys.version_info.major}.{sys.version_info.minor}":
        return None
    with tempfile.TemporaryDirectory() as home:
        run(sys.executable, "-m", "zipfile", "-e", str(archive), home)
        command = [sys.executable, "-I", "-S", "-B", "-c", PROBE, home, handler]
        subprocess.run(command, capture_output=True, text=True, env=clean_environment())
        done = subprocess.run(command, capture_output=True, text=True, env=clean_environment())
    words = done.stdout.split()
    if done.returncode or words[-1:] != ["True"]:
        raise MonorepoError(
            f"{archive.name}: {handler} cannot be imported from the zip alone:\n{done.stderr}{done.stdout}"
        )
    return int(words[-2])


def _contents(locked: Path, wheels: list[Path], runtime: str, exclude: list[str]) -> dict[str, bytes]:
    version = runtime.removeprefix("python")
    with tempfile.TemporaryDirectory() as home:
        install = (
            tool("uv"),
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            f"--target={home}",
            f"--python-version={version}",
        )
        if _versions(locked):
            run(
                *install,
                f"--python-platform={PLATFORM}",
                "--only-binary=:all:",
                "--require-hashes",
                f"--requirement={locked}",
            )

        run(*install, *(str(wheel) for wheel in wheels))
        return tree(Path(home), exclude=exclude)


def _versions(locked: Path) -> dict[str, str]:
    return dict(
        re.findall(
            r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)",
            locked.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )


def _is_made_from(facts: Path, target: Path, made_from: str) -> bool:
    return (
        facts.exists()
        and target.exists()
        and json.loads(facts.read_text(encoding="utf-8"))["made_from"] == made_from
    )


def _refuse_too_large(package: Package, target: Path) -> None:
    size = target.stat().st_size
    if size > SIZE_LIMIT:
        raise MonorepoError(
            f"{package.name}: the zip has {size:,} bytes, the limit is {SIZE_LIMIT:,}; "
            "leave more out with [tool.cars.lambda] exclude or drop a dependency"
        )
