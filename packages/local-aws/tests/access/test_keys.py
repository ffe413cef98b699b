"""Uses of KMS keys that services make with the caller's rights, and what a function's answer leaves out."""

import json
import urllib.request
from typing import Any

import pytest

from local_aws.server import LocalAws
from local_aws.testing.functions import RUNTIME, archive
from local_aws.testing.roles import allow, make_role

from ..support.users import User

EVERYTHING_ELSE = {"Effect": "Allow", "NotAction": ["kms:*", "lambda:ListTags"], "Resource": "*"}
VIA_S3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
VIA_LAMBDA = {"StringEquals": {"kms:ViaService": "lambda.us-east-1.amazonaws.com"}}
LENT = {**VIA_LAMBDA, "Bool": {"kms:GrantIsForAWSResource": "true"}}


@pytest.fixture(scope="module")
def key(aws: LocalAws) -> str:
    arn: str = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


def test_objects_under_a_key_are_written_and_read_with_the_right_to_use_it_through_s3(
    aws: LocalAws, key: str
) -> None:
    user, place = User(aws), {"Bucket": "under-key", "Key": "a"}
    aws.client("s3").create_bucket(Bucket="under-key")
    encrypted: dict[str, Any] = {**place, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key, "Body": b"a"}
    user.may(EVERYTHING_ELSE)
    assert f"kms:GenerateDataKey on resource: {key}" in (user.refusal("s3", "put_object", **encrypted) or "")
    user.may(EVERYTHING_ELSE, allow("kms:GenerateDataKey", key, Condition=VIA_LAMBDA))
    assert "kms:GenerateDataKey" in (user.refusal("s3", "put_object", **encrypted) or "")
    user.may(EVERYTHING_ELSE, allow("kms:GenerateDataKey", key, Condition=VIA_S3))
    assert user.refusal("s3", "put_object", **encrypted) is None
    assert "kms:Decrypt" in (user.refusal("s3", "get_object", **place) or "")
    copied = {"Bucket": "under-key", "Key": "b", "CopySource": "under-key/a"}
    assert "kms:Decrypt" in (user.refusal("s3", "copy_object", **copied) or "")
    user.may(EVERYTHING_ELSE, allow("kms:Decrypt", key, Condition=VIA_S3))
    assert user.refusal("s3", "get_object", **place) is None
    assert user.refusal("s3", "put_object", **place, Body=b"plain") is None


def test_bucket_that_encrypts_by_default_takes_its_key_for_every_write(aws: LocalAws, key: str) -> None:
    user, s3 = User(aws), aws.client("s3")
    s3.create_bucket(Bucket="default-key")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket="default-key", ServerSideEncryptionConfiguration={"Rules": [rule]})
    user.may(EVERYTHING_ELSE)
    refusal = user.refusal("s3", "put_object", Bucket="default-key", Key="a", Body=b"a")
    assert f"kms:GenerateDataKey on resource: {key}" in (refusal or "")


def test_variables_under_a_key_take_it_and_are_hidden_from_who_may_not_decrypt(
    aws: LocalAws, key: str
) -> None:
    user, role = User(aws), make_role(aws, "keyed-role", "lambda")
    function: dict[str, Any] = {
        "FunctionName": "keyed", "Runtime": RUNTIME, "Role": role, "Handler": "h.handler", "KMSKeyArn": key,
        "Code": {"ZipFile": archive({"h.py": "def handler(e, c): return 1\n"})},
        "Environment": {"Variables": {"A": "1"}}, "Tags": {"team": "a"},
    }  # fmt: skip
    user.may(EVERYTHING_ELSE)
    assert "kms:Encrypt" in (user.refusal("lambda", "create_function", **function) or "")
    user.may(EVERYTHING_ELSE, allow("kms:Encrypt", key, Condition=VIA_LAMBDA))
    assert "kms:CreateGrant" in (user.refusal("lambda", "create_function", **function) or "")
    lent = allow("kms:CreateGrant", key, Condition=LENT)
    user.may(EVERYTHING_ELSE, allow("kms:Encrypt", key, Condition=VIA_LAMBDA), lent)
    assert user.refusal("lambda", "create_function", **function) is None
    seen = user.client("lambda").get_function(FunctionName="keyed")
    assert "Tags" not in seen
    assert seen["Configuration"]["Environment"]["Error"]["ErrorCode"] == "AccessDeniedException"
    bare = user.client("lambda").get_function_configuration(FunctionName="keyed")
    assert "Variables" not in bare["Environment"]
    user.may(EVERYTHING_ELSE, allow("lambda:ListTags"), allow("kms:Decrypt", key, Condition=VIA_LAMBDA))
    seen = user.client("lambda").get_function(FunctionName="keyed")
    assert (seen["Tags"], seen["Configuration"]["Environment"]) == ({"team": "a"}, {"Variables": {"A": "1"}})


