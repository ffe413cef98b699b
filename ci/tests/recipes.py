"""The recipes of ARCHITECTURE.md, and a copy of the repository in which one of them is followed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from monorepo.packages import PACKAGES, ROOT
from monorepo.tools import clean_environment

DOCUMENT = ROOT / "ARCHITECTURE.md"
SECTION = "## Recipes\n"
NEW = "NAME"  # stands for the name of a new file or folder
LEFT_OUT = {".nox", "build", "benchmarks", "docs", "jenkins", "__pycache__", ".pytest_cache", ".hypothesis"}
# Printed last, so that a probe that took the installed sources instead of the copied ones fails.
LAST = """
import sys
foreign = {
    name for name, module in sys.modules.items()
    if name.partition(".")[0] in OURS and not (getattr(module, "__file__", None) or HOME).startswith(HOME)
}
assert not foreign, f"not from the copy: {sorted(foreign)}"
"""


@dataclass(frozen=True)
class Place:
    """A file or folder that a recipe names, and the names in it that it speaks of."""

    path: str
    symbols: tuple[str, ...]

    def covers(self, path: str) -> bool:
        """Whether a file, by its path from the root, is this place or, for a folder, lies in it."""
        pattern = in_repository(self.path).replace(NEW, "*")
        return fnmatchcase(path, f"{pattern}*" if pattern.endswith("/") else pattern)


@dataclass(frozen=True)
class Recipe:
    """One row of the table."""

    change: str
    places: tuple[Place, ...]
    check: str

    def place_of(self, path: str) -> Place | None:
        """The place that a file is or lies in; one without `NAME` comes first."""
        known = sorted(self.places, key=lambda place: NEW in place.path)
        return next((place for place in known if place.covers(in_repository(path))), None)


def recipes(text: str) -> dict[str, Recipe]:
    """The rows of the table by what they change."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", text.partition(SECTION)[2], re.MULTILINE)
    return {
        change: Recipe(change, tuple(map(_place, places.split("; "))), check)
        for change, places, check in rows[1:]
    }


def _place(text: str) -> Place:
    path, *symbols = re.findall(r"`([^`]+)`", text)
    return Place(path, tuple(symbols))


def in_repository(path: str) -> str:
    """The path from the root; one that begins with an import name lies below the `src` of its package."""
    first = path.partition("/")[0]
    if (ROOT / first).is_dir():
        return path
    homes = list(ROOT.glob(f"packages/*/src/{first}"))
    assert len(homes) == 1, f"{path} lies in no package"
    return f"{homes[0].parent.relative_to(ROOT)}/{path}"


def copy_of_the_repository(home: Path) -> Path:
    """The files that recipes change, and those that probes run."""
    for top in (PACKAGES.name, "ci", "car_configs"):
        shutil.copytree(ROOT / top, home / top, ignore=lambda _, names: LEFT_OUT.intersection(names))
    return home


@dataclass(frozen=True)
class Replace:
    """Other text in place of `old`, which must come exactly once."""

    path: str
    old: str
    new: str

    def make(self, attempt: Attempt) -> None:
        file = attempt.file(self.path)
        text = file.read_text(encoding="utf-8")
        assert text.count(self.old) == 1, (
            f"{self.path} has {self.old!r} {text.count(self.old)} times, not once"
        )
        file.unlink()  # a hard link, see Attempt
        file.write_text(text.replace(self.old, self.new), encoding="utf-8")


@dataclass(frozen=True)
class Write:
    """A new file."""

    path: str
    text: str

    def make(self, attempt: Attempt) -> None:
        file = attempt.file(self.path)
        assert not file.exists(), f"{self.path} is there already"
        file.write_text(self.text, encoding="utf-8")


@dataclass(frozen=True)
class CopyFolder:
    """A new folder, made from another one with other names in paths and texts."""

    path: str
    source: str
    names: Mapping[str, str]

    def make(self, attempt: Attempt) -> None:
        source = attempt.home / self.source
        for file in sorted(path for path in source.rglob("*") if path.is_file()):
            target = attempt.file(self._renamed(f"{self.path}{file.relative_to(source).as_posix()}"))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self._renamed(file.read_text(encoding="utf-8")), encoding="utf-8")

    def _renamed(self, text: str) -> str:
        for old, new in self.names.items():
            text = text.replace(old, new)
        return text


Edit = Replace | Write | CopyFolder


def insert(path: str, after: str, text: str) -> Edit:
    """An edit that adds text after an anchor."""
    return Replace(path, after, after + text)


def insert_before(path: str, before: str, text: str) -> Edit:
    """An edit that adds text before an anchor."""
    return Replace(path, before, text + before)


class Attempt:
    """A copy of the repository; edits only the places of a recipe."""

    def __init__(self, recipe: Recipe, original: Path, home: Path) -> None:
        """`original` is a copy that others use too: files are linked, but for those that a render writes."""
        self.recipe, self.home = recipe, home
        self.edited: set[Place] = set()
        for top in (PACKAGES.name, "ci"):
            shutil.copytree(original / top, home / top, copy_function=os.link)
        shutil.copytree(original / "car_configs", home / "car_configs")

    def follow(self, edits: Sequence[Edit]) -> None:
        """Makes the edits in their order."""
        for edit in edits:
            edit.make(self)

    def file(self, path: str) -> Path:
        """A file to edit; a file that the recipe does not name is an error."""
        place = self.recipe.place_of(path)
        assert place, f"the recipe for {self.recipe.change} does not name {path}"
        self.edited.add(place)
        return self.home / in_repository(path)

    def left(self) -> list[str]:
        """The places that were not edited."""
        return [place.path for place in self.recipe.places if place not in self.edited]

    def probe(self, python: str, code: str) -> Any:
        """The value that the code calls `found`, run with the sources of the copy."""
        sources = [str(path) for path in sorted(self.home.glob("packages/*/src"))]
        ours = sorted(path.name for path in self.home.glob("packages/*/src/*"))
        tests = str(self.home / "packages" / "deployer" / "tests")
        names = f"OURS, HOME = {ours!r}, {str(self.home)!r}\n"
        text = f"{names}{code}\n{LAST}\nimport json\nprint(json.dumps(found))"
        # Byte code of a copy serves nobody afterwards.
        done = self.run([python, "-B", "-c", text], PYTHONPATH=os.pathsep.join([*sources, tests]))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def run(self, words: Sequence[str], **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a command in the copy."""
        environment = {**clean_environment(), **variables}
        return subprocess.run(words, cwd=self.home, env=environment, capture_output=True, text=True)
