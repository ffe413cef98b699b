"""The default engine: moto's interpreter, in this process, with its gaps closed."""

from moto.core.config import default_user_config

from stepfunctions_local_test.glue.runtime import GlueRuntime
from stepfunctions_local_test.lambdas.runtime import LambdaRuntime
from stepfunctions_local_test.patches import (
    cfn_resources,
    sfn_aliases,
    sfn_api,
    sfn_children,
    sfn_clients,
    sfn_definitions,
    sfn_errors,
    sfn_executions,
    sfn_glue,
    sfn_machines,
    sfn_paths,
    sfn_targets,
    sfn_versions,
)
from stepfunctions_local_test.server.account import Account


class EmbeddedEngine:
    """moto's interpreter; it only executes when configured to."""

    name = "embedded"

    def install(self, account: Account, glue: GlueRuntime, lambdas: LambdaRuntime) -> None:
        """Switch the interpreter on and put our runtimes under its service tasks."""
        default_user_config["stepfunctions"] = {"execute_state_machine": True}
        sfn_paths.install()
        sfn_errors.install()
        sfn_clients.install(account, lambdas)
        sfn_glue.install(glue, account.guard)
        sfn_children.install()
        sfn_definitions.install()
        sfn_executions.install(account)
        sfn_api.install()
        sfn_machines.install()
        sfn_versions.install()
        sfn_aliases.install()
        sfn_targets.install()
        cfn_resources.install()