def test_record_says_on_which_condition_keys_a_decision_was_made(aws: LocalAws, key: str) -> None:
    user = User(aws)
    user.may(allow("kms:Decrypt", key), {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    aws.client("s3").create_bucket(Bucket="recorded")
    user.client("s3").list_objects_v2(Bucket="recorded", Prefix="some/")
    with urllib.request.urlopen(f"{aws.endpoint_url}/_local/access") as answer:  # noqa: S310 - ours
        decisions = json.load(answer)["decisions"]
    (found,) = [item for item in decisions if item["principal"].endswith(f"/{user.name}")]
    assert (found["action"], found["context"]) == ("s3:ListBucket", [["s3:prefix", ["some/"]]])


def test_upload_in_parts_also_reads_the_key(aws: LocalAws, key: str) -> None:
    user, place = User(aws), {"Bucket": "in-parts", "Key": "a"}
    aws.client("s3").create_bucket(Bucket="in-parts")
    encrypted: dict[str, Any] = {**place, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    user.may(EVERYTHING_ELSE, allow("kms:GenerateDataKey", key, Condition=VIA_S3))
    assert "kms:Decrypt" in (user.refusal("s3", "create_multipart_upload", **encrypted) or "")
    user.may(EVERYTHING_ELSE, allow("kms:GenerateDataKey kms:Decrypt", key, Condition=VIA_S3))
    assert user.refusal("s3", "create_multipart_upload", **encrypted) is None


@pytest.mark.parametrize("way", ["secretsmanager", "sns", "sqs"])
def test_secrets_topics_and_queues_under_a_key_take_it(aws: LocalAws, key: str, way: str) -> None:
    user, through = User(aws), {"StringEquals": {"kms:ViaService": f"{way}.us-east-1.amazonaws.com"}}
    calls = _calls(aws, key, way)
    user.may(EVERYTHING_ELSE)
    for operation, parameters, last in calls:
        assert f"on resource: {key}" in (user.refusal(way, operation, **parameters) or ""), operation
        user.may(EVERYTHING_ELSE, allow("kms:Decrypt kms:GenerateDataKey", key, Condition=VIA_S3))
        assert "kms:" in (user.refusal(way, operation, **parameters) or ""), operation
        user.may(EVERYTHING_ELSE, allow(last, key, Condition=through))
        assert user.refusal(way, operation, **parameters) is None, operation
        user.may(EVERYTHING_ELSE)


def _calls(aws: LocalAws, key: str, way: str) -> list[tuple[str, dict[str, Any], str]]:
    """What is done with a thing that lies under the key, and the rights that it takes."""
    both = "kms:Decrypt kms:GenerateDataKey"
    client = aws.client(way)
    if way == "secretsmanager":
        client.create_secret(Name="under-key", SecretString="{}", KmsKeyId=key)
        return [
            ("get_secret_value", {"SecretId": "under-key"}, "kms:Decrypt"),
            ("put_secret_value", {"SecretId": "under-key", "SecretString": "{1}"}, both),
        ]
    if way == "sns":
        arn = client.create_topic(Name="under-key", Attributes={"KmsMasterKeyId": key})["TopicArn"]
        return [("publish", {"TopicArn": arn, "Message": "a"}, both)]
    url = client.create_queue(QueueName="under-key", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    return [
        ("send_message", {"QueueUrl": url, "MessageBody": "a"}, both),
        ("receive_message", {"QueueUrl": url}, "kms:Decrypt"),
    ]


def test_secrets_under_the_key_of_the_service_take_no_right_to_it(aws: LocalAws) -> None:
    user = User(aws)
    aws.client("secretsmanager").create_secret(Name="plain", SecretString="{}")
    user.may(EVERYTHING_ELSE)
    assert user.refusal("secretsmanager", "get_secret_value", SecretId="plain") is None
