"""Reads git: the merge base of two branches, the files that differ from it, their earlier text. Changes nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monorepo.packages import MonorepoError

SHALLOW = (
    "this clone is shallow, so the history may end before the merge base; "
    "fetch the rest with `git fetch --unshallow` or clone without a depth (ci/README.md says how in Jenkins)"
)

SET_BY_HOOKS = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"}


@dataclass(frozen=True)
class Repository:
    """A work tree with its history."""

    root: Path

    def merge_base(self, ref: str) -> str:
        """The merge base of HEAD and `ref`; raises MonorepoError when git finds none."""
        for name in (ref, "HEAD"):
            self._require_commit(name)
        done = self._git("merge-base", ref, "HEAD")
        if done.returncode == 0:
            return done.stdout.strip()
        way_out = SHALLOW if self._is_shallow() else "name a ref that shares a commit with HEAD"
        raise MonorepoError(f"{ref!r} and HEAD have no commit in common: {way_out}")

    def changed_files(self, base: str) -> list[str]:
        """Paths that differ from `base`, in order: committed, staged, unstaged and untracked.

        A rename is a deletion here and an addition there, since it concerns both places.
        """
        compare = ("diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", base)
        asked = (compare, (*compare, "--cached"), ("ls-files", "--others", "--exclude-standard", "-z"))
        return sorted({path for words in asked for path in self._read(*words).split("\0") if path})

    def text_at(self, commit: str, path: str) -> str | None:
        """The file as it was in that commit, None when it was not there."""
        done = self._git("show", f"{commit}:{path}")
        return done.stdout if done.returncode == 0 else None

    def files_at(self, commit: str, folder: str) -> list[str]:
        """Paths of all files that were below the folder in that commit."""
        listed = self._read("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, "--", f"{folder}/")
        return [path for path in listed.split("\0") if path]

    def _require_commit(self, ref: str) -> None:
        if ref.startswith("-"):
            raise MonorepoError(f"a ref cannot begin with '-', got {ref!r}")
        done = self._git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        if done.returncode == 0:
            return
        if self._git("rev-parse", "--git-dir").returncode:
            raise MonorepoError(f"{self.root} is no git work tree; run this in a clone of the repository")
        remote, _, branch = ref.partition("/")
        fetch = f"`git fetch {remote} {branch}`" if branch else "`git fetch`"
        cut_off = f"; {SHALLOW}" if self._is_shallow() else ""
        raise MonorepoError(
            f"git knows no commit {ref!r}; fetch it with {fetch} or name another with --since{cut_off}"
        )

    def _is_shallow(self) -> bool:
        return self._git("rev-parse", "--is-shallow-repository").stdout.strip() == "true"

    def _read(self, *words: str) -> str:
        done = self._git(*words)
        if done.returncode:
            raise MonorepoError(f"git {' '.join(words)} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def _git(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["git", "-c", "core.quotePath=false", *words]
        try:
            return subprocess.run(
                command,
                cwd=self.root,
                env=_environment(),
                capture_output=True,
                encoding="utf-8",
                errors="surrogateescape",
            )
        except FileNotFoundError as error:
            raise MonorepoError("git is not installed; install it to compare with another commit") from error


def _environment() -> Mapping[str, str]:
    """Without the variables that a git hook sets: they would point at another work tree or index."""
    inherited = {name: value for name, value in os.environ.items() if name not in SET_BY_HOOKS}
    return {**inherited, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
