"""Builds everything a deploy sends, for one target."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from monorepo.archive import tree
from monorepo.glue import PACKAGE as GLUE
from monorepo.glue import GlueBundle, build_glue
from monorepo.lambdas import LambdaZip, build_lambda, lambda_packages
from monorepo.packages import Package, every_package
from monorepo.side_by_side import AT_ONCE
from monorepo.targets import Target
from monorepo.wheels import build_wheel

ARTEFACTS = ("wheels", "lambda", "glue")


@dataclass(frozen=True)
class Built:
    """A finished build; `home` is the folder of its artefacts."""

    home: Path
    target: Target
    lambdas: tuple[LambdaZip, ...]
    glue: GlueBundle


def build_all(target: Target, home: Path) -> Built:
    """Wheels of all packages, then the Lambda zips and the Glue bundle of the target."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda package: build_wheel(package, home), every_package()))
        glue = pool.submit(build_glue, target.glue_version, home)
        zips = list(pool.map(lambda package: build_lambda(package, target.runtime, home), lambda_packages()))
    return Built(home, target, tuple(zips), glue.result())


def build_package(package: Package, target: Target, home: Path) -> Path:
    """One package as it is shipped: its zip, the Glue bundle's folder, or else its wheel."""
    if package.lambda_settings is not None:
        build_lambda(package, target.runtime, home)
        return home / "lambda" / target.runtime / f"{package.name}.zip"
    if package.name == GLUE:
        build_glue(target.glue_version, home)
        return home / "glue" / target.glue_version
    return build_wheel(package, home)


def artefacts(home: Path) -> dict[str, bytes]:
    """What a deploy would send, by name; other tasks leave records and reports in the same folder."""
    files = tree(home)
    return {name: content for name, content in files.items() if name.split("/")[0] in ARTEFACTS}


def report(built: Built) -> str:
    """A table of what was built: sizes, digests and import times of the handlers."""
    lines = [f"{'package':<34}{'version':<10}{'bytes':>12}  {'import':>8}  digest"]
    for item in built.lambdas:
        time = "-" if item.import_ms is None else f"{item.import_ms} ms"
        lines.append(f"{item.package:<34}{item.version:<10}{item.size:>12,}  {time:>8}  {item.digest[:12]}")
    glue = built.glue
    what = f"glue-datamart-exec ({glue.wheels} wheels)"
    lines.append(f"{what:<34}{glue.version:<10}{glue.size:>12,}  {'-':>8}  {glue.digest[:12]}")
    return "\n".join(lines)
