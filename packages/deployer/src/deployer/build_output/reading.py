"""Reads the output of `nox -s build`: Lambda zips, the Glue script and its wheels; refuses an incomplete build."""

import hashlib
import json
from pathlib import Path
from typing import Any

from deployer.build_output.contents import Builds, GlueBuild, LambdaBuild, Wheel
from deployer.errors import BuildError


def load_builds(build_dir: Path, runtime: str, glue_version: str, packages: tuple[str, ...]) -> Builds:
    """Build outputs for one runtime and Glue version. Raises BuildError naming every missing file."""
    zips = [build_dir / "lambda" / runtime / f"{package}.zip" for package in packages]
    glue = build_dir / "glue" / glue_version / "glue.json"
    wanted = [*zips, *(path.with_suffix(".json") for path in zips), glue]
    missing = [str(path) for path in wanted if not path.is_file()]
    if missing:
        raise BuildError(
            f"{len(missing)} build output{'s are' if len(missing) > 1 else ' is'} missing: {', '.join(missing)}; "
            f"run nox -s build for {runtime} and Glue {glue_version}, or pass --build-dir"
        )
    return Builds({path.stem: load_lambda(path) for path in zips}, load_glue(glue))


def load_lambda(path: Path) -> LambdaBuild:
    """One zip with its description file."""
    about = _description(path.with_suffix(".json"))
    try:
        return LambdaBuild(
            package=about["package"],
            version=about["version"],
            handler=about["handler"],
            digest=about["digest"],
            path=path,
            files=about["files"],
        )
    except KeyError as error:
        raise BuildError(f"{path.with_suffix('.json')} has no {error}; run nox -s build again") from error


def load_glue(path: Path) -> GlueBuild:
    """The Glue bundle described by `glue.json`; digests are taken from the files themselves."""
    about = _description(path)
    try:
        script, names = path.parent / about["script"], list(about["wheels"])
        version = str(about["version"])
    except KeyError as error:
        raise BuildError(f"{path} has no {error}; run nox -s build again") from error
    wheels = [path.parent / "wheels" / name for name in names]
    missing = [str(file) for file in (script, *wheels) if not file.is_file()]
    if missing:
        raise BuildError(f"{path} names files that are missing: {', '.join(missing)}; run nox -s build again")
    return GlueBuild(
        version,
        script,
        file_digest(script),
        tuple(Wheel(file.name, file_digest(file), file) for file in wheels),
    )


def _description(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BuildError(f"{path} cannot be read: {error}; run nox -s build again") from error


def file_digest(path: Path) -> str:
    """sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
