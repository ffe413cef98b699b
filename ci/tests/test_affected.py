"""Which packages changed files concern: real git repositories, small packages."""

from __future__ import annotations

import json

import pytest

from monorepo.affected import graph, impact
from monorepo.comparison import as_json, as_text, compare
from monorepo.packages import ROOT, MonorepoError, every_package

from .conftest import Clone


def _reasons(clone: Clone, since: str = "main") -> dict[str, list[str]]:
    found = compare(since, clone.root).impact()
    return {name: [reason.text for reason in reasons] for name, reasons in found.packages.items() if reasons}


def test_nothing_changed_concerns_nobody(clone: Clone) -> None:
    found = compare("main", clone.root).impact()
    assert (found.affected, found.gone, found.integration, found.unclaimed) == ([], (), (), ())
    assert set(found.packages) == {"alone", "cli", "fn-a", "job", "ledger"}


def test_a_source_change_reaches_dependents_each_with_its_own_reason(clone: Clone) -> None:
    clone.write("packages/ledger/src/code.py", "two = 2\n")
    clone.write("packages/ledger/src/more.py", "three = 3\n")
    assert _reasons(clone) == {
        "ledger": ["changed: 2 files"],
        "fn-a": ["its zip holds ledger, which changed"],
        "job": ["its bundle holds ledger, which changed"],
        "cli": ["uses ledger, which changed"],
    }


def test_a_dependency_of_the_tests_alone_has_its_own_reason(clone: Clone) -> None:
    clone.write("packages/fn-a/src/code.py", "two = 2\n")
    assert _reasons(clone) == {
        "fn-a": ["changed: 1 file"],
        "cli": ["its tests use fn-a, which changed"],
    }


@pytest.mark.parametrize("path", ["tests/test_code.py", "README.md", "CHANGELOG.md", "benchmarks/b.py"])
def test_what_is_not_shipped_stays_with_its_package(clone: Clone, path: str) -> None:
    clone.write(f"packages/ledger/{path}", "two\n")
    assert _reasons(clone) == {"ledger": ["changed: 1 file"]}
    assert compare("main", clone.root).impact().integration == ()


def test_committed_staged_unstaged_and_untracked_changes_count(clone: Clone) -> None:
    clone.write("packages/alone/src/committed.py", "")
    clone.commit()
    clone.write("packages/alone/src/staged.py", "")
    clone.git("add", "--all")
    clone.write("packages/alone/src/code.py", "unstaged = 1\n")
    clone.write("packages/alone/src/untracked ü.py", "")
    assert _reasons(clone) == {"alone": ["changed: 4 files"]}
    assert "packages/alone/src/untracked ü.py" in compare("main", clone.root).changed


def test_what_is_staged_counts_though_the_work_tree_has_the_old_text_again(clone: Clone) -> None:
    clone.write("packages/alone/src/code.py", "two = 2\n")
    clone.git("add", "--all")
    clone.write("packages/alone/src/code.py", "one = 1\n")
    assert _reasons(clone) == {"alone": ["changed: 1 file"]}


def test_ignored_files_do_not_count(clone: Clone) -> None:
    clone.write(".gitignore", "build/\n")
    clone.write("packages/alone/build/x.py", "")
    found = compare("main", clone.root)
    assert found.impact().affected == []
    assert found.impact().unclaimed == (".gitignore",)


def test_a_file_that_moves_between_packages_concerns_both(clone: Clone) -> None:
    clone.git("mv", "packages/alone/src/code.py", "packages/job/src/moved.py")
    assert _reasons(clone) == {"alone": ["changed: 1 file"], "job": ["changed: 1 file"]}


def test_changes_on_the_other_branch_since_the_two_parted_do_not_count(clone: Clone) -> None:
    clone.git("checkout", "--quiet", "main")
    clone.write("packages/ledger/src/code.py", "two = 2\n")
    clone.commit()
    clone.git("checkout", "--quiet", "feature")
    clone.write("packages/alone/src/code.py", "two = 2\n")
    assert _reasons(clone) == {"alone": ["changed: 1 file"]}


def test_a_new_package_and_one_that_is_gone_are_named(clone: Clone) -> None:
    clone.package("fresh", uses=("ledger",))
    clone.git("rm", "-r", "--quiet", "packages/alone")
    found = compare("main", clone.root)
    assert _reasons(clone) == {"fresh": ["new: the base has no such package"]}
    assert found.impact().gone == ("alone",)
    assert "alone: gone" in as_text(found)


def test_a_renamed_package_is_a_new_one_and_one_that_is_gone(clone: Clone) -> None:
    clone.git("mv", "packages/alone", "packages/apart")
    found = compare("main", clone.root).impact()
    assert (found.affected, found.gone) == (["apart"], ("alone",))


def test_a_dependency_on_a_package_that_is_gone_is_an_error(clone: Clone) -> None:
    clone.git("rm", "-r", "--quiet", "packages/ledger")
    with pytest.raises(MonorepoError, match=r"cli/pyproject.toml names \.\./ledger, where no package is"):
        _reasons(clone)


def test_what_all_tasks_depend_on_concerns_everything(clone: Clone) -> None:
    clone.write("noxfile.py", "second\n")
    found = compare("main", clone.root).impact()
    assert found.affected == ["alone", "cli", "fn-a", "job", "ledger"]
    assert found.packages["alone"][0].text == "noxfile.py changed: everything"
    assert [reason.kind for reason in found.integration] == ["everything"]


def test_the_sql_tree_concerns_those_who_read_it_and_the_main_job(clone: Clone) -> None:
    clone.write("car_configs/STG/A.sql", "second\n")
    clone.write("car_configs/STG/B.sql", "second\n")
    assert _reasons(clone) == {"cli": ["reads car_configs/, where 2 files changed"]}
    integration = compare("main", clone.root).impact().integration
    assert [reason.text for reason in integration] == ["reads car_configs/, which changed"]


