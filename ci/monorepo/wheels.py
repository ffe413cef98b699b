"""Wheels of the repository's own packages, built once per state of their sources."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from monorepo.archive import identity, tree
from monorepo.packages import Package
from monorepo.tools import installing, run, tool

EPOCH_SECONDS = "315532800"  # 1980-01-01, the date every member of a wheel gets


def build_wheel(package: Package, build: Path) -> Path:
    """`{build}/wheels/{package}/{digest of sources}/*.whl`, built when the sources changed since the last time."""
    sources = tree(package.path / "src", exclude=["__pycache__", "*.pyc"])
    for name in ("pyproject.toml", "README.md"):
        sources[name] = (package.path / name).read_bytes()
    home = build / "wheels" / package.name / identity(sources)[:20]
    if not home.exists():
        shutil.rmtree(home.parent, ignore_errors=True)
        home.parent.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as half, installing(package.name, package.path):
            run(
                tool("uv"),
                "build",
                "--quiet",
                "--wheel",
                "--no-create-gitignore",
                f"--out-dir={half}",
                str(package.path),
                env={"SOURCE_DATE_EPOCH": EPOCH_SECONDS},
            )

            shutil.copytree(half, home)
    return next(home.glob("*.whl"))
