"""Checks of staging scripts: the Glue job's list is applied before a release exists; without it there is a warning."""

from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from sql_tree.compiler import staging_checks
from sql_tree.compiler.compile import compile_tree
from sql_tree.compiler.findings import CompileError
from sql_tree.errors import SqlTreeError

FARM = "STG/FARM/incremental/FARM.sql"


class Point:
    """An entry point as `importlib.metadata` lists it."""

    name, value = "refuse", "somewhere:refuse"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def load(self) -> Callable[[str, str], None]:
        if self.error:
            raise self.error
        return refuse


def refuse(path: str, text: str) -> None:
    raise ValueError("refused")


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes these entry points the only installed ones."""

    def installed(*points: Point) -> None:
        def found(*, group: str) -> Sequence[Point]:
            return points if group == "cars.staging_check" else ()

        monkeypatch.setattr(staging_checks, "entry_points", found)

    return installed


def test_a_check_sees_every_staging_script_and_its_words_are_reported_once(small: Path) -> None:
    seen: list[str] = []

    def check(path: str, text: str) -> None:
        seen.append(path)
        if "WHERE" in text:
            raise ValueError(f"{path}: function WHERE is not on the list")

    with pytest.raises(CompileError) as raised:
        compile_tree(small, checks=[check])
    assert sorted(seen) == [FARM, "STG/FARM/initial/FARM.sql"]
    assert [str(problem) for problem in raised.value.problems] == [
        f"{FARM}: function WHERE is not on the list"
    ]


def test_a_script_that_is_already_refused_is_not_refused_again_by_a_check(small: Path) -> None:
    (small / FARM).write_text("SELECT d.id AS farm_id FROM `fsa-{env}-cars`.`farm` AS d WHERE d.x = '{NOPE}'")
    with pytest.raises(CompileError) as raised:
        compile_tree(small)
    assert [problem.text.split(";")[0] for problem in raised.value.problems] == ["unknown token {NOPE}"]


def test_checks_of_installed_distributions_are_used(small: Path, install: Callable[..., None]) -> None:
    install(Point())
    with pytest.raises(CompileError, match=r"STG/FARM/incremental/FARM\.sql: refused \(and 1 more place\)"):
        compile_tree(small)


def test_a_check_that_cannot_be_loaded_is_an_error_that_names_it(
    small: Path, install: Callable[..., None]
) -> None:
    install(Point(ImportError("No module named 'somewhere'")))
    with pytest.raises(SqlTreeError, match=r"check refuse \(somewhere:refuse\) cannot be loaded: No module"):
        compile_tree(small)


def test_a_release_that_no_check_has_seen_carries_a_warning(
    small: Path, install: Callable[..., None]
) -> None:
    install()
    (warning,) = compile_tree(small).warnings
    assert warning.startswith("staging scripts were not checked: no installed distribution")
    assert "install glue-datamart-exec" in warning


def test_the_committed_tree_passes_the_glue_jobs_list_here(tree_root: Path) -> None:
    assert "datamart-exec" in {point.name for point in entry_points(group="cars.staging_check")}
    assert not [text for text in compile_tree(tree_root).warnings if "not checked" in text]


def test_a_function_that_the_glue_job_does_not_allow_does_not_compile(small: Path) -> None:
    (small / FARM).write_text("SELECT soundex(d.id) AS farm_id FROM `fsa-{env}-cars-cdc`.`farm` AS d")
    with pytest.raises(CompileError) as raised:
        compile_tree(small)
    (problem,) = raised.value.problems
    assert problem.place == f"{FARM}:1:8"
    assert problem.text.startswith("function SOUNDEX is not on the list of constructs proven equal")
