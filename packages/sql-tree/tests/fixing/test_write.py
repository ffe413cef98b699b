# ruff: noqa: E501 - one script is one line
"""Writing is all or nothing, keeps modes, and refuses what changed or cannot be written."""

from pathlib import Path

import pytest
from trees import HUB, put

from sql_tree.fixing.plan import plan_fixes
from sql_tree.fixing.source import FixError
from sql_tree.fixing.write import write_fixes


@pytest.fixture
def broken(small: Path) -> Path:
    """A tree with a rename, a cell and a script to fix."""
    (small / "EDV/FARM_HS").rename(small / "EDV/farm_hs")
    put(small, "metadata/stg_tables.csv", "tbl\nfarm\n")
    put(
        small,
        HUB,
        "INSERT INTO edv.farm_h (farm_id) SELECT s.farm_id FROM cars_stg.farm AS s WHERE DATE '2001-01-01' < CURRENT_DATE ON CONFLICT DO NOTHING",
    )
    return small


def state(root: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mode)
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("fails_at", range(6))
def test_an_error_in_the_middle_leaves_every_file_as_it_was(
    broken: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    before, plan = state(broken), plan_fixes(broken)
    calls, real_replace, real_rename = [0], Path.replace, Path.rename

    def counted() -> None:
        calls[0] += 1
        if calls[0] > fails_at:
            raise OSError(28, "No space left on device")

    def replace(source: Path, target: Path) -> Path:
        counted()
        return real_replace(source, target)

    def rename(source: Path, target: Path) -> Path:
        counted()
        return real_rename(source, target)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(FixError, match="No space left on device; nothing was written"):
        write_fixes(plan)
    assert state(broken) == before
    assert {path.name for path in (broken / "EDV").iterdir()} == {"FARM_H", "farm_hs"}


def test_modes_are_kept(broken: Path) -> None:
    (broken / HUB).chmod(0o640)
    write_fixes(plan_fixes(broken))
    assert (broken / HUB).stat().st_mode & 0o777 == 0o640
    assert b"{ETL_START_DATE}" in (broken / HUB).read_bytes()


def test_a_read_only_file_and_one_that_changed_are_refused(broken: Path) -> None:
    plan = plan_fixes(broken)
    (broken / HUB).chmod(0o444)
    before = state(broken)
    with pytest.raises(FixError, match="is read-only; nothing was written"):
        write_fixes(plan)
    assert state(broken) == before
    (broken / HUB).chmod(0o644)
    put(broken, HUB, "SELECT 1")
    with pytest.raises(FixError, match="changed since it was read"):
        write_fixes(plan)


def test_a_script_that_is_not_utf_8_is_left_alone(broken: Path) -> None:
    latin = "-- caf\xe9\nSELECT CURRENT_DATE".encode("latin-1")
    (broken / "EDV/FARM_H/3_DV_X.sql").write_bytes(latin)
    write_fixes(plan_fixes(broken))
    assert (broken / "EDV/FARM_H/3_DV_X.sql").read_bytes() == latin
