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
from deployer.execution import follow, history, pins, start
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
    pins,
)
READ = (Task.PLAN, Task.DEPLOY, Task.DESTROY)
CHECK = (Task.PLAN, Task.DEPLOY)
WRITE = (Task.DEPLOY,)
DELETE = (Task.DEPLOY, Task.DESTROY)
CONFIGS = (Task.CONFIGS,)


@dataclass(frozen=True)
class Statement:
    """One statement; `reason` says what the deployer does with it, and why it is not narrower."""

    name: str
    tasks: tuple[Task, ...]
    reason: str
    conditions: Callable[[Scope], Conditions] = lambda _: {}


def _owned(scope: Scope) -> Conditions:
    """Only resources with our tags: services check the tags that a resource has before the call."""
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
        f"passes roles to {service}, and to no other service",
        lambda _: {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}},
    )


STATEMENTS = (
    Statement("Find", READ, "finds resources that left the model; AWS knows no resource for these lists"),
    Statement(
        "FindInCatalog",
        READ,
        "finds connections and databases that left the model; AWS checks these lists on everything in the catalog",
    ),
    Statement(
        "ReadFunctions",
        READ,
        "reads functions, versions and aliases, also those that left the model; GetFunction answers with tags only when "
        "the caller may list them",
    ),
    Statement(
        "ReadGlue", READ, "reads jobs, connections and databases of CARS, also those that left the model"
    ),
    Statement(
        "ReadMachine",
        READ,
        "reads state machines; AWS checks versions and aliases on the ARN of their machine",
    ),
    Statement("ReadRoles", READ, "reads roles and their policies"),
    Statement("ReadLogGroups", READ, "reads the tags of log groups"),
    Statement("ReadQueues", READ, "reads the dead-letter queue of the schedule"),
    Statement("ReadSchedules", READ, "reads schedules of the environment's group, and the group's tags"),
    Statement("CheckRoles", CHECK, "checks that given roles trust their service"),
    Statement("CheckConnections", CHECK, "checks that connections exist that the deployer does not make"),
    Statement("CheckLayers", CHECK, "checks that layers exist, and attaches them"),
    Statement("CheckSecret", CHECK, "checks that the secret exists; its value is never read"),
    Statement("CheckTopic", CHECK, "checks that the topic exists"),
    Statement("CheckKey", CHECK, "checks that the key is enabled"),
    Statement(
        "LookAtBuckets",
        CHECK,
        "checks existence, owner and region of buckets with HeadBucket, which needs ListBucket; lists nothing",
    ),
    Statement(
        "ListDeployments",
        READ,
        "lists manifests, and gets 404 instead of 403 for a missing object, for which AWS checks no prefix",
        _below(lambda scope: scope.environment.deployment_paths.manifests),
    ),
    Statement(
        "ListConfigs",
        (*CHECK, *CONFIGS),
        "lists a config release to verify it, and gets 404 instead of 403 for a missing object",
        _below(lambda scope: f"{scope.environment.release_route.output_prefix}releases/"),
    ),
    Statement(
        "ReadArtifacts",
        READ,
        "compares code by checksum, reads manifests, lock and journal; Lambda reads code as its caller",
    ),
    Statement("WriteArtifacts", WRITE, "uploads code and manifests under keys with their digests"),
    Statement("PruneManifests", WRITE, "deletes manifests of releases beyond --keep"),
    Statement("Guard", DELETE, "takes and renews the lock, writes the journal"),
    Statement("ReleaseLock", DELETE, "releases the lock"),
    Statement(
        "ReadPointer",
        (*WRITE, *CONFIGS),
        "records the current config release in the manifest; switches only the pointer that was read",
    ),
    Statement("SendConfigs", CONFIGS, "uploads a config release for UploadConfig"),
    Statement("VerifyConfigs", CONFIGS, "reads every object of a config release to verify it"),
    Statement(
        "SwitchConfigs", CONFIGS, "makes a config release current, and marks those that are being pruned"
    ),
    Statement("PruneConfigs", CONFIGS, "deletes the objects of config releases beyond --keep"),
    Statement(
        "SeePinned",
        CONFIGS,
        "reads which config release running executions are pinned to: it is never pruned",
    ),
    Statement(
        "ReadEncrypted",
        READ,
        "reads variables of functions, and objects that are encrypted with the key",
        lambda scope: _through(scope, "lambda", *(["s3"] if scope.artifact_key else [])),
    ),
    Statement(
        "EncryptVariables",
        WRITE,
        "encrypts variables of functions",
        lambda scope: _through(scope, "lambda"),
    ),
    Statement(
        "LendKey",
        WRITE,
        "lets Lambda decrypt variables when a function starts; grants to AWS services only",
        lambda scope: {**_through(scope, "lambda"), "Bool": {"kms:GrantIsForAWSResource": "true"}},
    ),
    Statement(
        "EncryptObjects",
        (*DELETE, *CONFIGS),
        "encrypts code, and other objects where the key is the default of the bucket",
        lambda scope: _through(scope, "s3"),
    ),
    Statement(
        "ReadEncryptedConfigs",
        CONFIGS,
        "reads a config release and its pointer where the key is the default of the bucket",
        lambda scope: _through(scope, "s3"),
    ),
    Statement("WriteFunctions", WRITE, "makes and updates functions, publishes versions, moves live aliases"),
    Statement(
        "PruneVersions",
        WRITE,
        "deletes versions beyond --keep; with the qualifier in the ARN it cannot delete a function",
    ),
    Statement(
        "SeeNetwork",
        WRITE,
        "Lambda checks these when a function is attached to a VPC; EC2 knows no resource for Describe calls",
    ),
    Statement(
        "SeeSubnets",
        WRITE,
        "reads the zone of a connection's subnet; EC2 knows no resource for Describe calls",
    ),
    Statement("WriteGlue", WRITE, "makes and updates the job, tags everything that is made in Glue"),
    Statement(
        "WriteCatalog",
        WRITE,
        "makes and updates databases and connections with complete entries; Glue checks the catalog too",
    ),
    Statement(
        "WriteMachine",
        WRITE,
        "makes and updates the pipeline, publishes versions, moves the live alias, prunes versions without executions",
    ),
    Statement(
        "WriteRoles",
        WRITE,
        "makes roles with one policy each and removes their other policies; this includes everything the roles may do, "
        "so name existing roles in the file where that is too much",
    ),
    _passed_to("lambda"),
    _passed_to("glue"),
    _passed_to("states"),
    _passed_to("scheduler"),
    Statement(
        "WriteLogGroups",
        WRITE,
        "makes log groups with their retention; CloudWatch Logs checks tags on the group, everything else on its content",
    ),
    Statement("WriteQueue", WRITE, "makes the dead-letter queue of the schedule"),
    Statement("WriteSchedule", WRITE, "makes and updates the schedule and its group"),
    Statement(
        "DeleteOwned",
        DELETE,
        "deletes resources that left the model, up to --max-deletes, and all with destroy; only with our tags",
        _owned,
    ),
    Statement(
        "DeleteConnections",
        (Task.DESTROY,),
        "deletes connections without the prefix, which only manifests know; only with our tags",
        _owned,
    ),
    Statement(
        "DeleteFromCatalog",
        DELETE,
        "Glue checks deletions also on the catalog and on the content of a database, which has no tags of ours; without "
        "the permission on the database or connection itself nothing can be deleted",
    ),
    Statement(
        "DeleteSchedules",
        DELETE,
        "deletes the schedules of a deleted group, which AWS checks for the same caller; schedules have no tags",
    ),
    Statement("LookIntoDatabases", DELETE, "checks that a database has no tables before it is deleted"),
    Statement(
        "DeleteAliases",
        (Task.DESTROY,),
        "removes our live aliases from functions and machines that are not ours any more",
    ),
    Statement("ExpandConfigs", CONFIGS, "lets UploadConfig expand a config release"),
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