def test_files_of_no_package_are_named_and_those_of_ci_are_not(clone: Clone) -> None:
    clone.write("README.md", "second\n")
    clone.write("ci/Jenkinsfile", "second\n")
    found = compare("main", clone.root)
    assert found.impact().affected == []
    assert found.impact().unclaimed == ("README.md",)
    assert as_text(found).splitlines()[1:] == [
        "not affected: alone, cli, fn-a, job, ledger",
        "no package's: README.md",
    ]


def test_the_json_has_the_documented_shape(clone: Clone) -> None:
    clone.write("packages/fn-a/src/code.py", "two = 2\n")
    answer = json.loads(as_json(compare("main", clone.root)))
    base = clone.git("rev-parse", "main")
    changed = {"kind": "changed", "because": "fn-a", "text": "changed: 1 file"}
    tests = {"kind": "tests", "because": "fn-a", "text": "its tests use fn-a, which changed"}
    runs = {"kind": "uses", "because": "fn-a", "text": "runs fn-a, which changed"}
    assert answer == {
        "format": 1,
        "since": "main",
        "base": base,
        "packages": [
            {"name": "alone", "affected": False, "reasons": []},
            {"name": "cli", "affected": True, "reasons": [tests]},
            {"name": "fn-a", "affected": True, "reasons": [changed]},
            {"name": "job", "affected": False, "reasons": []},
            {"name": "ledger", "affected": False, "reasons": []},
        ],
        "gone": [],
        "integration": {"affected": True, "reasons": [runs]},
        "unclaimed": [],
    }


def test_a_missing_ref_is_an_error_that_says_how_to_fetch_it(clone: Clone) -> None:
    with pytest.raises(
        MonorepoError, match=r"git knows no commit 'origin/main'; fetch it with `git fetch origin main`"
    ):
        compare("origin/main", clone.root)


def test_a_ref_is_never_taken_for_an_option(clone: Clone) -> None:
    with pytest.raises(MonorepoError, match="a ref cannot begin with '-', got '--all'"):
        compare("--all", clone.root)


def test_a_folder_without_git_is_an_error(clone: Clone) -> None:
    (clone.root / ".git").rename(clone.root / "not-git")
    with pytest.raises(MonorepoError, match="is no git work tree"):
        compare("main", clone.root)


def test_a_shallow_clone_says_how_to_fetch_the_rest(clone: Clone) -> None:
    clone.write("packages/alone/src/code.py", "two = 2\n")
    clone.commit()
    shallow = Clone(clone.root.parent / "shallow")
    clone.git("clone", "--quiet", "--depth=1", "--no-single-branch", clone.root.as_uri(), str(shallow.root))
    with pytest.raises(MonorepoError, match=r"no commit in common: this clone is shallow.* --unshallow"):
        compare("origin/main", shallow.root)
    shallow.git("fetch", "--quiet", "--unshallow")
    assert compare("origin/main", shallow.root).impact().affected == ["alone"]


def test_a_shallow_clone_without_the_ref_says_both(clone: Clone) -> None:
    shallow = Clone(clone.root.parent / "shallow")
    clone.git("clone", "--quiet", "--depth=1", clone.root.as_uri(), str(shallow.root))
    with pytest.raises(MonorepoError, match=r"`git fetch origin main` or .*; this clone is shallow"):
        compare("origin/main", shallow.root)


def test_histories_without_a_common_commit_are_an_error(clone: Clone) -> None:
    clone.git("checkout", "--quiet", "--orphan", "stranger")
    clone.commit()
    with pytest.raises(MonorepoError, match="no commit in common: name a ref that shares a commit with HEAD"):
        compare("main", clone.root)


def test_a_ledger_change_in_this_repository_reaches_zips_bundle_and_tests() -> None:
    nodes = graph(every_package())
    found = impact(
        nodes, ["packages/process-control/src/process_control/ledger.py"], [node.name for node in nodes]
    )
    kinds = {name: [reason.kind for reason in reasons] for name, reasons in found.packages.items() if reasons}
    assert kinds.pop("process-control") == ["changed"]
    assert kinds["glue-datamart-exec"] == ["ships"]
    assert {kind for name, (kind,) in kinds.items() if name.startswith("lambda-")} == {"ships"}
    assert kinds.keys() == _depending_on("process-control")


def _depending_on(name: str) -> set[str]:
    """Packages whose production uses that one, also through others, and those whose tests use one of these."""
    texts = {
        package.name: (package.path / "pyproject.toml").read_text(encoding="utf-8")
        for package in every_package()
    }
    production = {one: text.partition("[tool.poetry.group.")[0] for one, text in texts.items()}
    found = {name}
    while more := _naming(found, production) - found:
        found |= more
    return (found | _naming(found, texts)) - {name}


def _naming(folders: set[str], texts: dict[str, str]) -> set[str]:
    return {name for name, text in texts.items() if any(f'"../{folder}"' in text for folder in folders)}


def test_whoever_opens_the_sql_tree_declares_it() -> None:
    """A package that reaches above its own folder and names the tree reads it."""
    for package in every_package():
        texts = [
            path.read_text(encoding="utf-8")
            for folder in ("src", "tests")
            for path in (package.path / folder).rglob("*.py")
        ]
        opens = any("car_configs" in text and ("repository" in text or "above(" in text) for text in texts)
        assert opens == ("car_configs/" in package.reads), package.name
        for folder in package.reads:
            assert folder.endswith("/"), f"{package.name}: {folder}"
            assert (ROOT / folder).is_dir(), f"{package.name}: {folder}"
