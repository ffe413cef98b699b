"""What adapters do that an emulator does not show: eventual consistency, odd answers, foreign settings."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, SSOTokenLoadError
from support.environments import environment

from deployer.aws import functions
from deployer.aws.clients import Clients, checked_names, expected_accounts, make_clients
from deployer.aws.roles import parse_policy, policy_document
from deployer.aws.transient_errors import TransientError, transient_error_of
from deployer.environment_file import load_environment
from deployer.errors import AccountError, DeployerError
from deployer.model.resources import Document, Statement


def _error(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Create")


@pytest.mark.parametrize(
    ("reason", "code", "message"),
    [
        (
            TransientError.UNSEEN,
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        (
            TransientError.UNSEEN,
            "InvalidParameterValueException",
            "The provided execution role does not have permissions to call CreateNetworkInterface on EC2",
        ),
        (
            TransientError.UNSEEN,
            "InvalidInputException",
            "Role arn should be given assume role permissions for Glue Service",
        ),
        (
            TransientError.UNSEEN,
            "AccessDeniedException",
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume",
        ),
        (
            TransientError.UNSEEN,
            "AccessDeniedException",
            "The state machine IAM Role is not authorized to access the Log Destination",
        ),
        (
            TransientError.BUSY,
            "ResourceConflictException",
            "The operation cannot be performed at this time. An update is in progress for resource: f",
        ),
        (TransientError.EXISTS, "ResourceConflictException", "Function already exist: f"),
    ],
)
def test_transient_errors_are_recognised_by_code_and_message(
    reason: TransientError, code: str, message: str
) -> None:
    assert transient_error_of(_error(code, message)) is reason
    assert transient_error_of(_error(code, "something else is wrong")) is None
    assert transient_error_of(_error("Other", message)) is None


@pytest.mark.parametrize("code", ["ThrottlingException", "TooManyRequestsException", "SlowDown"])
def test_throttling_is_recognised_by_its_code(code: str) -> None:
    assert transient_error_of(_error(code, "Rate exceeded")) is TransientError.THROTTLED
    assert transient_error_of(NoCredentialsError()) is None


def test_policy_survives_the_way_to_iam_and_back() -> None:
    policy = {
        "Read": Statement(("s3:GetObject",), ("arn:aws:s3:::a/*", "arn:aws:s3:::b/*")),
        "List": Statement(
            ("s3:ListBucket",), ("arn:aws:s3:::a",), Document('{"StringLike": {"s3:prefix": "x*"}}')
        ),
    }
    assert parse_policy(json.loads(json.dumps(policy_document(policy)))) == policy


def test_policy_of_a_form_we_never_write_differs_instead_of_being_lost() -> None:
    found = parse_policy({"Statement": {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}})
    assert found == {
        "statement 0": Statement(('{"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}',), ())
    }


def test_variables_that_cannot_be_decrypted_are_an_error_not_an_empty_set() -> None:
    found: Any = {
        "FunctionName": "FSA-CERT-x",
        "Environment": {"Error": {"ErrorCode": "AccessDenied", "Message": "kms says no"}},
    }
    with pytest.raises(
        DeployerError, match="FSA-CERT-x: its variables cannot be read: kms says no; allow kms:Decrypt"
    ):
        functions.from_aws(found, {})


def test_code_without_our_stamp_never_equals_a_digest() -> None:
    found: Any = {"FunctionName": "x", "Role": "r", "MemorySize": 1, "Timeout": 1, "CodeSha256": "s"}
    stamped = {"cars:digest": "d", "cars:code-sha256": "s"}
    assert functions.from_aws(found, stamped).code.digest == "d"
    assert functions.from_aws(found, {**stamped, "cars:code-sha256": "t"}).code.digest != "d"
    assert functions.from_aws(found, {}).code.digest == "unknown (deployed by other means)"


def test_accounts_are_taken_from_the_key_and_from_role_arns() -> None:
    arn = "arn:aws:iam::444455556666:role/etl"
    found = expected_accounts(environment(account="111122223333", strparams={"etlRoleArnParam": arn}))
    assert found == [("account", "111122223333"), ("strparams.etlRoleArnParam", "444455556666")]


def test_endpoint_that_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("localhost:4566", "foo", "http://"):
        monkeypatch.setenv("AWS_ENDPOINT_URL", wrong)
        with pytest.raises(AccountError, match=f"AWS_ENDPOINT_URL is '{wrong}' \\(an address, for example"):
            make_clients(environment())


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        (NoCredentialsError(), "set AWS_PROFILE or AWS_ACCESS_KEY_ID"),
        (
            EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
            "is it running, and is AWS_ENDPOINT_URL right",
        ),
        (
            _error("ExpiredToken", "token expired"),
            "token expired; the credentials have expired: log in again",
        ),
        (_error("InvalidClientTokenId", "invalid"), "AWS does not know these credentials: check AWS_PROFILE"),
        (SSOTokenLoadError(error_msg="gone"), "log in again, for example with aws sso login"),
        (_error("AccessDenied", "no"), "permission for sts:GetCallerIdentity"),
    ],
)
def test_unknown_account_is_an_error_with_the_way_out(
    error: Exception, way_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Clients) -> None:
        raise error

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(Clients, "caller", fail)
    with pytest.raises(AccountError, match=way_out):
        checked_names(environment(), make_clients(environment()))


def test_local_environment_without_an_endpoint_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with pytest.raises(AccountError, match="environment 'local' needs AWS_ENDPOINT_URL; start the local AWS"):
        make_clients(load_environment("local"))
