"""Uses of KMS keys that services make with the caller's rights, and what a function's answer leaves out."""

import json
import urllib.request
from typing import Any

import pytest

from stepfunctions_local_test.server import LocalAws

from ..support.functions import RUNTIME, archive
from ..support.roles import allow, make_role
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
