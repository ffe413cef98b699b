"""The ARNs of one environment, from its file alone."""

import re
from collections.abc import Iterable

import boto3

from deployer.aws.clients import expected_accounts
from deployer.blueprint import catalog, functions, glue, machine
from deployer.blueprint.connections import lacking, resolved
from deployer.blueprint.specs import SPECS
from deployer.environment_file import Environment
from deployer.errors import AccountError
from deployer.model.names import Names, names_of
from deployer.model.permissions import Scope


def scope_of(environment: Environment, account: str | None = None) -> Scope:
    """The scope in the given account, or in that of the file. Raises AccountError when neither is known."""
    if account and not re.fullmatch(r"\d{12}", account):
        raise AccountError(f"--account is '{account}' (an account id of 12 digits)")
    known = expected_accounts(environment)
    expected = dict.fromkeys([account] if account else [found for _, found in known])
    if account and any(found != account for _, found in known):
        source, found = next(item for item in known if item[1] != account)
        raise AccountError(
            f"{environment.source}: {source} is in account {found}, but --account is {account}"
        )
    if len(expected) != 1:
        what = f"names accounts {', '.join(expected)}" if expected else "does not name its account"
        raise AccountError(
            f"{environment.source} {what}; add the key account, or pass --account with its 12 digits"
        )
    partition = boto3.Session().get_partition_for_region(environment.region)
    return _scope(environment, names_of(environment, partition, *expected))


def _scope(environment: Environment, names: Names) -> Scope:
    passed, given = _passed_roles(environment, names), _given_roles(environment)
    connections = resolved(environment.config.glue)
    made = [entry for entry in connections if lacking(entry) is None]
    return Scope(
        environment=environment,
        names=names,
        functions=tuple(names.function_arn(names.function(spec.suffix)) for spec in SPECS),
        machines=tuple(map(names.machine_arn, names.machines)),
        log_groups=tuple(_log_groups(environment, names)),
        passed_roles=passed,
        given_roles=given,
        made_roles=tuple(arn for roles in passed.values() for arn in roles if arn not in given),
        moved_roles=_moved_roles(environment, names),
        used_connections=_connections(names, (entry.name for entry in connections if lacking(entry))),
        made_connections=_connections(names, (entry.name for entry in made)),
        looks_up_zones=any(not entry.availability_zone for entry in made),
        databases=tuple(
            names.arn("glue", f"database/{item.name}") for item in catalog.databases(environment)
        ),
    )


def _log_groups(environment: Environment, names: Names) -> Iterable[str]:
    found = [names.function_log_group(names.function(spec.suffix)) for spec in SPECS]
    found += [names.glue_log_group] if environment.config.glue.continuous_logging else []
    return (names.log_group_arn(name) for name in (*found, *map(names.machine_log_group, names.machines)))


def _passed_roles(environment: Environment, names: Names) -> dict[str, tuple[str, ...]]:
    """Roles that are passed to services, made or given, by service."""
    schedule = environment.config.schedule
    found = {
        "lambda": [functions.role_arn(spec, environment, names) for spec in SPECS],
        "glue": [glue.role_arn(environment, names)],
        "states": [machine.role_arn(environment, names)],
        "scheduler": [schedule.role_arn or names.role_arn(names.schedule_role)] if schedule else [],
    }
    return {service: tuple(dict.fromkeys(roles)) for service, roles in found.items() if roles}


def _given_roles(environment: Environment) -> tuple[str, ...]:
    config, schedule = environment.config, environment.config.schedule
    given = (
        config.strparams.etl_role_arn,
        config.strparams.glue_job_role_arn,
        None if machine.role_is_managed(environment) else config.step_functions.role_arn,
        schedule.role_arn if schedule else None,
    )
    return tuple(dict.fromkeys(arn for arn in given if arn))


def _moved_roles(environment: Environment, names: Names) -> tuple[str, ...]:
    """The machine's role under any path, where the file sets its path."""
    settings = environment.config.step_functions
    if not (settings.role_arn and settings.create_role_if_missing):
        return ()
    return (names.role_arn(f"*/{machine.role_name(environment, names)}"),)


def _connections(names: Names, found: Iterable[str]) -> tuple[str, ...]:
    return tuple(names.arn("glue", f"connection/{name}") for name in found)
