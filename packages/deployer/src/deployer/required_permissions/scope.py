"""The ARNs of one environment as the tables need them: what is named by the config, and what begins with its prefix."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import boto3

from deployer.aws.clients import expected_accounts
from deployer.blueprint import catalog, functions, glue, machine
from deployer.blueprint.connections import lacking, resolved
from deployer.blueprint.specs import SPECS
from deployer.environment_file import Environment
from deployer.errors import AccountError
from deployer.model.names import Names, names_of


@dataclass(frozen=True)
class Scope:
    """One environment and its names, without AWS being asked."""

    environment: Environment
    names: Names

    @property
    def prefix(self) -> str:
        return f"{self.names.prefix}-"

    @property
    def deploy_env(self) -> str:
        return self.environment.config.deploy_env

    @property
    def functions(self) -> tuple[str, ...]:
        """ARNs of the functions."""
        return tuple(self.names.function_arn(self.names.function(spec.suffix)) for spec in SPECS)

    @property
    def machine(self) -> str:
        """ARN of the state machine."""
        return self.names.machine_arn(self.names.edv_pipeline)

    @property
    def log_groups(self) -> tuple[str, ...]:
        """ARNs of the log groups that are made."""
        names = self.names
        found = [names.function_log_group(names.function(spec.suffix)) for spec in SPECS]
        found += [names.glue_log_group] if self.environment.config.glue.continuous_logging else []
        return tuple(names.log_group_arn(name) for name in (*found, names.machine_log_group))

    @property
    def handed(self) -> dict[str, tuple[str, ...]]:
        """ARNs of the roles that services are handed, made or given, by service."""
        environment, names, schedule = self.environment, self.names, self.environment.config.schedule
        found = {
            "lambda": [functions.role_arn(spec, environment, names) for spec in SPECS],
            "glue": [glue.role_arn(environment, names)],
            "states": [machine.role_arn(environment, names)],
            "scheduler": [schedule.role_arn or names.role_arn(names.schedule_role)] if schedule else [],
        }
        return {service: tuple(dict.fromkeys(roles)) for service, roles in found.items() if roles}

    @property
    def given_roles(self) -> tuple[str, ...]:
        """ARNs of the roles that the file hands out and nobody changes."""
        config, schedule = self.environment.config, self.environment.config.schedule
        machine_role = None if machine.role_is_managed(self.environment) else config.step_functions.role_arn
        given = (
            config.strparams.etl_role_arn,
            config.strparams.glue_job_role_arn,
            machine_role,
            schedule.role_arn if schedule else None,
        )
        return tuple(dict.fromkeys(arn for arn in given if arn))

    @property
    def made_roles(self) -> tuple[str, ...]:
        """ARNs of the roles that are made."""
        return tuple(
            arn for roles in self.handed.values() for arn in roles if arn not in set(self.given_roles)
        )

    @property
    def moved_roles(self) -> tuple[str, ...]:
        """A role whose path the file sets, under any path: another path means to make it anew."""
        settings = self.environment.config.step_functions
        if not (settings.role_arn and settings.create_role_if_missing):
            return ()
        return (self.names.role_arn(f"*/{machine.role_name(self.environment, self.names)}"),)

    @property
    def used_connections(self) -> tuple[str, ...]:
        """ARNs of the Glue connections that must exist."""
        return self._connections(
            entry.name for entry in resolved(self.environment.config.glue) if lacking(entry)
        )

    @property
    def made_connections(self) -> tuple[str, ...]:
        """ARNs of the Glue connections that are made."""
        return self._connections(
            entry.name for entry in resolved(self.environment.config.glue) if lacking(entry) is None
        )

    @property
    def databases(self) -> tuple[str, ...]:
        """ARNs of the Data Catalog databases."""
        return tuple(
            self.names.arn("glue", f"database/{database.name}")
            for database in catalog.databases(self.environment)
        )

    @property
    def catalog(self) -> str:
        """ARN of the Data Catalog, which every call about what is in it asks for as well."""
        return self.names.arn("glue", "catalog")

    def _connections(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.names.arn("glue", f"connection/{name}") for name in names)


def scope_of(environment: Environment, account: str | None = None) -> Scope:
    """The scope in the account that was given or that the file names. Raises AccountError when neither says it."""
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
        what = f"names accounts {', '.join(expected)}" if expected else "does not say which account it is for"
        raise AccountError(
            f"{environment.source} {what}; add the key account, or pass --account with its 12 digits"
        )
    partition = boto3.Session().get_partition_for_region(environment.region)
    return Scope(environment, names_of(environment, partition, *expected))
