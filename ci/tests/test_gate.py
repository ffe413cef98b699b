"""A package that ships something else needs a higher version and a changelog entry: real git repositories."""

from __future__ import annotations

import pytest

from monorepo.comparison import compare
from monorepo.gate import Verdict, report

from .conftest import LOCK, Clone

HOME = "packages/alone"
HIGHER = "a higher version than 0.1.0 in pyproject.toml"


def _entry(version: str) -> str:
    return f"an entry '## {version}' in CHANGELOG.md that says what changes for operators"


def _verdicts(clone: Clone) -> list[Verdict]:
    return compare("main", clone.root).verdicts()


def _missing(clone: Clone) -> tuple[str, ...]:
    verdict = _verdicts(clone)[0]
    assert verdict.name == "alone"
    return verdict.missing


def _bump(clone: Clone, version: str) -> None:
    clone.replace(f"{HOME}/pyproject.toml", 'version = "0.1.0"', f'version = "{version}"')


def _tell(clone: Clone, version: str, text: str = "- Faster.") -> None:
    clone.replace(f"{HOME}/CHANGELOG.md", "# Changelog\n", f"# Changelog\n\n## {version}\n\n{text}\n")


def test_nothing_changed_passes(clone: Clone) -> None:
    assert _verdicts(clone) == []
    assert report([]) == "no package changed what it ships"


def test_source_without_a_version_says_what_is_missing(clone: Clone) -> None:
    clone.write(f"{HOME}/src/code.py", "two = 2\n")
    assert _verdicts(clone) == [Verdict("alone", "src/code.py changed", (HIGHER,))]
    assert report(_verdicts(clone)) == f"alone: src/code.py changed: missing\n  - {HIGHER}"


def test_a_version_without_an_entry_says_so(clone: Clone) -> None:
    clone.write(f"{HOME}/src/code.py", "two = 2\n")
    _bump(clone, "0.2.0")
    assert _missing(clone) == (_entry("0.2.0"),)


def test_an_entry_without_a_version_says_so(clone: Clone) -> None:
    clone.write(f"{HOME}/src/code.py", "two = 2\n")
    _tell(clone, "0.2.0")
    assert _missing(clone) == (HIGHER,)


def test_an_entry_with_nothing_in_it_is_none(clone: Clone) -> None:
    clone.write(f"{HOME}/src/code.py", "two = 2\n")
    _bump(clone, "0.2.0")
    _tell(clone, "0.2.0", text="")
    assert _missing(clone) == ("what changed, below '## 0.2.0' in CHANGELOG.md",)


def test_version_and_entry_pass(clone: Clone) -> None:
    clone.write(f"{HOME}/src/code.py", "two = 2\n")
    _bump(clone, "0.2.0")
    _tell(clone, "0.2.0")
    assert _verdicts(clone) == [Verdict("alone", "src/code.py changed", ())]
    assert report(_verdicts(clone)) == "alone: src/code.py changed: ok"


def test_the_entry_of_a_longer_version_is_another_one(clone: Clone) -> None:
    clone.write(f"{HOME}/src/code.py", "two = 2\n")
    _bump(clone, "0.2")
    _tell(clone, "0.2.1")
    assert _missing(clone) == (_entry("0.2"),)


@pytest.mark.parametrize(
    "path", ["tests/test_code.py", "README.md", "CHANGELOG.md", "benchmarks/b.py", "tests/data/src/x.py"]
)
def test_tests_and_prose_need_no_version(clone: Clone, path: str) -> None:
    clone.write(f"{HOME}/{path}", "## 0.1.0\n")
    assert _verdicts(clone) == []


