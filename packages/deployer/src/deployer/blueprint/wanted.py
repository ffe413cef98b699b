"""All wanted resources of an environment; `release.py` adds versions and aliases."""

from collections.abc import Iterable
from dataclasses import dataclass

from deployer.blueprint import catalog, functions, glue, machine, schedule
from deployer.blueprint.specs import SPECS
from deployer.build_output.contents import Builds
from deployer.environment_file import Environment
from deployer.model.names import Names
from deployer.model.resources import Resource


@dataclass(frozen=True)
class Blueprint:
    """Wanted resources; `shared` are names of those that are used unchanged when somebody else owns them."""

    resources: tuple[Resource, ...]
    shared: frozenset[str]
    notes: tuple[str, ...]


def blueprint(environment: Environment, names: Names, builds: Builds) -> Blueprint:
    """All resources that the environment should have, without versions and aliases; pure."""
    return Blueprint(
        resources=(
            *_artifacts(environment, builds),
            *_log_groups(environment, names),
            *_roles(environment, names),
            *(functions.function(spec, builds.lambdas[spec.package], environment, names) for spec in SPECS),
            *catalog.connections(environment),
            *catalog.databases(environment),
            glue.job(environment, names, builds.glue),
            *schedule.resources(environment, names),
        ),
        shared=frozenset(
            catalog.shared(environment)
            | ({machine.role_name(environment, names)} if _names_machine_role(environment) else set())
        ),
        notes=(*functions.handler_notes(builds.lambdas, environment), *glue.argument_notes(environment)),
    )


def _artifacts(environment: Environment, builds: Builds) -> Iterable[Resource]:
    for spec in SPECS:
        yield functions.artifact(environment, builds.lambdas[spec.package])
    yield from glue.artifacts(environment, builds.glue)


def _log_groups(environment: Environment, names: Names) -> Iterable[Resource]:
    for spec in SPECS:
        yield functions.log_group(names.function_log_group(names.function(spec.suffix)), environment)
    if environment.config.glue.continuous_logging:
        yield functions.log_group(names.glue_log_group, environment)
    for pipeline in names.machines:
        yield functions.log_group(names.machine_log_group(pipeline), environment)


def _roles(environment: Environment, names: Names) -> Iterable[Resource]:
    if environment.config.strparams.etl_role_arn is None:
        for spec in SPECS:
            yield functions.role(spec, environment, names)
    if environment.config.strparams.glue_job_role_arn is None:
        yield glue.role(environment, names)
    if machine.role_is_managed(environment):
        yield machine.role(environment, names)


def _names_machine_role(environment: Environment) -> bool:
    settings = environment.config.step_functions
    return bool(settings.role_name or settings.role_arn)
