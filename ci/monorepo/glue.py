"""The Glue bundle: the job's script and every wheel it needs, for one Glue version."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker

from monorepo.archive import digests, identity, tree
from monorepo.environments import requirements
from monorepo.packages import MonorepoError, Package, named
from monorepo.tools import digest_of, installing, run, tool
from monorepo.wheels import build_wheel

PYTHON_OF_GLUE = {"4.0": "3.10", "5.0": "3.11", "5.1": "3.11", "6.0": "3.13"}
GLIBC_26 = ("manylinux_2_26_x86_64", "manylinux_2_24_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
GLIBC_34 = ("manylinux_2_34_x86_64", "manylinux_2_28_x86_64", "manylinux_2_27_x86_64", *GLIBC_26)
PLATFORMS = {"4.0": GLIBC_26, "5.0": GLIBC_34, "5.1": GLIBC_34, "6.0": GLIBC_34}  # Amazon Linux 2, then 2023
PACKAGE = "glue-datamart-exec"


@dataclass(frozen=True)
class GlueBundle:
    """A built bundle and the facts that the deployer reads."""

    version: str
    glue_version: str
    wheels: int
    size: int
    digest: str


def build_glue(glue_version: str, build: Path) -> GlueBundle:
    """Writes script, wheels and `glue.json` to `{build}/glue/{glue_version}`; unchanged inputs keep what is there."""
    if glue_version not in PYTHON_OF_GLUE:
        raise MonorepoError(
            f"no Python is known for Glue {glue_version!r}; known versions: {', '.join(PYTHON_OF_GLUE)}"
        )
    package = named(PACKAGE)
    script = next((package.path / "script").glob("*.py"))
    own = [build_wheel(local, build) for local in [package, *package.local_dependencies()]]
    locked = requirements(package)
    made_from = digest_of(
        glue_version.encode(),
        locked.read_bytes(),
        script.read_bytes(),
        *(wheel.read_bytes() for wheel in own),
        Path(__file__).read_bytes(),
    )
    home = build / "glue" / glue_version
    facts = home / "glue.json"
    if not facts.exists() or json.loads(facts.read_text(encoding="utf-8"))["made_from"] != made_from:
        _write(home, package, script, own, locked, glue_version, made_from)
    known = json.loads(facts.read_text(encoding="utf-8"))
    size = sum(path.stat().st_size for path in (home / "wheels").iterdir())
    return GlueBundle(package.version, glue_version, len(known["wheels"]), size, known["digest"])


def _write(
    home: Path,
    package: Package,
    script: Path,
    own: list[Path],
    locked: Path,
    glue_version: str,
    made_from: str,
) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as temporary:
        half = Path(temporary) / "bundle"
        wheels = half / "wheels"
        wheels.mkdir(parents=True)
        with installing(package.name, package.path):
            _download(locked, glue_version, wheels)
        third_party = sorted(path.name for path in wheels.iterdir())
        for wheel in own:
            shutil.copy(wheel, wheels)
        shutil.copy(script, half)
        files = tree(half)
        facts = {
            "package": package.name,
            "version": package.version,
            "glue_version": glue_version,
            "python": PYTHON_OF_GLUE[glue_version],
            "script": script.name,
            "wheels": [*third_party, *(wheel.name for wheel in reversed(own))],
            "digest": identity(files),
            "files": digests(files),
            "made_from": made_from,
        }
        (half / "glue.json").write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        half.rename(home)


def _download(locked: Path, glue_version: str, target: Path) -> None:
    python = PYTHON_OF_GLUE[glue_version]
    platforms = [f"--platform={platform}" for platform in PLATFORMS[glue_version]]
    chosen = target.parent / "requirements.txt"
    chosen.write_text(without_markers(locked.read_text(encoding="utf-8"), python), encoding="utf-8")
    install = (tool("python"), "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps")
    version = ("--only-binary=:all:", f"--python-version={python}", "--implementation=cp", *platforms)
    run(*install, *version, f"--requirement={chosen}", f"--dest={target}")
    chosen.unlink()


def without_markers(requirements_text: str, python: str) -> str:
    """The requirements that hold for that Python on Linux; pip would judge markers by the Python it runs on."""
    target = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    kept, holds = [], True
    for line in requirements_text.splitlines():
        if line.startswith((" ", "\t")):
            kept += [line] if holds else []
            continue
        requirement, _, rest = line.partition(" ; ")
        marker = rest.rstrip("\\ ")
        holds = not marker or Marker(marker).evaluate(target)
        kept += [f"{requirement} \\" if marker else line] if holds else []
    return "\n".join(kept) + "\n"
