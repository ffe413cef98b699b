"""Keys and tags of log groups."""

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws

KEY = "arn:aws:kms:us-east-1:111122223333:key/00000000-1111-2222-3333-444444444444"


def test_log_group_gets_a_key_and_loses_it(local_aws: LocalAws) -> None:
    logs = local_aws.client("logs")
    logs.create_log_group(logGroupName="keyed")
    logs.associate_kms_key(logGroupName="keyed", kmsKeyId=KEY)
    assert logs.describe_log_groups(logGroupNamePrefix="keyed")["logGroups"][0]["kmsKeyId"] == KEY
    logs.disassociate_kms_key(logGroupName="keyed")
    assert "kmsKeyId" not in logs.describe_log_groups(logGroupNamePrefix="keyed")["logGroups"][0]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.associate_kms_key(logGroupName="nowhere", kmsKeyId=KEY)


def test_a_deleted_log_group_takes_its_tags_along(local_aws: LocalAws) -> None:
    logs = local_aws.client("logs")
    logs.create_log_group(logGroupName="tagged", tags={"a": "1"})
    logs.delete_log_group(logGroupName="tagged")
    logs.create_log_group(logGroupName="tagged")
    arn = "arn:aws:logs:us-east-1:111122223333:log-group:tagged"
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {}
