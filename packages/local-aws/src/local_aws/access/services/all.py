"""The tables of all services by their signing names; an operation that none of them knows is denied, and told so."""

from collections.abc import Mapping

from local_aws.access.calls import Call
from local_aws.access.evaluation import Permission
from local_aws.access.services import functions, glue, iam, logs, messaging, others, s3, secrets, states
from local_aws.access.services.table import Table

TABLES: Mapping[str, Table] = {
    "s3": s3.TABLE,
    "lambda": functions.TABLE,
    "glue": glue.TABLE,
    "states": states.TABLE,
    "logs": logs.TABLE,
    "iam": iam.TABLE,
    "sts": iam.STS,
    "sns": messaging.SNS,
    "sqs": messaging.SQS,
    "events": messaging.EVENTS,
    "scheduler": messaging.SCHEDULER,
    "secretsmanager": secrets.TABLE,
    "kms": others.KMS,
    "monitoring": others.CLOUDWATCH,
    "xray": others.XRAY,
    "ec2": others.EC2,
    "tagging": others.TAGGING,
}


class UnknownOperationError(Exception):
    """No table says what the operation takes."""


def permissions_of(call: Call) -> list[Permission]:
    """The permissions that a call takes. Raises `UnknownOperationError`."""
    rule = TABLES.get(call.service, {}).get(call.operation)
    if rule is None:
        raise UnknownOperationError(f"{call.service}:{call.operation}")
    return list(rule(call))
