"""The tables of all services by signing name. An operation that is in none of them is denied."""

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
    """No table has the operation."""


def permissions_of(call: Call) -> list[Permission]:
    """The permissions that a call requires. Raises `UnknownOperationError`."""
    rule = TABLES.get(call.service, {}).get(call.operation)
    if rule is None:
        raise UnknownOperationError(f"{call.service}:{call.operation}")
    return list(rule(call))
