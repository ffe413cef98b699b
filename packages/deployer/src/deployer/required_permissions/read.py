"""What plan, drift and releases read, and every change before it begins: the live state, and what a deploy relies on."""

from collections.abc import Iterator

from deployer.aws.log_groups import BASES
from deployer.required_permissions.grants import ANYWHERE, LOOK, Grant, Task, grant
from deployer.required_permissions.scope import Scope

_BEFOREHAND = (Task.PLAN, Task.DEPLOY)
# What every data token may be called; `aws/catalog_databases.py` reads all of these.
DATABASES = ("fsa-*-cars", "fsa-*-cars-cdc")


def prefixed_logs(scope: Scope) -> list[str]:
    """ARNs of the log groups that begin with the environment's prefix, and of what is in them."""
    return [scope.names.log_group_arn(f"{base}{scope.prefix}*") for base in BASES]


def prefixed_roles(scope: Scope) -> list[str]:
    """ARNs of the roles that begin with the prefix, and of made ones that do not."""
    pattern = scope.names.role_arn(f"{scope.prefix}*")
    bare = (scope.names.role_arn(arn.rpartition("/")[2]) for arn in scope.made_roles)
    others = (arn for arn in bare if not arn.startswith(pattern[:-1]))
    return [pattern, *others, *scope.moved_roles]


def prefixed(scope: Scope, service: str, resource: str) -> str:
    """ARN of all resources of a kind that begin with the prefix."""
    return scope.names.arn(service, f"{resource}{scope.prefix}*")


def of_databases(scope: Scope, kind: str) -> list[str]:
    """ARNs of the databases, or of what is in them."""
    return [scope.names.arn("glue", kind.format(name)) for name in DATABASES]


def looking(scope: Scope) -> Iterator[Grant]:
    """Reads only."""
    yield from _finding(scope)
    yield from _reading(scope)
    yield from _relied_on(scope)


def _finding(scope: Scope) -> Iterator[Grant]:
    arn = scope.names.arn
    yield from grant(
        "Find",
        LOOK,
        "glue:ListJobs iam:ListRoles lambda:ListFunctions logs:DescribeLogGroups scheduler:ListSchedules "
        "sqs:ListQueues states:ListStateMachines",
        ANYWHERE,
        "finds what left the model; AWS knows no resource for these lists",
    )
    yield from grant(
        "FindInCatalog",
        LOOK,
        "glue:GetConnections glue:GetDatabases",
        [scope.catalog, arn("glue", "connection/*"), arn("glue", "database/*")],
        "finds connections and databases that left the model; AWS checks these lists on all that the catalog holds",
    )


def _reading(scope: Scope) -> Iterator[Grant]:
    arn, group = scope.names.arn, scope.names.schedule_group
    connection = prefixed(scope, "glue", "connection/")
    made = [found for found in scope.made_connections if not found.startswith(connection[:-1])]
    yield from grant(
        "ReadFunctions",
        LOOK,
        "lambda:GetAlias lambda:GetFunction lambda:ListTags lambda:ListVersionsByFunction",
        [prefixed(scope, "lambda", "function:")],
        "reads functions, versions and aliases, also of ones that left the model; GetFunction tells tags only to those "
        "who may list them",
    )
    yield from grant(
        "ReadGlue",
        LOOK,
        "glue:GetConnection glue:GetDatabase glue:GetJob glue:GetTags",
        [
            scope.catalog,
            prefixed(scope, "glue", "job/"),
            connection,
            *made,
            *of_databases(scope, "database/{}"),
        ],
        "reads jobs, connections and databases of CARS, also ones that left the model",
    )
    yield from grant(
        "ReadMachine",
        LOOK,
        "states:DescribeStateMachine states:DescribeStateMachineAlias states:ListStateMachineVersions "
        "states:ListTagsForResource",
        [prefixed(scope, "states", "stateMachine:")],
        "reads state machines; versions and aliases are checked on the ARN of their machine",
    )
    yield from grant(
        "ReadRoles",
        LOOK,
        "iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies",
        prefixed_roles(scope),
        "reads roles and what is attached to them",
    )
    yield from grant(
        "ReadLogGroups", LOOK, "logs:ListTagsForResource", prefixed_logs(scope), "reads whose log groups are"
    )
    yield from grant(
        "ReadQueues",
        LOOK,
        "sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListQueueTags",
        [prefixed(scope, "sqs", "")],
        "reads the queue of starts that failed",
    )
    yield from grant(
        "ReadSchedules",
        LOOK,
        "scheduler:GetSchedule scheduler:ListTagsForResource",
        [arn("scheduler", f"schedule/{group}/*"), arn("scheduler", f"schedule-group/{group}")],
        "reads schedules of the environment's group, and the group's tags",
    )


def _relied_on(scope: Scope) -> Iterator[Grant]:
    config, names = scope.environment.config, scope.names
    prefix = prefixed(scope, "glue", "connection/")[:-1]
    connections = [arn for arn in scope.used_connections if not arn.startswith(prefix)]
    layers = [
        arn for arn in (config.strparams.third_party_layer_arn, config.strparams.custom_layer_arn) if arn
    ]
    secrets = [names.secret_arn(config.secret_name)] if config.secret_name else []
    topics = [config.sns_topic_arn] if config.sns_topic_arn else []
    keys = [config.kms_key_arn] if config.kms_key_arn else []
    checks = (
        ("CheckRoles", "iam:GetRole", scope.given_roles, "sees that given roles trust their service"),
        ("CheckConnections", "glue:GetConnection", connections, "sees that connections exist that are not made"),
        ("CheckLayers", "lambda:GetLayerVersion", layers, "sees that layers exist, and attaches them"),
        ("CheckSecret", "secretsmanager:DescribeSecret", secrets, "sees that the secret exists, never its value"),
        ("CheckTopic", "sns:GetTopicAttributes", topics, "sees that the topic exists"),
        ("CheckKey", "kms:DescribeKey", keys, "sees that the key is enabled"),
    )  # fmt: skip
    for sid, action, resources, reason in checks:
        yield from grant(sid, _BEFOREHAND, action, resources, reason)
