"""boto3 clients with explicit timeouts and few retries; the endpoint comes from AWS_ENDPOINT_URL."""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    SSOError,
    TokenRetrievalError,
)

from deployer.aws.adapter import code_of
from deployer.aws.denials import explain_denied_heads
from deployer.environment_file import Environment
from deployer.errors import AccountError
from deployer.model.names import Names, names_of

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

READERS = 32
_ENDPOINT = "AWS_ENDPOINT_URL"
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_UNKNOWN = {"InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
_QUICK = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=READERS,
)


@dataclass(frozen=True)
class Clients:
    """Clients of one environment, made on first use; safe to call from several threads."""

    session: boto3.Session
    region: str
    bucket_region: str

    @cached_property
    def s3(self) -> "S3Client":
        return self.session.client("s3", region_name=self.bucket_region, config=_QUICK)

    @cached_property
    def iam(self) -> "IAMClient":
        return self.session.client("iam", region_name=self.region, config=_QUICK)

    @cached_property
    def functions(self) -> "LambdaClient":
        return self.session.client("lambda", region_name=self.region, config=_QUICK)

    @cached_property
    def glue(self) -> "GlueClient":
        return self.session.client("glue", region_name=self.region, config=_QUICK)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        return self.session.client("logs", region_name=self.region, config=_QUICK)

    @cached_property
    def states(self) -> "SFNClient":
        return self.session.client("stepfunctions", region_name=self.region, config=_QUICK)

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        return self.session.client("secretsmanager", region_name=self.region, config=_QUICK)

    @cached_property
    def sns(self) -> "SNSClient":
        return self.session.client("sns", region_name=self.region, config=_QUICK)

    @cached_property
    def kms(self) -> "KMSClient":
        return self.session.client("kms", region_name=self.region, config=_QUICK)

    @cached_property
    def sqs(self) -> "SQSClient":
        return self.session.client("sqs", region_name=self.region, config=_QUICK)

    @cached_property
    def scheduler(self) -> "EventBridgeSchedulerClient":
        return self.session.client("scheduler", region_name=self.region, config=_QUICK)

    @cached_property
    def ec2(self) -> "EC2Client":
        return self.session.client("ec2", region_name=self.region, config=_QUICK)

    def invoker(self, timeout_seconds: int) -> "LambdaClient":
        """Client for one synchronous invocation: its timeout is that of the function, and it never retries."""
        patient = Config(connect_timeout=5, read_timeout=timeout_seconds, retries={"total_max_attempts": 1})
        return self.session.client("lambda", region_name=self.region, config=patient)

    @cached_property
    def identity(self) -> str:
        """ARN of the credentials."""
        sts = self.session.client("sts", region_name=self.region, config=_QUICK)
        return sts.get_caller_identity()["Arn"]

    def caller(self) -> tuple[str, str]:
        """Partition and account id of the credentials."""
        parts = self.identity.split(":")
        return parts[1], parts[4]

    def make_all(self) -> None:
        """Creates the clients of a plan in one thread: several threads would each search botocore's data folder."""
        _ = self.s3, self.iam, self.functions, self.glue, self.logs, self.states, self.sqs, self.scheduler
        self.functions.can_paginate("list_functions")
        _ = self.functions.waiter_names

    def made(self) -> list[BaseClient]:
        """The clients that exist already."""
        return [client for client in vars(self).values() if isinstance(client, BaseClient)]


def make_clients(environment: Environment) -> Clients:
    """Clients of an environment. Raises AccountError for an invalid endpoint, and for `local` without an endpoint."""
    endpoint = os.environ.get(_ENDPOINT)
    if environment.is_local and not endpoint:
        raise AccountError(
            "environment 'local' needs AWS_ENDPOINT_URL; start the local AWS with nox -s serve "
            "and set the variables it prints"
        )
    if endpoint and not (urlsplit(endpoint).scheme in {"http", "https"} and urlsplit(endpoint).hostname):
        raise AccountError(f"{_ENDPOINT} is '{endpoint}' (an address, for example http://127.0.0.1:4566)")
    session = boto3.Session()
    explain_denied_heads(session)
    return Clients(session, environment.region, environment.bucket_region)


def checked_names(environment: Environment, clients: Clients) -> Names:
    """Names in the caller's account. Raises AccountError when it is not the environment's account."""
    try:
        partition, account = clients.caller()
    except (ClientError, BotoCoreError) as error:
        raise AccountError(
            f"cannot tell which account the credentials belong to: {error}; {_way_out(error)}"
        ) from error
    for source, expected in expected_accounts(environment):
        if account != expected:
            raise AccountError(
                f"{environment.source}: {source} is in account {expected}, "
                f"but the credentials belong to account {account}; nothing was changed; use credentials of {expected}"
            )
    return names_of(environment, partition, account)


def _way_out(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, NoCredentialsError):
        return "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isinstance(error, EndpointConnectionError):
        return f"is it running, and is {_ENDPOINT} right?" if _ENDPOINT in os.environ else "check the network"
    if isinstance(error, SSOError | TokenRetrievalError | CredentialRetrievalError):
        return "log in again, for example with aws sso login"
    code = code_of(error) if isinstance(error, ClientError) else ""
    if code in _EXPIRED:
        return "the credentials have expired: log in again, or set fresh ones"
    if code in _UNKNOWN:
        return "AWS does not know these credentials: check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    return "check profile, credentials and permission for sts:GetCallerIdentity"


def expected_accounts(environment: Environment) -> list[tuple[str, str]]:
    """Where the file names an account: the key `account` and the role ARNs."""
    config = environment.config
    arns = {
        "strparams.etlRoleArnParam": config.strparams.etl_role_arn,
        "strparams.glueJobRoleArnParam": config.strparams.glue_job_role_arn,
        "stepFunctions.roleArn": config.step_functions.role_arn,
        **{f"{key}.roleArn": one.role_arn for key, one in environment.schedules.items()},
    }
    named = [("account", config.account)] if config.account else []
    return named + [(source, arn.split(":")[4]) for source, arn in arns.items() if arn]
