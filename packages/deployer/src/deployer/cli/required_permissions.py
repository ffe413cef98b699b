"""`plan --needs-iam`: the policy that the deployer itself needs; asks AWS nothing and needs no build."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from deployer.cli.terminal import print_json, print_text, say, stdout
from deployer.environment_file import Environment
from deployer.errors import PlanRefused
from deployer.model.permissions import Scope
from deployer.required_permissions.documents import Document, documents
from deployer.required_permissions.grants import Task
from deployer.required_permissions.scope import scope_of
from deployer.required_permissions.statements import required_permissions
from deployer.views import required_permissions as views

NeedsIam = Annotated[
    bool,
    typer.Option(
        "--needs-iam",
        help="Print the IAM policy that the deployer needs for this environment, one document per line; asks AWS nothing.",
    ),
]
For = Annotated[
    list[Task] | None,
    typer.Option(
        "--for", help="With --needs-iam: only the permissions of these tasks, for example --for plan [all]."
    ),
]
Account = Annotated[
    str | None,
    typer.Option(
        "--account", metavar="ID", help="With --needs-iam: the account, when the file does not name it."
    ),
]


def show_required_permissions(
    environment: Environment, tasks: Sequence[Task], account: str | None, out: Path | None, *, as_json: bool
) -> None:
    """Statements with reasons on a terminal, one document per line elsewhere, or files for `aws iam create-policy`."""
    scope = scope_of(environment, account)
    asked = tuple(task for task in Task if task in tasks) or tuple(Task)
    found = documents(required_permissions(scope, asked))
    files = _write(out, found) if out else []
    if as_json:
        print_json(views.document(scope, asked, found))
    elif files:
        _tell(scope, asked, found, files)
    elif stdout().is_terminal:
        for line in views.lines(scope, asked, found):
            stdout().print(line, markup=False)
    else:
        print_text("".join(f"{document.text}\n" for document in found))
        all_of_them = ", one per line: attach all of them" if len(found) > 1 else ""
        say(f"{views.summary(found)}{all_of_them}; --out FILE writes files")


def refuse_permission_options(tasks: Sequence[Task] | None, account: str | None) -> None:
    """Raises PlanRefused for options that go with --needs-iam only."""
    given = ["--for"] * bool(tasks) + ["--account"] * bool(account)
    if given:
        raise PlanRefused(f"{' and '.join(given)} go with --needs-iam only")


def _write(out: Path, found: Sequence[Document]) -> list[Path]:
    """One file for each document: FILE itself for a single one, else FILE with a number."""
    several = len(found) > 1
    files = [out.with_stem(f"{out.stem}-{number}") if several else out for number, _ in enumerate(found, 1)]
    out.parent.mkdir(parents=True, exist_ok=True)
    for file, document in zip(files, found, strict=True):
        file.write_text(f"{document.text}\n", encoding="utf-8")
    return files


def _tell(scope: Scope, tasks: Sequence[Task], found: Sequence[Document], files: Sequence[Path]) -> None:
    say(f"{views.summary(found)} written; make and attach them with")
    for line in views.attachment(scope, tasks, files):
        stdout().print(line, markup=False)
