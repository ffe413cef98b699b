"""A small monorepo in a git repository of its own, for the tests of what changed."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

LOCK = """\
[[package]]
name = "msgspec"
version = "{version}"
groups = ["main"]
files = [{{file = "msgspec.whl", hash = "sha256:{version}"}}]

[[package]]
name = "pytest"
version = "{pytest}"
groups = ["dev"]
files = []
"""
PERSON = {"NAME": "A Developer", "EMAIL": "developer@example.com"}


@dataclass(frozen=True)
class Clone:
    """A git work tree; every word for git is passed as it is."""

    root: Path

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=_environment(), capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def commit(self, message: str = "work") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def package(
        self, name: str, *, uses: tuple[str, ...] = (), tests: tuple[str, ...] = (), more: str = ""
    ) -> None:
        quoted = ", ".join(f'"{other}"' for other in ("msgspec==1.0", *uses))
        home = f"packages/{name}"
        self.write(
            f"{home}/pyproject.toml",
            f'[project]\nname = "{name}"\nversion = "0.1.0"\ndescription = "x"\ndependencies = [{quoted}]\n\n'
            f'[tool.poetry]\npackages = [{{ include = "{name.replace("-", "_")}", from = "src" }}]\n\n'
            f"[tool.poetry.dependencies]\n{_paths(uses)}\n"
            f'[tool.poetry.group.dev.dependencies]\npytest = "9"\n{_paths(tests)}\n{more}',
        )
        self.write(f"{home}/poetry.lock", LOCK.format(version="1.0", pytest="9"))
        self.write(f"{home}/CHANGELOG.md", "# Changelog\n\n## 0.1.0\n\n- First version.\n")
        self.write(f"{home}/src/code.py", "one = 1\n")
        self.write(f"{home}/tests/test_code.py", "def test_one() -> None: ...\n")


def _environment() -> dict[str, str]:
    """Neither the settings of whoever runs the tests nor the work tree of a hook that they run in."""
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in PERSON.items()}
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": os.devnull, **who}


def _paths(names: tuple[str, ...]) -> str:
    return "".join(f'{name} = {{ path = "../{name}", develop = true }}\n' for name in names)


@pytest.fixture(scope="session")
def first_commit(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Five packages on `main`; the work tree is on `feature`, which begins there. To be copied, not changed."""
    made = Clone(tmp_path_factory.mktemp("first"))
    made.git("init", "--quiet", "--initial-branch=main")
    made.package("ledger")
    made.package("fn-a", uses=("ledger",), more='[tool.cars.lambda]\nhandler = "fn_a.handler"\n')
    made.package("job", uses=("ledger",))
    made.write("packages/job/script/main.py", "one = 1\n")
    made.package("cli", uses=("ledger",), tests=("fn-a",), more='[tool.cars]\nreads = ["car_configs/"]\n')
    made.package("alone")
    for path in ("README.md", "noxfile.py", "car_configs/STG/A.sql", "ci/Jenkinsfile"):
        made.write(path, "first\n")
    made.commit("first")
    made.git("checkout", "--quiet", "-b", "feature")
    return made


@pytest.fixture
def clone(first_commit: Clone, tmp_path: Path) -> Clone:
    """A copy of `first_commit` to work in."""
    shutil.copytree(first_commit.root, tmp_path / "clone", symlinks=True)
    return Clone(tmp_path / "clone")
