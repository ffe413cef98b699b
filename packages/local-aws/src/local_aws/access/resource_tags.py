"""The values of the condition key `aws:ResourceTag`: the tags of a resource before a call.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from local_aws.emulator import settings  # isort: skip - before anything of moto

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.glue.models import glue_backends
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends
from moto.scheduler.models import scheduler_backends
from moto.sqs.models import sqs_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local_aws.access.evaluation import Context
from local_aws.access.services.table import pairs

Lookup = Callable[[str, str, str], Any]  # region, ARN, what is behind the account in it


def resource_tag_keys(arn: str) -> Context:
    """The condition keys of a resource's tags; none for a resource that is missing or cannot have tags."""
    parts = arn.split(":", 5)
    lookup = LOOKUPS.get(parts[2]) if len(parts) == 6 else None
    if lookup is None:
        return {}
    found = lookup(parts[3], arn, parts[5])
    return {f"aws:resourcetag/{key.lower()}": (value,) for key, value in pairs(found)}


def _function(region: str, _: str, resource: str) -> Any:
    _, name, *qualifier = resource.split(":")
    if qualifier:  # functions have tags, their versions and aliases have none
        return {}
    try:
        return lambda_backends[settings.ACCOUNT][region].get_function(name).tags
    except UnknownFunctionException:
        return {}


def _glue(region: str, arn: str, _: str) -> Any:
    return glue_backends[settings.ACCOUNT][region].get_tags(arn)


def _role(_: str, arn: str, __: str) -> Any:
    roles = list(iam_backends[settings.ACCOUNT]["aws"].roles.values())
    return next((role.tags for role in roles if role.arn == arn), [])


def _log_group(region: str, arn: str, _: str) -> Any:
    held, parts = logs_backends[settings.ACCOUNT][region], arn.split(":")
    return held.list_tags_for_resource(":".join(parts[:7])) if parts[6] in held.groups else {}


def _queue(region: str, _: str, name: str) -> Any:
    held: Mapping[str, Any] = sqs_backends[settings.ACCOUNT][region].queues
    return held[name].tags if name in held else {}


def _schedule_group(region: str, arn: str, _: str) -> Any:
    return scheduler_backends[settings.ACCOUNT][region].tagger.get_tag_dict_for_resource(arn)


def _machine(region: str, arn: str, _: str) -> Any:
    return stepfunctions_parser_backends[settings.ACCOUNT][region].tagger.get_tag_dict_for_resource(arn)


LOOKUPS: Mapping[str, Lookup] = {
    "lambda": _function,
    "glue": _glue,
    "iam": _role,
    "logs": _log_group,
    "sqs": _queue,
    "scheduler": _schedule_group,
    "states": _machine,
}
