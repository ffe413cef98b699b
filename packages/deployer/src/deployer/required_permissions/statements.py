"""The statements of the policy in the order in which they are printed: for which tasks, on what condition, and why.

Actions and ARNs are declared beside the calls (`PERMISSIONS` of each module in `MODULES`) and collected here.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from deployer.aws import (
    artifacts,
    catalog_databases,
    function_versions,
    functions,
    glue_connections,
    glue_jobs,
    log_groups,
    machine_versions,
    prerequisites,
    queues,
    roles,
    schedules,
    state_machines,
    trust,
)
from deployer.code_release import store as code_releases
from deployer.config_release import publish
from deployer.config_release import store as config_releases
from deployer.execution import follow, history, start
from deployer.guard import lock_object
from deployer.invoke import deployed
from deployer.model.permissions import Permission, Scope
from deployer.model.resources import ENVIRONMENT, LIVE, MANAGED_BY, MANAGER
from deployer.required_permissions.grants import Conditions, Grant, Task

# ARNs of a statement come in this order.
MODULES = (
    functions,
    function_versions,
    glue_jobs,
    glue_connections,
    catalog_databases,
    state_machines,
    machine_versions,
    roles,
    log_groups,
    queues,
    schedules,
    artifacts,
    code_releases,
    lock_object,
    config_releases,
    publish,
    trust,
    prerequisites,
    deployed,
    start,
    history,
    follow,
)
READ = (Task.PLAN, Task.DEPLOY, Task.DESTROY)
CHECK = (Task.PLAN, Task.DEPLOY)
WRITE = (Task.DEPLOY,)
DELETE = (Task.DEPLOY, Task.DESTROY)
CONFIGS = (Task.CONFIGS,)


@dataclass(frozen=True)
class Statement:
    """One statement; `reason` says what the deployer does with it, and why it is no narrower."""

    name: str
    tasks: tuple[Task, ...]
    reason: str
    conditions: Callable[[Scope], Conditions] = lambda _: {}


def _owned(scope: Scope) -> Conditions:
    """Only what carries our tags: the service looks at those that the resource has before the call."""
    tags = {f"aws:ResourceTag/{MANAGED_BY}": MANAGER, f"aws:ResourceTag/{ENVIRONMENT}": scope.deploy_env}
    return {"StringEquals": tags}


def _below(prefix: Callable[[Scope], str]) -> Callable[[Scope], Conditions]:
    """Lists below one prefix; a request about the bucket itself names none."""
    return lambda scope: {"StringLikeIfExists": {"s3:prefix": f"{prefix(scope)}*"}}


def _through(scope: Scope, *services: str) -> Conditions:
    """Through these services only."""
    region = scope.names.place.region
    return {"StringEquals": {"kms:ViaService": [f"{service}.{region}.amazonaws.com" for service in services]}}


def _passed_to(service: str) -> Statement:
    return Statement(
        f"Hand{service.capitalize()}Roles",
        WRITE,
        f"hands {service} the roles that it works with, and hands them to nobody else",
        lambda _: {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}},
    )


STATEMENTS = (
    Statement("Find", READ, "finds what left the model; AWS knows no resource for these lists"),
    Statement(
        "FindInCatalog",
        READ,
        "finds connections and databases that left the model; AWS checks these lists on all that the catalog holds",
    ),
    Statement(
        "ReadFunctions",
        READ,
        "reads functions, versions and aliases, also of ones that left the model; GetFunction tells tags only to those "
        "who may list them",
    ),
    Statement(
        "ReadGlue", READ, "reads jobs, connections and databases of CARS, also ones that left the model"
    ),
    Statement(
        "ReadMachine",
        READ,
        "reads state machines; versions and aliases are checked on the ARN of their machine",
    ),
    Statement("ReadRoles", READ, "reads roles and what is attached to them"),
    Statement("ReadLogGroups", READ, "reads whose log groups are"),
    Statement("ReadQueues", READ, "reads the queue of starts that failed"),
    Statement("ReadSchedules", READ, "reads schedules of the environment's group, and the group's tags"),
    Statement("CheckRoles", CHECK, "sees that given roles trust their service"),
    Statement("CheckConnections", CHECK, "sees that connections exist that are not made"),
    Statement("CheckLayers", CHECK, "sees that layers exist, and attaches them"),
    Statement("CheckSecret", CHECK, "sees that the secret exists, never its value"),
    Statement("CheckTopic", CHECK, "sees that the topic exists"),
    Statement("CheckKey", CHECK, "sees that the key is enabled"),
    Statement(
        "LookAtBuckets",
        CHECK,
        "sees that buckets exist, whose they are and where (HeadBucket takes ListBucket); lists nothing",
    ),
    Statement(
        "ListDeployments",
        READ,
        "lists manifests; is told that an object is missing, not that it is closed, for which AWS checks no prefix",
        _below(lambda scope: scope.environment.deployment_paths.manifests),
    ),
    Statement(
        "ListConfigs",
        (*CHECK, *CONFIGS),
        "lists a config release to verify it; is told that an object is missing, not that it is closed",
        _below(lambda scope: f"{scope.environment.release_route.output_prefix}releases/"),
    ),
    Statement(
        "ReadArtifacts",
        READ,
        "compares code by checksum, which Lambda then reads with these rights; reads manifests, lock and journal",
    ),
    Statement("WriteArtifacts", WRITE, "sends code and manifests, keyed by digest"),
    Statement("PruneManifests", WRITE, "forgets releases beyond --keep"),
    Statement("Guard", DELETE, "takes and keeps the lock, writes the journal"),
    Statement("ReleaseLock", DELETE, "gives the lock back"),
    Statement(
        "ReadPointer",
        (*WRITE, *CONFIGS),
        "notes in the manifest which config release is current; switches only the pointer that was read",
    ),
    Statement("SendConfigs", CONFIGS, "sends a config release to UploadConfig"),
    Statement("VerifyConfigs", CONFIGS, "reads every object of a config release back"),
    Statement("SwitchConfigs", CONFIGS, "makes a config release current"),
    Statement(
        "ReadEncrypted",
        READ,
        "reads variables of functions and, where the key is theirs, objects",
        lambda scope: _through(scope, "lambda", *(["s3"] if scope.artifact_key else [])),
    ),
    Statement(
        "EncryptVariables",
        WRITE,
        "gives functions variables under the key",
        lambda scope: _through(scope, "lambda"),
    ),
    Statement(
        "LendKey",
        WRITE,
        "lets Lambda decrypt variables when a function starts; only services of AWS can be lent to",
        lambda scope: {**_through(scope, "lambda"), "Bool": {"kms:GrantIsForAWSResource": "true"}},
    ),
    Statement(
        "EncryptObjects",
        (*DELETE, *CONFIGS),
        "sends code under the key, and what else is written where the key is the bucket's default",
        lambda scope: _through(scope, "s3"),
    ),
    Statement(
        "ReadEncryptedConfigs",
        CONFIGS,
        "reads a config release and its pointer back, where the key is the bucket's default",
        lambda scope: _through(scope, "s3"),
    ),
    Statement("WriteFunctions", WRITE, "makes and updates functions, publishes versions, moves live aliases"),
    Statement(
        "PruneVersions",
        WRITE,
        "deletes versions beyond --keep; the qualifier keeps the functions themselves out of reach",
    ),
    Statement(
        "SeeNetwork",
        WRITE,
        "Lambda asks for these of whoever attaches a function to a VPC; EC2 has no resource to name in a description",
    ),
    Statement(
        "SeeSubnets",
        WRITE,
        "looks up the zone of a connection's subnet; EC2 has no resource to name in a description",
    ),
    Statement("WriteGlue", WRITE, "makes and updates the job, tags all that is made in Glue"),
    Statement(
        "WriteCatalog",
        WRITE,
        "makes and updates databases and the connections that the file says enough about; Glue checks the catalog too",
    ),
    Statement(
        "WriteMachine",
        WRITE,
        "makes and updates the pipeline, publishes versions, moves the live alias, prunes versions nothing runs in",
    ),
    Statement(
        "WriteRoles",
        WRITE,
        "makes roles with one policy each and takes other policies off; whoever may do this can do what the roles can, "
        "so hand out roles in the file where the deployer is not to decide about them",
    ),
    _passed_to("lambda"),
    _passed_to("glue"),
    _passed_to("states"),
    _passed_to("scheduler"),
    Statement(
        "WriteLogGroups",
        WRITE,
        "makes log groups with their retention; CloudWatch Logs checks tags on the group, all else on what is in it",
    ),
    Statement("WriteQueue", WRITE, "makes the queue of starts that failed"),
    Statement("WriteSchedule", WRITE, "makes and updates the schedule and its group"),
    Statement(
        "DeleteOwned",
        DELETE,
        "deletes what left the model, up to --max-deletes, and everything by destroy; only with our tags on it",
        _owned,
    ),
    Statement(
        "DeleteConnections",
        (Task.DESTROY,),
        "deletes connections that are called otherwise, which only manifests know; only with our tags on them",
        _owned,
    ),
    Statement(
        "DeleteFromCatalog",
        DELETE,
        "Glue checks deletions on the catalog and on all that a database holds too; these carry no tags of ours, and "
        "without the right on the database or connection itself this one deletes nothing",
    ),
    Statement(
        "DeleteSchedules",
        DELETE,
        "a group takes its schedules along, with the rights of whoever deletes it; schedules themselves have no tags",
    ),
    Statement("LookIntoDatabases", DELETE, "a database that holds tables is not deleted"),
    Statement(
        "DeleteAliases",
        (Task.DESTROY,),
        "takes live aliases off what is no longer ours: function or machine stay, their aliases are ours",
    ),
    Statement("ExpandConfigs", CONFIGS, "has UploadConfig expand a config release"),
    Statement(
        "StartPipeline",
        (Task.RUN,),
        "starts the live release; Step Functions checks an alias on the ARN of its machine",
        lambda _: {"StringEquals": {"states:StateMachineQualifier": LIVE}},
    ),
    Statement("FollowPipeline", (Task.RUN,), "follows an execution, whose name is new each time"),
    Statement("CallFunctions", (Task.INVOKE,), "calls live functions with an event"),
)


def required_permissions(scope: Scope, tasks: Collection[Task] = tuple(Task)) -> tuple[Grant, ...]:
    """The statements that the tasks need in this environment, by default all tasks."""
    declared = [permission for module in MODULES for permission in module.PERMISSIONS]
    asked = (statement for statement in STATEMENTS if set(tasks) & set(statement.tasks))
    return tuple(grant for statement in asked for grant in _grant(statement, declared, scope))


def _grant(statement: Statement, declared: Iterable[Permission], scope: Scope) -> Iterator[Grant]:
    """The statement with what its permissions name; nothing when they name no ARN."""
    actions: set[str] = set()
    resources: dict[str, None] = {}
    for permission in declared:
        if permission.statement == statement.name and (found := permission.resources(scope)):
            actions.update(permission.actions.split())
            resources |= dict.fromkeys(found)
    if resources:
        # The catalog first: Glue checks it beside everything that it holds.
        named = sorted(resources, key=lambda arn: arn != scope.catalog)
        conditions = statement.conditions(scope)
        yield Grant(
            statement.name,
            statement.tasks,
            tuple(sorted(actions)),
            tuple(named),
            statement.reason,
            conditions,
        )
