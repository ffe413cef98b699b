"""Step Functions: moto's interpreter with its gaps closed, and the API around it."""

from moto.core.config import default_user_config

from local_aws.emulator.account import Account
from local_aws.patches.stepfunctions import (
    aliases,
    api,
    children,
    definitions,
    ends,
    errors,
    executions,
    intrinsics,
    jsonpath_only,
    machines,
    output_limit,
    parsing,
    paths,
    targets,
    versions,
)


def install_interpreter(account: Account | None) -> None:
    """Switch the interpreter on. Executions are logged to `account`; without one they are not logged."""
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    paths.install()
    parsing.install()
    intrinsics.install()
    errors.install()
    output_limit.install()
    children.install()
    definitions.install()
    # After the definitions, whose check it wraps: only a well-formed one is searched for JSONata and variables.
    jsonpath_only.install()
    executions.install(account)
    ends.install()
    api.install()
    machines.install()
    # After the API, whose DescribeExecution it wraps.
    targets.install()


def install_versions() -> None:
    """Versions and aliases, which Step Functions Local lacks; call it after `install_interpreter`."""
    versions.install()
    aliases.install()


def install(account: Account) -> None:
    """Everything of the API and the interpreter that every engine needs."""
    install_interpreter(account)
    install_versions()
