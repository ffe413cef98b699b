"""What is deleted: what begins with the prefix and carries our tags, nothing else, whatever it is called."""

from collections.abc import Iterator

from deployer.required_permissions.grants import REMOVE, Grant, Task, grant, owned
from deployer.required_permissions.read import of_databases, prefixed, prefixed_logs, prefixed_roles
from deployer.required_permissions.scope import Scope


def removing(scope: Scope) -> Iterator[Grant]:
    """Deletions of what left the model, and of everything by `destroy`."""
    names = scope.names
    connection = prefixed(scope, "glue", "connection/")[:-1]
    yield from grant(
        "DeleteOwned",
        REMOVE,
        "glue:DeleteConnection glue:DeleteDatabase glue:DeleteJob iam:DeleteRole iam:DeleteRolePolicy "
        "iam:DetachRolePolicy lambda:DeleteFunction logs:DeleteLogGroup scheduler:DeleteScheduleGroup "
        "sqs:DeleteQueue states:DeleteStateMachine",
        [
            prefixed(scope, "lambda", "function:"),
            prefixed(scope, "glue", "job/"),
            prefixed(scope, "glue", "connection/"),
            *of_databases(scope, "database/{}"),
            prefixed(scope, "states", "stateMachine:"),
            *prefixed_roles(scope),
            *prefixed_logs(scope),
            prefixed(scope, "sqs", ""),
            names.arn("scheduler", f"schedule-group/{names.schedule_group}"),
        ],
        "deletes what left the model, up to --max-deletes, and everything by destroy; only with our tags on it",
        owned(scope.deploy_env),
    )
    yield from grant(
        "DeleteConnections",
        (Task.DESTROY,),
        "glue:DeleteConnection",
        [arn for arn in scope.made_connections if not arn.startswith(connection)],
        "deletes connections that are called otherwise, which only manifests know; only with our tags on them",
        owned(scope.deploy_env),
    )
    yield from grant(
        "DeleteFromCatalog",
        REMOVE,
        "glue:DeleteConnection glue:DeleteDatabase",
        [scope.catalog, *of_databases(scope, "table/{}/*"), *of_databases(scope, "userDefinedFunction/{}/*")],
        "Glue checks deletions on the catalog and on all that a database holds too; these carry no tags of ours, and "
        "without the right on the database or connection itself this one deletes nothing",
    )
    yield from grant(
        "DeleteSchedules",
        REMOVE,
        "scheduler:DeleteSchedule",
        [names.arn("scheduler", f"schedule/{names.schedule_group}/*")],
        "a group takes its schedules along, with the rights of whoever deletes it; schedules themselves have no tags",
    )
    yield from grant(
        "LookIntoDatabases",
        REMOVE,
        "glue:GetTables",
        [scope.catalog, *of_databases(scope, "database/{}"), *of_databases(scope, "table/{}/*")],
        "a database that holds tables is not deleted",
    )
    yield from grant(
        "DeleteAliases",
        (Task.DESTROY,),
        "lambda:DeleteAlias states:DeleteStateMachineAlias",
        [*scope.functions, scope.machine],
        "takes live aliases off what is no longer ours: function or machine stay, their aliases are ours",
    )
