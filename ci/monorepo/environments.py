"""One virtual environment per package, made from its lock; made again only when the lock changes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from monorepo.packages import ROOT, MonorepoError, Package
from monorepo.tools import clean_environment, digest_of, installing, run, tool

HOME = ROOT / ".nox" / "envs"
REQUIREMENTS = ROOT / "build" / "requirements"
LOCAL_LINE = " @ file:"


def requirements(package: Package, *, groups: tuple[str, ...] = ()) -> Path:
    """The lock's third-party packages as a hashed requirements file; with no group only what runs in production."""
    kind = "-".join(("main", *groups))
    if not package.lock.is_file():
        raise MonorepoError(
            f"{package.name} has no poetry.lock; make one with `poetry lock` in packages/{package.name}"
        )
    stamp = digest_of(package.lock.read_bytes(), (package.path / "pyproject.toml").read_bytes())
    path = REQUIREMENTS / f"{package.name}-{kind}-{stamp}.txt"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = path.with_suffix(".raw")
        wanted = [f"--with={group}" for group in groups]

        run(
            tool("poetry"),
            "export",
            "--no-interaction",
            "--format=requirements.txt",
            "--without-urls",
            *wanted,
            f"--output={raw}",
            cwd=package.path,
        )

        path.write_text(_third_party(raw.read_text(encoding="utf-8")), encoding="utf-8")
        raw.unlink()
    return path


def environment(package: Package, *, groups: tuple[str, ...] = ("dev",)) -> Path:
    """The package's virtual environment with the package itself and its local dependencies installed editable."""
    home = HOME / "-".join((package.name, *(group for group in groups if group != "dev")))
    locals_ = [package, *package.local_dependencies(dev="dev" in groups)]
    locked = requirements(package, groups=groups)
    projects = [(local.path / "pyproject.toml").read_bytes() for local in locals_]
    wanted = digest_of(sys.version.encode(), locked.read_bytes(), *projects)
    stamp = home / "made-from"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return home
    shutil.rmtree(home, ignore_errors=True)
    uv, python = tool("uv"), str(home / "bin" / "python")
    editable = [word for local in locals_ for word in ("--editable", str(local.path))]
    with installing(package.name, package.path):
        run(uv, "venv", "--quiet", "--python", sys.executable, str(home))
        run(
            uv,
            "pip",
            "install",
            "--quiet",
            "--python",
            python,
            "--require-hashes",
            "--requirement",
            str(locked),
        )
        run(uv, "pip", "install", "--quiet", "--python", python, "--no-deps", *editable)
    stamp.write_text(wanted, encoding="utf-8")
    return home


def python_of(package: Package, *, groups: tuple[str, ...] = ("dev",)) -> str:
    """The interpreter of the package's environment."""
    return str(environment(package, groups=groups) / "bin" / "python")


def shell_environment(package: Package, *, groups: tuple[str, ...] = ("dev",)) -> dict[str, str]:
    """Variables for a command that runs inside the package's environment."""
    home = environment(package, groups=groups)
    inherited = clean_environment()
    return {**inherited, "VIRTUAL_ENV": str(home), "PATH": f"{home / 'bin'}:{inherited.get('PATH', '')}"}


def _third_party(exported: str) -> str:
    """The export without the local packages: they are installed from their folders, never from an index."""
    kept, skipping = [], False
    for line in exported.splitlines():
        if not line.startswith((" ", "\t")):
            skipping = LOCAL_LINE in line or line.startswith("-e ")
        if not skipping:
            kept.append(line)
    return "\n".join(kept) + "\n"
