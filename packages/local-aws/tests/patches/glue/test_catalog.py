"""Connections, databases and tables of Glue, and their tags."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws

ARN = "arn:aws:glue:us-east-1:111122223333"
PLACE = {"SubnetId": "subnet-1", "SecurityGroupIdList": ["sg-1"], "AvailabilityZone": "us-east-1a"}


def code_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def network(name: str, **options: Any) -> dict[str, Any]:
    return {"Name": name, "ConnectionType": "NETWORK", "ConnectionProperties": {}, **options}


@pytest.fixture
def glue(aws: LocalAws) -> Any:
    return aws.client("glue")


@pytest.fixture
def connection(glue: Any) -> Iterator[str]:
    wanted = network("warehouse", Description="to the database", PhysicalConnectionRequirements=PLACE)
    glue.create_connection(ConnectionInput=wanted, Tags={"owner": "us"})
    yield "warehouse"
    if any(one["Name"] == "warehouse" for one in glue.get_connections()["ConnectionList"]):
        glue.delete_connection(ConnectionName="warehouse")


def test_connection_is_shown_as_it_was_made(glue: Any, connection: str) -> None:
    shown = glue.get_connection(Name=connection)["Connection"]
    assert (shown["ConnectionType"], shown["Description"]) == ("NETWORK", "to the database")
    assert shown["PhysicalConnectionRequirements"] == PLACE
    assert "SparkProperties" not in shown
    assert glue.get_tags(ResourceArn=f"{ARN}:connection/{connection}")["Tags"] == {"owner": "us"}
    again = {"ConnectionInput": network(connection)}
    assert code_of(glue.create_connection, **again) == "AlreadyExistsException"


def test_update_replaces_the_definition_and_keeps_the_tags(glue: Any, connection: str) -> None:
    made = glue.get_connection(Name=connection)["Connection"]["CreationTime"]
    properties = {"JDBC_CONNECTION_URL": "jdbc:postgresql://db.invalid/EDV", "PASSWORD": "p"}
    wanted = {"Name": connection, "ConnectionType": "JDBC", "ConnectionProperties": properties}
    glue.update_connection(Name=connection, ConnectionInput=wanted)
    shown = glue.get_connection(Name=connection)["Connection"]
    assert (shown["ConnectionType"], shown["ConnectionProperties"]) == ("JDBC", properties)
    assert "Description" not in shown
    assert shown["CreationTime"] == made
    hidden = glue.get_connection(Name=connection, HidePassword=True)["Connection"]
    assert "PASSWORD" not in hidden["ConnectionProperties"]
    assert glue.get_tags(ResourceArn=f"{ARN}:connection/{connection}")["Tags"] == {"owner": "us"}
    other = {"Name": connection, "ConnectionInput": network("other")}
    assert code_of(glue.update_connection, **other) == "InvalidInputException"


def test_deleted_connection_is_gone_with_its_tags(glue: Any, connection: str) -> None:
    glue.delete_connection(ConnectionName=connection)
    gone = {"Name": connection}
    assert code_of(glue.get_connection, **gone) == "EntityNotFoundException"
    assert code_of(glue.delete_connection, ConnectionName=connection) == "EntityNotFoundException"
    missing = network(connection)
    assert code_of(glue.update_connection, **gone, ConnectionInput=missing) == "EntityNotFoundException"
    glue.create_connection(ConnectionInput=missing)
    assert glue.get_tags(ResourceArn=f"{ARN}:connection/{connection}")["Tags"] == {}


def test_database_has_one_name_whatever_its_case(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "Staging", "Description": "first"}, Tags={"a": "b"})
    shown = glue.get_database(Name="STAGING")["Database"]
    assert (shown["Name"], shown["Description"]) == ("staging", "first")
    assert "LocationUri" not in shown
    again = {"DatabaseInput": {"Name": "staging"}}
    assert code_of(glue.create_database, **again) == "AlreadyExistsException"
    arn = f"{ARN}:database/staging"
    glue.tag_resource(ResourceArn=arn, TagsToAdd={"c": "d"})
    glue.update_database(Name="STAGING", DatabaseInput={"Name": "staging", "LocationUri": "s3://b/p"})
    shown = glue.get_database(Name="staging")["Database"]
    assert (shown["LocationUri"], "Description" in shown) == ("s3://b/p", False)
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"a": "b", "c": "d"}
    glue.delete_database(Name="STAGING")
    assert code_of(glue.get_tags, ResourceArn=arn) == "EntityNotFoundException"
    glue.create_database(DatabaseInput={"Name": "staging"})
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {}
    glue.delete_database(Name="staging")


def test_job_takes_its_tags_along(glue: Any) -> None:
    command = {"Name": "glueetl", "ScriptLocation": "s3://b/s.py"}
    role = "arn:aws:iam::111122223333:role/glue"
    glue.create_job(Name="tagged", Role=role, Command=command, Tags={"a": "b"})
    arn = f"{ARN}:job/tagged"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"a": "b"}
    glue.delete_job(JobName="tagged")
    for call, more in ((glue.tag_resource, {"TagsToAdd": {"x": "y"}}), (glue.get_tags, {})):
        assert code_of(call, ResourceArn=arn, **more) == "EntityNotFoundException"
    glue.create_job(Name="tagged", Role=role, Command=command)
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {}
    glue.delete_job(JobName="tagged")


def test_an_update_of_a_version_that_is_not_current_is_refused(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "lake"})
    glue.create_table(DatabaseName="lake", TableInput={"Name": "t", "Parameters": {"at": "0"}})
    read = glue.get_table(DatabaseName="lake", Name="t")["Table"]["VersionId"]

    def commit(number: int) -> str:
        wanted = {"Name": "t", "Parameters": {"at": str(number)}}
        try:
            glue.update_table(DatabaseName="lake", TableInput=wanted, VersionId=read)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "committed"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(commit, range(1, 9)))
    assert outcomes == [*["ConcurrentModificationException"] * 7, "committed"]
    glue.update_table(DatabaseName="lake", TableInput={"Name": "t", "Parameters": {"at": "9"}})
    assert glue.get_table(DatabaseName="lake", Name="t")["Table"]["Parameters"] == {"at": "9"}
    glue.delete_table(DatabaseName="lake", Name="t")
    glue.delete_database(Name="lake")
