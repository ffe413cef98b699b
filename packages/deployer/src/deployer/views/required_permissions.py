"""The deployer's permissions for people (statements with reasons) and for programs; pure."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deployer.model.permissions import Scope
from deployer.required_permissions.documents import LIMIT, Document
from deployer.required_permissions.grants import Grant, Task


def lines(scope: Scope, tasks: Sequence[Task], found: Sequence[Document]) -> Iterator[str]:
    """Every statement with its reason, then how many policies they take."""
    grants = [grant for document in found for grant in document.grants]
    yield f"{scope.names.prefix} in account {scope.names.place.account}: what the deployer must be allowed"
    for task in tasks:
        yield f"  {task.value}: {task.commands}"
    for grant in grants:
        yield from _statement(grant)
    actions = {action for grant in grants for action in grant.actions}
    yield f"{len(grants)} statements, {len(actions)} actions; {summary(found)}"


def _statement(grant: Grant) -> Iterator[str]:
    yield ""
    yield f"{grant.sid} ({', '.join(task.value for task in grant.tasks)}): {grant.reason}"
    yield f"    {' '.join(grant.actions)}"
    yield from (f"    on {resource}" for resource in grant.resources)
    for operator, tests in grant.conditions.items():
        for key, values in tests.items():
            yield f"    when {operator} {key} {', '.join([values] if isinstance(values, str) else values)}"


def summary(found: Sequence[Document]) -> str:
    """For example `3 managed policies (6111, 6096 and 3060 of at most 6144 characters)`."""
    *first, last = (str(document.characters) for document in found)
    sizes = f"{', '.join(first)} and {last}" if first else last
    word = "policies" if len(found) > 1 else "policy"
    return f"{len(found)} managed {word} ({sizes} of at most {LIMIT} characters)"


def policy_name(scope: Scope, tasks: Sequence[Task], number: int) -> str:
    """For example `cars-deployer-PROD-plan-1`; without the tasks when it is all of them."""
    some = [task.value for task in tasks] if len(tasks) < len(Task) else []
    return "-".join(["cars-deployer", scope.deploy_env, *some, str(number)])


def attachment(scope: Scope, tasks: Sequence[Task], files: Sequence[Path]) -> Iterator[str]:
    """Commands that make the policies of these files and attach all of them to a role."""
    place = scope.names.place
    for number, file in enumerate(files, 1):
        name = policy_name(scope, tasks, number)
        arn = f"arn:{place.partition}:iam::{place.account}:policy/{name}"
        yield f"aws iam create-policy --policy-name {name} --policy-document file://{file}"
        yield f"aws iam attach-role-policy --role-name ROLE --policy-arn {arn}"


def document(scope: Scope, tasks: Sequence[Task], found: Sequence[Document]) -> Mapping[str, Any]:
    """For programs: the documents as IAM takes them, and every statement with its reason."""
    return {
        "deployEnv": scope.deploy_env,
        "account": scope.names.place.account,
        "tasks": [task.value for task in tasks],
        "limit": LIMIT,
        "policies": [
            {
                "name": policy_name(scope, tasks, number),
                "characters": item.characters,
                "document": item.content,
            }
            for number, item in enumerate(found, 1)
        ],
        "reasons": {grant.sid: grant.reason for item in found for grant in item.grants},
    }
