"""Versions of functions: what is published stays, and numbers are not used twice."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.testing.functions import Functions, archive

SOURCE = """
import os
def handler(event, context):
    return [os.environ.get("COLOUR"), os.environ["AWS_LAMBDA_FUNCTION_VERSION"], context.function_version,
            context.invoked_function_arn, {mark!r}]
"""


def source(mark: str) -> str:
    return SOURCE.format(mark=mark)


def error_of(call: Any, **arguments: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer: Any = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


@pytest.fixture
def name(functions: Functions) -> Iterator[str]:
    name = functions.create(
        f"f-{uuid.uuid4().hex[:8]}", source("first"), Environment={"Variables": {"COLOUR": "red"}}
    )
    yield name
    functions.api.delete_function(FunctionName=name)


def change_code(functions: Functions, name: str, mark: str, **options: Any) -> dict[str, Any]:
    zipped = archive({"handler.py": source(mark)})
    answer: dict[str, Any] = functions.api.update_function_code(FunctionName=name, ZipFile=zipped, **options)
    return answer


def change_colour(functions: Functions, name: str, colour: str) -> None:
    functions.api.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"COLOUR": colour}}
    )


def test_version_keeps_code_and_configuration_of_its_time(functions: Functions, name: str) -> None:
    first = functions.api.publish_version(FunctionName=name, Description="one")
    arn = functions.api.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    assert (first["Version"], first["FunctionArn"], first["Description"]) == ("1", f"{arn}:1", "one")
    change_code(functions, name, "second")
    change_colour(functions, name, "blue")
    assert functions.invoke(name).payload == ["blue", "$LATEST", "$LATEST", arn, "second"]
    assert functions.invoke(name, Qualifier="1").payload == ["red", "1", "1", f"{arn}:1", "first"]
    assert functions.invoke(f"{arn}:1").payload == ["red", "1", "1", f"{arn}:1", "first"]
    assert functions.invoke(f"{name}:1").payload == ["red", "1", "1", f"{arn}:1", "first"]
    assert functions.invoke(name, Qualifier="$LATEST").payload[3] == f"{arn}:$LATEST"
    kept = functions.api.get_function(FunctionName=name, Qualifier="1")
    assert kept["Configuration"]["CodeSha256"] == first["CodeSha256"]
    assert kept["Configuration"]["Environment"] == {"Variables": {"COLOUR": "red"}}
    assert functions.api.get_function_configuration(FunctionName=f"{arn}:1")["FunctionArn"] == f"{arn}:1"


def test_nothing_changed_publishes_nothing(functions: Functions, name: str) -> None:
    publish = functions.api.publish_version
    assert publish(FunctionName=name)["Version"] == "1"
    assert publish(FunctionName=name, Description="other")["Version"] == "1"
    change_code(functions, name, "first")
    change_colour(functions, name, "red")
    assert publish(FunctionName=name)["Version"] == "1"
    change_colour(functions, name, "blue")
    assert publish(FunctionName=name)["Version"] == "2"
    assert publish(FunctionName=name)["Version"] == "2"
    change_code(functions, name, "second")
    assert publish(FunctionName=name)["Version"] == "3"


def test_update_of_code_publishes_when_told_to(functions: Functions, name: str) -> None:
    answer = change_code(functions, name, "second", Publish=True)
    assert (answer["Version"], answer["FunctionArn"].split(":")[-1]) == ("1", "1")
    change_code(functions, name, "third")
    assert functions.invoke(name, Qualifier="1").payload[-1] == "second"


def test_numbers_are_not_used_again(functions: Functions, name: str) -> None:
    api = functions.api
    for colour in ("green", "blue"):
        change_colour(functions, name, colour)
        api.publish_version(FunctionName=name)
    api.delete_function(FunctionName=name, Qualifier="2")
    assert api.publish_version(FunctionName=name)["Version"] == "3"
    api.delete_function(FunctionName=name)
    functions.create(name, source("again"))
    assert api.publish_version(FunctionName=name)["Version"] == "4"


def test_versions_are_listed_in_pages(functions: Functions, name: str) -> None:
    for colour in ("green", "blue", "black"):
        change_colour(functions, name, colour)
        functions.api.publish_version(FunctionName=name)
    functions.api.delete_function(FunctionName=name, Qualifier="2")
    pages = functions.api.get_paginator("list_versions_by_function").paginate(
        FunctionName=name, PaginationConfig={"PageSize": 2}
    )
    found = [version["FunctionArn"].split(":")[-1] for page in pages for version in page["Versions"]]
    assert found == ["$LATEST", "1", "3"]
    code, status, _ = error_of(functions.api.list_versions_by_function, FunctionName="nobody")
    assert (code, status) == ("ResourceNotFoundException", 404)


def test_publishing_on_condition(functions: Functions, name: str) -> None:
    old = functions.api.get_function_configuration(FunctionName=name)
    change_code(functions, name, "second")
    new = functions.api.get_function_configuration(FunctionName=name)
    publish = functions.api.publish_version
    code, status, _ = error_of(publish, FunctionName=name, RevisionId=old["RevisionId"])
    assert (code, status) == ("PreconditionFailedException", 412)
    code, status, message = error_of(publish, FunctionName=name, CodeSha256=old["CodeSha256"])
    assert (code, status) == ("InvalidParameterValueException", 400)
    assert new["CodeSha256"] in message
    version = publish(FunctionName=name, RevisionId=new["RevisionId"], CodeSha256=new["CodeSha256"])
    assert version["Version"] == "1"


def test_updates_on_condition_and_of_the_function_only(functions: Functions, name: str) -> None:
    api = functions.api
    read = api.get_function_configuration(FunctionName=name)["RevisionId"]
    changed = api.update_function_configuration(FunctionName=name, Timeout=9, RevisionId=read)
    assert changed["RevisionId"] != read
    for call, given in (
        (api.update_function_configuration, {"Timeout": 8}),
        (api.update_function_code, {"ZipFile": archive({"handler.py": ""})}),
    ):
        code, status, _ = error_of(call, FunctionName=name, RevisionId=read, **given)
        assert (code, status) == ("PreconditionFailedException", 412)
    api.publish_version(FunctionName=name)
    code, _, _ = error_of(api.update_function_configuration, FunctionName=f"{name}:1", Timeout=7)
    assert code == "InvalidParameterValueException"
    assert api.get_function_configuration(FunctionName=name, Qualifier="1")["Timeout"] == 9


def test_version_in_use_and_the_latest_cannot_be_deleted(functions: Functions, name: str) -> None:
    api = functions.api
    api.publish_version(FunctionName=name)
    api.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    refused = error_of(api.delete_function, FunctionName=name, Qualifier="1")
    assert refused[:2] == ("ResourceConflictException", 409)
    assert "[live]" in refused[2]
    code, _, _ = error_of(api.delete_function, FunctionName=name, Qualifier="$LATEST")
    assert code == "InvalidParameterValueException"
    api.delete_alias(FunctionName=name, Name="live")
    api.delete_function(FunctionName=name, Qualifier="1")
    code, status, _ = error_of(api.get_function, FunctionName=name, Qualifier="1")
    assert (code, status) == ("ResourceNotFoundException", 404)
    assert functions.invoke(name).status == 200


def test_versions_have_workers_of_their_own(functions: Functions) -> None:
    counting = "import os\ndef handler(event, context):\n    return os.getpid()\n"
    name = functions.create(f"f-{uuid.uuid4().hex[:8]}", counting)
    functions.api.publish_version(FunctionName=name)
    of_version = functions.invoke(name, Qualifier="1").payload
    of_latest = functions.invoke(name).payload
    assert of_version != of_latest
    assert functions.invoke(name, Qualifier="1").payload == of_version
    assert functions.invoke(name).payload == of_latest
    functions.api.delete_function(FunctionName=name)


def test_all_versions_share_the_reserved_concurrency(functions: Functions, name: str) -> None:
    functions.api.publish_version(FunctionName=name)
    functions.api.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    code, status, _ = error_of(
        functions.api.invoke, FunctionName=name, Qualifier="1", Payload=json.dumps(None).encode()
    )
    assert (code, status) == ("TooManyRequestsException", 429)
