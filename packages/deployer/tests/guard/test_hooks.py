"""Every changing call passes the lock and the journal, no read does; also repetitions, also clients made meanwhile."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

import deployer
from deployer.errors import LockLost
from deployer.guard.calls import Call, changes_something, target_of
from deployer.guard.hooks import guard

if TYPE_CHECKING:
    from local_aws.server import LocalAws

SERVICES = ("s3", "iam", "lambda", "glue", "logs", "stepfunctions", "sts")
SOURCE = Path(deployer.__file__).parent


@dataclass
class Gate:
    """A lock and a log in one; `lost_after` counts checks."""

    checks: int = 0
    lost_after: int = 1000
    story: list[str] = field(default_factory=list)

    def check(self) -> None:
        self.checks += 1
        if self.checks > self.lost_after:
            raise LockLost("the deploy lock is may no longer be ours")

    def before(self, call: Call) -> int:
        self.story.append(f"{call}")
        return len(self.story)

    def after(self, number: int, error: BaseException | str | None) -> None:
        name = type(error).__name__ if isinstance(error, BaseException) else error
        self.story.append(f"{number} ended{f' {name}' if name else ''}")


@pytest.fixture(scope="module")
def session(local_aws: "LocalAws") -> boto3.Session:
    return boto3.Session("local", "local", region_name="us-east-1")


def _client(session: boto3.Session, local_aws: "LocalAws", name: Any, **config: Any) -> Any:
    return session.client(name, endpoint_url=local_aws.endpoint_url, config=Config(**config))


def test_clients_made_before_and_meanwhile_pass_once_and_are_free_afterwards(
    session: boto3.Session, local_aws: "LocalAws"
) -> None:
    gate, before = Gate(), _client(session, local_aws, "logs")
    with guard(session, [before], gate, gate):
        meanwhile = _client(session, local_aws, "logs")
        before.create_log_group(logGroupName="hooks-1")
        meanwhile.create_log_group(logGroupName="hooks-2")
    assert gate.story == ["logs CreateLogGroup hooks-1", "1 ended", "logs CreateLogGroup hooks-2", "3 ended"]
    for client in (before, meanwhile, _client(session, local_aws, "logs")):
        client.put_retention_policy(logGroupName="hooks-1", retentionInDays=7)
    assert len(gate.story) == 4


def test_reads_pass_unseen(session: boto3.Session, local_aws: "LocalAws") -> None:
    gate, logs = Gate(lost_after=0), _client(session, local_aws, "logs")
    with guard(session, [logs], gate, gate):
        logs.describe_log_groups()
        with pytest.raises(ClientError):
            _client(session, local_aws, "iam").get_role(RoleName="hooks-nobody")
    assert (gate.story, gate.checks) == ([], 0)


def test_lost_lock_makes_no_call(session: boto3.Session, local_aws: "LocalAws") -> None:
    gate, logs = Gate(lost_after=0), _client(session, local_aws, "logs")
    with guard(session, [logs], gate, gate), pytest.raises(LockLost):
        logs.create_log_group(logGroupName="hooks-never")
    assert gate.story == []
    assert logs.describe_log_groups(logGroupNamePrefix="hooks-never")["logGroups"] == []


def test_error_of_aws_and_of_the_network_end_the_entry(session: boto3.Session, local_aws: "LocalAws") -> None:
    gate, iam = Gate(), _client(session, local_aws, "iam", retries={"total_max_attempts": 1})
    with guard(session, [iam], gate, gate):
        with pytest.raises(ClientError):
            iam.delete_role(RoleName="hooks-nobody")
        iam.meta.events.register("before-send.iam.DeleteRole", _broken)
        with pytest.raises(ConnectionClosedError):
            iam.delete_role(RoleName="hooks-nobody")
    assert gate.story == [
        "iam DeleteRole hooks-nobody",
        "1 ended NoSuchEntity",
        "iam DeleteRole hooks-nobody",
        "3 ended ConnectionClosedError",
    ]


def _broken(**_: Any) -> None:
    raise ConnectionClosedError(endpoint_url="http://127.0.0.1")


def test_one_call_is_one_entry_and_each_repetition_asks_the_lock(
    session: boto3.Session, local_aws: "LocalAws", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.retryhandler.delay_exponential", lambda *_, **__: 0)
    gate = Gate(lost_after=3)
    iam = _client(session, local_aws, "iam", retries={"mode": "legacy", "total_max_attempts": 5})
    with guard(session, [iam], gate, gate):
        iam.meta.events.register_last("before-send", _broken)
        with pytest.raises(LockLost):
            iam.delete_role(RoleName="hooks-nobody")
    # Once before the call, then before each attempt: the third attempt was not made.
    assert gate.checks == 4
    assert gate.story == ["iam DeleteRole hooks-nobody", "1 ended LockLost"]


def test_target_is_a_name_and_never_content() -> None:
    assert target_of({"FunctionName": "f", "Code": {"ZipFile": b"secret"}, "Publish": True}) == "f"
    assert target_of({"Bucket": "b", "Key": "cars/x.zip", "Body": b"secret"}) == "cars/x.zip"
    assert target_of({"RoleName": "r", "PolicyName": "cars", "PolicyDocument": "{}"}) == "r cars"
    assert target_of({"name": "m", "definition": "{}", "roleArn": "arn"}) == "m"
    assert (
        target_of({"ConnectionInput": {"Name": "c", "ConnectionProperties": {"PASSWORD": "secret"}}}) == "c"
    )
    assert target_of({"QueueName": "q", "Attributes": {}}) == "q"
    assert target_of({"ConnectionName": "c"}) == "c"
    assert target_of({"Version": "1"}) == ""


def _used_operations(session: boto3.Session) -> Iterator[tuple[str, str]]:
    """Operations that the deployer's source can call: names of methods that some client has."""
    methods: dict[str, set[tuple[str, str]]] = {}
    for service in SERVICES:
        client: Any = session.client(service)  # type: ignore[call-overload]
        for method, operation in client.meta.method_to_api_mapping.items():
            methods.setdefault(method, set()).add((service, operation))
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "value", None)
            if isinstance(name, str):  # paginators are asked for by a string
                yield from methods.get(name, ())


def test_operations_of_the_deployer_are_reads_or_changes(session: boto3.Session) -> None:
    used = {operation for _, operation in _used_operations(session)}
    reads = {operation for operation in used if not changes_something(operation)}
    assert {
        "GetObject",
        "HeadObject",
        "GetFunction",
        "DescribeLogGroups",
        "ListRoles",
        "GetCallerIdentity",
    } <= reads
    assert {
        "PutObject",
        "CreateFunction",
        "UpdateJob",
        "PutRolePolicy",
        "TagResource",
        "DeleteRole",
    } <= used - reads
    changing = ("Create", "Update", "Delete", "Put", "Tag", "Untag", "Attach", "Detach", "Publish", "Start")
    others = {operation for operation in used - reads if not operation.startswith(changing)}
    assert others <= {
        "AddPermission",
        "AssociateKmsKey",
        "DisassociateKmsKey",
        "Invoke",
        "RemovePermission",
        "StopExecution",
    }


def test_rule_agrees_with_the_access_levels_of_aws(session: boto3.Session) -> None:
    judged = 0
    for service in ("lambda", "glue", "scheduler"):
        model: Any = session.client(service).meta.service_model
        for name in model.operation_names:
            if model.operation_model(name)._operation_model.get("readonly"):
                judged += 1
                assert not changes_something(name), f"{service} {name}"
    assert judged > 40
