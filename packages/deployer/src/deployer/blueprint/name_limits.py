"""AWS's limits on the length of names, checked before anything is built or read."""

from collections.abc import Iterable

from deployer.blueprint.specs import SPECS
from deployer.environment_file import Environment
from deployer.errors import ConfigError
from deployer.model.names import Names, catalog_databases, names_of

# API references: CreateFunction, CreateRole, CreateStateMachine, CreateSchedule(Group), CreateQueue, CreateJob,
# CreateDatabase (Glue).
FUNCTION, ROLE, MACHINE, SCHEDULE, QUEUE, GLUE = 64, 64, 80, 64, 80, 255


def check_names(environment: Environment) -> None:
    """Raises ConfigError that lists every name AWS would refuse as too long, with length and limit."""
    found = list(_too_long(environment))
    if not found:
        return
    excess = max(length - limit for _, length, limit in found)
    listed = "; ".join(f"{what} has {length} characters, AWS allows {limit}" for what, length, limit in found)
    raise ConfigError(
        f"{environment.source}: {len(found)} name{'s' if len(found) > 1 else ''} too long: {listed}; "
        f"shorten deployEnv '{environment.config.deploy_env}' by {excess}, or env, which names the databases"
    )


def _too_long(environment: Environment) -> Iterable[tuple[str, int, int]]:
    names = names_of(environment, "aws", "")
    for kind, name, limit in (*_functions(names), *_others(names, environment)):
        if len(name) > limit:
            yield f"{kind} {name}", len(name), limit


def _functions(names: Names) -> Iterable[tuple[str, str, int]]:
    for spec in SPECS:
        function = names.function(spec.suffix)
        yield "function", function, FUNCTION
        yield "role", names.role(function), ROLE


def _others(names: Names, environment: Environment) -> Iterable[tuple[str, str, int]]:
    yield "role", names.role(names.glue_job), ROLE
    yield "role", names.machine_role, ROLE
    yield "role", names.schedule_role, ROLE
    for machine in names.machines:
        yield "state machine", machine, MACHINE
    yield "schedule", names.schedule, SCHEDULE
    yield "schedule group", names.schedule_group, SCHEDULE
    yield "queue", names.dead_letter_queue, QUEUE
    yield "glue job", names.glue_job, GLUE
    for database in catalog_databases(environment.env):
        yield "database", database, GLUE
