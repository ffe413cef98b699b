"""Which package may import which: contracts for import-linter, made from a table and the pyproject files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from monorepo.packages import CI, ROOT, Package, every_package
from monorepo.side_by_side import Command, Done, run_all
from monorepo.tools import clean_environment, tool

# Package (a pattern) -> the packages it may import. The first line that matches counts; without one: nothing of ours.
# A line permits; a package imports only what its own pyproject depends on as well.
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "deployer": ("sql-tree", "statemachine"),
    "cars-acceptance": ("local-aws", "stepfunctions-local-test"),
    "stepfunctions-local-test": ("local-aws",),
    "glue-*": ("process-control",),
    "lambda-*": ("process-control",),
}
_BETWEEN = "imports between packages"


def allowed(package: Package) -> list[Package]:
    """The packages it may import: the table permits them and its pyproject names them."""
    permitted = next((names for pattern, names in ALLOWED.items() if fnmatchcase(package.name, pattern)), ())
    return [local for local in package.local_dependencies() if local.name in permitted]


def contracts(packages: Sequence[Package]) -> str:
    """A configuration of import-linter in TOML with a contract for each package, called as the package is."""
    lines = ["[tool.importlinter]", f"root_packages = {json.dumps([one.import_name for one in packages])}"]
    for package in packages:
        may = {local.import_name for local in allowed(package)}
        others = sorted({one.import_name for one in packages} - may - {package.import_name})
        if others:
            lines += [
                "[[tool.importlinter.contracts]]",
                f"id = {json.dumps(package.name)}",
                f"name = {json.dumps(_sentence(package.import_name, sorted(may)))}",
                'type = "forbidden"',
                f"source_modules = {json.dumps([package.import_name])}",
                f"forbidden_modules = {json.dumps(others)}",
            ]
    return "\n".join(lines) + "\n"


def check_imports(names: Sequence[str] = (), root: Path = ROOT) -> list[Done]:
    """import-linter: the arrows between packages, and each package's own contracts; of some or of all.

    `ci` is the build code, whose contracts are in ci/importlinter.ini.
    """
    packages = every_package(root / "packages")
    wanted = [package for package in packages if not names or package.name in names]
    commands: dict[str, Callable[[], Command]] = {}
    if wanted:
        file = root / "build" / "lint" / "arrows.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(contracts(packages), encoding="utf-8")
        only = [f"--contract={package.name}" for package in wanted] if names else []
        commands[_BETWEEN] = partial(_lint, packages, root, file, *only)
    for package in wanted:
        if package.has_import_contracts:
            file = package.path / "pyproject.toml"
            commands[f"imports inside {package.name}"] = partial(_lint, packages, package.path, file)
    if (not names or CI in names) and (root / "ci" / "importlinter.ini").is_file():
        file = root / "ci" / "importlinter.ini"
        commands[f"imports inside {CI}"] = partial(_lint, packages, root / "ci", file)
    return run_all(commands)


def _lint(packages: Sequence[Package], folder: Path, file: Path, *options: str) -> Command:
    """Modules are only parsed, so the sources are enough and no package's environment is needed."""
    sources = [*(str(package.path / "src") for package in packages), str(folder)]
    words = [tool("lint-imports"), "--no-cache", "--no-logo", f"--config={file}", *options]
    return Command(words, folder, {**clean_environment(), "PYTHONPATH": os.pathsep.join(sources)})


def _sentence(name: str, may: Sequence[str]) -> str:
    return f"{name} imports nothing of ours" + (f" but {', '.join(may)}" if may else "")