@pytest.mark.parametrize(
    ("old", "new", "because"),
    [
        ("msgspec==1.0", "msgspec==1.1", "pyproject project.dependencies changed"),
        ("[project]", '[project]\nrequires-python = ">=3.12"', "pyproject project.requires-python changed"),
        ("[project]", '[project]\nscripts = {a = "b:c"}', "pyproject project.scripts changed"),
        (
            "[tool.poetry]",
            '[tool.cars.lambda]\nexclude = ["a"]\n[tool.poetry]',
            "pyproject tool.cars.lambda changed",
        ),
    ],
)
def test_what_the_pyproject_says_is_installed_or_packed_needs_a_version(
    clone: Clone, old: str, new: str, because: str
) -> None:
    clone.replace(f"{HOME}/pyproject.toml", old, new)
    assert _verdicts(clone) == [Verdict("alone", because, (HIGHER,))]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('pytest = "9"', 'pytest = "10"'),
        ('description = "x"', 'description = "y"'),
        ("[tool.poetry]", "[tool.mypy]\nstrict = true\n[tool.poetry]"),
        ("[tool.poetry]", '[tool.cars]\nreads = ["config/"]\n[tool.poetry]'),
    ],
)
def test_settings_of_tools_and_tests_need_no_version(clone: Clone, old: str, new: str) -> None:
    clone.replace(f"{HOME}/pyproject.toml", old, new)
    assert _verdicts(clone) == []


def test_another_locked_version_of_production_needs_a_version(clone: Clone) -> None:
    clone.write(f"{HOME}/poetry.lock", LOCK.format(version="1.1", pytest="9"))
    because = "lock msgspec 1.0, lock msgspec 1.1 changed"
    assert _verdicts(clone) == [Verdict("alone", because, (HIGHER,))]


def test_another_locked_version_of_the_tests_needs_none(clone: Clone) -> None:
    clone.write(f"{HOME}/poetry.lock", LOCK.format(version="1.0", pytest="10"))
    assert _verdicts(clone) == []


@pytest.mark.parametrize("version", ["0.0.9", "0.1.0rc1", "0.1"])
def test_a_version_must_be_higher_and_is_compared_as_a_version(clone: Clone, version: str) -> None:
    _bump(clone, version)
    _tell(clone, version)
    assert _verdicts(clone) == [
        Verdict("alone", "its version changed", (f"{HIGHER}, where {version} is not higher",))
    ]


def test_ten_is_higher_than_nine(clone: Clone) -> None:
    _bump(clone, "0.9.0")
    _tell(clone, "0.9.0")
    clone.commit()
    clone.git("branch", "--force", "main", "HEAD")
    clone.write(f"{HOME}/src/code.py", "two = 2\n")
    clone.replace(f"{HOME}/pyproject.toml", "0.9.0", "0.10.0")
    _tell(clone, "0.10.0")
    assert _missing(clone) == ()


def test_a_version_that_is_none_is_named(clone: Clone) -> None:
    _bump(clone, "next")
    _tell(clone, "next")
    assert _missing(clone) == ("a version as PEP 440 has it in pyproject.toml, got 'next'",)


def test_a_new_package_needs_an_entry_for_its_version(clone: Clone) -> None:
    clone.package("fresh")
    assert _verdicts(clone) == [Verdict("fresh", "new package", ())]
    (clone.root / "packages/fresh/CHANGELOG.md").unlink()
    assert _verdicts(clone) == [Verdict("fresh", "new package", (_entry("0.1.0"),))]


def test_a_package_that_is_gone_needs_nothing(clone: Clone) -> None:
    clone.git("rm", "-r", "--quiet", HOME)
    assert _verdicts(clone) == []


def test_a_source_file_that_is_gone_needs_a_version(clone: Clone) -> None:
    clone.git("rm", "--quiet", f"{HOME}/src/code.py")
    assert _verdicts(clone) == [Verdict("alone", "src/code.py changed", (HIGHER,))]


def test_many_changes_are_summed_up(clone: Clone) -> None:
    for name in "abcde":
        clone.write(f"{HOME}/src/{name}.py", "")
    assert _verdicts(clone)[0].because == "src/a.py, src/b.py, src/c.py and 2 more changed"


def test_a_changed_dependency_asks_for_its_own_version_not_its_dependents(clone: Clone) -> None:
    clone.write("packages/ledger/src/code.py", "two = 2\n")
    assert [verdict.name for verdict in _verdicts(clone)] == ["ledger"]
