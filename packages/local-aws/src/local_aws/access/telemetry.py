"""Traces, logs and metrics that services send with a role. What the role may not send is dropped, without an error."""

from collections.abc import Iterable

from local_aws.access.evaluation import Permission
from local_aws.access.guard import Guard
from local_aws.emulator.account import Account
from local_aws.emulator.settings import ACCOUNT, REGION

# https://docs.aws.amazon.com/xray/latest/devguide/security_iam_id-based-policy-examples.html
SAMPLING = ("xray:GetSamplingRules", "xray:GetSamplingTargets")


def send_trace(guard: Guard, role: str, session: str, where: str, *, sampled: bool = False) -> None:
    """Send a segment and the daemon's telemetry; with `sampled`, first get sampling rules and targets."""
    if sampled:
        for action in SAMPLING:
            guard.allows_delivery(role, session, action.removeprefix("xray:Get"), where, Permission(action))
    guard.allows_delivery(role, session, "TraceSegments", where, Permission("xray:PutTraceSegments"))
    guard.allows_delivery(role, session, "TelemetryRecords", where, Permission("xray:PutTelemetryRecords"))


def send_metrics(guard: Guard, role: str, session: str, where: str, namespace: str) -> None:
    """Send metrics in a namespace."""
    permission = Permission("cloudwatch:PutMetricData", context={"cloudwatch:namespace": (namespace,)})
    guard.allows_delivery(role, session, "Metrics", where, permission)


def write_log(
    guard: Guard, account: Account, role: str, session: str, group: str, stream: str, lines: Iterable[str]
) -> None:
    """Append lines to a log stream with the permissions of a role; without them the lines are dropped, as in AWS."""
    has_group, has_stream = account.has_log(group, stream)
    base = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:"
    permissions = [Permission("logs:PutLogEvents", f"{base}{stream}")]
    if not has_stream:
        permissions.insert(0, Permission("logs:CreateLogStream", f"{base}{stream}"))
    if not has_group:
        permissions.insert(0, Permission("logs:CreateLogGroup", base))
    if guard.allows_delivery(role, session, "LogEvents", group, *permissions):
        account.log(group, stream, lines)
