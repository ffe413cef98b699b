"""What services send about their work with the role of the work: traces, logs, metrics. Nobody is told what is lost."""

from stepfunctions_local_test.access.evaluation import Need
from stepfunctions_local_test.access.guard import Guard
from stepfunctions_local_test.server.moto_settings import ACCOUNT, REGION

# https://docs.aws.amazon.com/xray/latest/devguide/security_iam_id-based-policy-examples.html
SAMPLING = ("xray:GetSamplingRules", "xray:GetSamplingTargets")


def trace(guard: Guard, role: str, session: str, where: str, *, sampled: bool = False) -> None:
    """A segment and the daemon's own counts; a sampler asks for its rules and targets first."""
    if sampled:
        for action in SAMPLING:
            guard.delivers(role, session, action.removeprefix("xray:Get"), where, Need(action))
    guard.delivers(role, session, "TraceSegments", where, Need("xray:PutTraceSegments"))
    guard.delivers(role, session, "TelemetryRecords", where, Need("xray:PutTelemetryRecords"))


def metrics(guard: Guard, role: str, session: str, where: str, namespace: str) -> None:
    """Metrics of a service in its namespace."""
    need = Need("cloudwatch:PutMetricData", context={"cloudwatch:namespace": (namespace,)})
    guard.delivers(role, session, "Metrics", where, need)


def may_log(
    guard: Guard, role: str, session: str, group: str, stream: str, *, new_group: bool, new_stream: bool
) -> bool:
    """Whether lines may be written; what is missing has to be made first."""
    base = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:"
    needs = [Need("logs:PutLogEvents", f"{base}{stream}")]
    if new_stream:
        needs.insert(0, Need("logs:CreateLogStream", f"{base}{stream}"))
    if new_group:
        needs.insert(0, Need("logs:CreateLogGroup", base))
    return guard.delivers(role, session, "LogEvents", group, *needs)
