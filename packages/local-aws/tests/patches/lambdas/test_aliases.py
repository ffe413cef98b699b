"""Aliases of functions: they run what they point at, and can be changed on condition."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.testing.functions import Functions

SOURCE = "def handler(event, context):\n    return [context.function_version, context.invoked_function_arn]\n"


def code_of(call: Any, **arguments: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer: Any = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def status(answer: Any) -> int:
    code: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    return code


@pytest.fixture
def name(functions: Functions) -> Iterator[str]:
    """A function with the versions 1 and 2."""
    name = functions.create(f"a-{uuid.uuid4().hex[:8]}", SOURCE)
    functions.api.publish_version(FunctionName=name)
    functions.api.update_function_configuration(FunctionName=name, Timeout=19)
    functions.api.publish_version(FunctionName=name)
    yield name
    functions.api.delete_function(FunctionName=name)


def test_alias_runs_its_version_under_its_own_arn(functions: Functions, name: str) -> None:
    alias = functions.api.create_alias(
        FunctionName=name, Name="live", FunctionVersion="1", Description="stamp"
    )
    arn = f"arn:aws:lambda:us-east-1:111122223333:function:{name}:live"
    assert (alias["AliasArn"], alias["Description"], "RoutingConfig" in alias) == (arn, "stamp", False)
    assert functions.invoke(name, Qualifier="live").payload == ["1", arn]
    assert functions.invoke(arn).payload == ["1", arn]
    functions.api.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    answer = functions.api.invoke(FunctionName=arn)
    assert answer["ExecutedVersion"] == "2"
    shown = functions.api.get_function(FunctionName=name, Qualifier="live")["Configuration"]
    assert (shown["Version"], shown["FunctionArn"], shown["Timeout"]) == ("2", arn, 19)
    assert functions.api.get_alias(FunctionName=name, Name="live")["Description"] == "stamp"


@pytest.mark.parametrize(("weight", "version"), [(1.0, "2"), (0.0, "1")])
def test_two_versions_share_the_invocations_by_weight(
    functions: Functions, name: str, weight: float, version: str
) -> None:
    api = functions.api
    routing = {"AdditionalVersionWeights": {"2": weight}}
    alias = api.create_alias(FunctionName=name, Name="live", FunctionVersion="1", RoutingConfig=routing)
    assert alias["RoutingConfig"] == routing
    assert {functions.invoke(name, Qualifier="live").payload[0] for _ in range(3)} == {version}
    assert code_of(api.delete_function, FunctionName=name, Qualifier="2") == (
        "ResourceConflictException",
        409,
    )
    alias = api.update_alias(FunctionName=name, Name="live", RoutingConfig={})
    assert "RoutingConfig" not in alias
    api.delete_function(FunctionName=name, Qualifier="2")


def test_alias_is_changed_on_condition(functions: Functions, name: str) -> None:
    api = functions.api
    first = api.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    second = api.update_alias(
        FunctionName=name, Name="live", Description="new", RevisionId=first["RevisionId"]
    )
    assert (second["FunctionVersion"], second["Description"]) == ("1", "new")
    stale = {"FunctionName": name, "Name": "live", "RevisionId": first["RevisionId"], "FunctionVersion": "2"}
    assert code_of(api.update_alias, **stale) == ("PreconditionFailedException", 412)
    assert api.get_alias(FunctionName=name, Name="live") | {"ResponseMetadata": 0} == second | {
        "ResponseMetadata": 0
    }


def test_aliases_are_listed_by_version_and_in_pages(functions: Functions, name: str) -> None:
    api = functions.api
    for alias, version in (("blue", "1"), ("green", "2"), ("live", "2")):
        api.create_alias(FunctionName=name, Name=alias, FunctionVersion=version)
    assert [
        alias["Name"] for alias in api.list_aliases(FunctionName=name, FunctionVersion="2")["Aliases"]
    ] == [
        "green",
        "live",
    ]
    pages = api.get_paginator("list_aliases").paginate(FunctionName=name, PaginationConfig={"PageSize": 2})
    assert [len(page["Aliases"]) for page in pages] == [2, 1]
    assert status(api.get_alias(FunctionName=name, Name="blue")) == 200
    assert status(api.delete_alias(FunctionName=name, Name="blue")) == 204
    assert status(api.delete_alias(FunctionName=name, Name="blue")) == 204
    assert code_of(api.get_alias, FunctionName=name, Name="blue") == ("ResourceNotFoundException", 404)


def test_alias_is_refused_as_aws_refuses_it(functions: Functions, name: str) -> None:
    api = functions.api
    api.create_alias(FunctionName=name, Name="live", FunctionVersion="1")

    def refusal(version: str, alias: str = "other", **weights: float) -> tuple[str, int]:
        routing = {"AdditionalVersionWeights": {key[1:]: weight for key, weight in weights.items()}}
        return code_of(
            api.create_alias, FunctionName=name, Name=alias, FunctionVersion=version, RoutingConfig=routing
        )

    invalid = ("InvalidParameterValueException", 400)
    assert refusal("1", "live") == ("ResourceConflictException", 409)
    assert refusal("9") == ("ResourceNotFoundException", 404)
    assert refusal("1", v9=0.1) == ("ResourceNotFoundException", 404)
    assert refusal("1", v1=0.1) == invalid
    assert refusal("1", v2=1.5) == invalid
    assert refusal("$LATEST", v2=0.5) == invalid
    assert code_of(api.create_alias, FunctionName="nobody", Name="live", FunctionVersion="1") == (
        "ResourceNotFoundException",
        404,
    )


def test_recreated_function_has_no_aliases_of_the_old_one(functions: Functions, name: str) -> None:
    functions.api.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    functions.api.delete_function(FunctionName=name)
    functions.create(name, SOURCE)
    assert functions.api.list_aliases(FunctionName=name)["Aliases"] == []
