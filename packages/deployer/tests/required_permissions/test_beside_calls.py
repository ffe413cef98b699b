"""Permissions stand beside the calls that need them: a module declares what it calls, and nothing else."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

import botocore.session
import pytest
from botocore import xform_name

import deployer
from deployer.required_permissions.statements import MODULES, STATEMENTS

SOURCE = Path(deployer.__file__).parent
# Attributes that hold a client, and the service that it calls.
CLIENTS = {
    "_ec2": "ec2", "ec2": "ec2", "_glue": "glue", "glue": "glue", "_iam": "iam", "iam": "iam", "_lambda": "lambda",
    "functions": "lambda", "kms": "kms", "_logs": "logs", "logs": "logs", "_s3": "s3", "s3": "s3",
    "_scheduler": "scheduler", "scheduler": "scheduler", "secrets": "secretsmanager", "sns": "sns", "_sqs": "sqs",
    "sqs": "sqs", "_states": "states", "states": "states",
}  # fmt: skip
# Calls whose action has another name (service authorization reference).
ACTIONS = {
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "lambda:Invoke": "lambda:InvokeFunction",
}
WAITERS = {"function_active_v2": "lambda:GetFunction", "function_updated_v2": "lambda:GetFunction"}
# Actions without a call of their name: AWS checks them in other calls.
CHECKED_BY_AWS = {
    "lambda:ListTags",  # GetFunction answers with tags
    "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",  # a function in a VPC
    "iam:PassRole",
    "kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey",
    "logs:TagResource", "states:TagResource",
    "glue:TagResource", "lambda:TagResource",  # also of what is created with tags
    "scheduler:DeleteSchedule",  # a group takes its schedules along
    "s3:ListBucket",  # 404 instead of 403 for a missing object
}  # fmt: skip
NEVER_CALLED = {"logs:DeleteRetentionPolicy"}  # the file always says how long events are kept


@cache
def _operations(service: str) -> Mapping[str, str]:
    """Operations by the names of boto3's methods."""
    names = {"logs": "logs", "states": "stepfunctions"}
    model = botocore.session.get_session().get_service_model(names.get(service, service))
    return {xform_name(name): name for name in model.operation_names}


def _calls(file: Path) -> Iterator[str]:
    """Actions of the AWS calls in a source file."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        target, method = node.func.value, node.func.attr
        service = CLIENTS.get(target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", ""))
        if service and method == "get_waiter":
            yield WAITERS[ast.literal_eval(node.args[0])]
        if service and method == "get_paginator":
            method = ast.literal_eval(node.args[0])
        if service and (operation := _operations(service).get(method)):
            yield ACTIONS.get(f"{service}:{operation}", f"{service}:{operation}")


def _file(module: ModuleType) -> Path:
    assert module.__file__ is not None
    return Path(module.__file__)


def _declared(module: ModuleType) -> set[str]:
    return {action for permission in module.PERMISSIONS for action in permission.actions.split()}


each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)


@each_module
def test_every_call_is_declared_in_the_module_that_makes_it(module: ModuleType) -> None:
    assert set(_calls(_file(module))) - _declared(module) - NEVER_CALLED == set()


@each_module
def test_nothing_is_declared_that_the_module_does_not_call(module: ModuleType) -> None:
    assert _declared(module) - set(_calls(_file(module))) - CHECKED_BY_AWS == set()


def test_every_module_that_calls_aws_is_collected() -> None:
    calling = {file for file in SOURCE.rglob("*.py") if set(_calls(file))}
    assert calling == set(map(_file, MODULES))


def test_statements_are_those_that_are_declared_each_once() -> None:
    names = [statement.name for statement in STATEMENTS]
    declared = {permission.statement for module in MODULES for permission in module.PERMISSIONS}
    assert len(set(names)) == len(names)
    assert set(names) == declared
