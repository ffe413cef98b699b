"""moto's interpreter with its gaps closed: what every place that runs it needs."""

from moto.core.config import default_user_config

from stepfunctions_local_test.patches import (
    sfn_api,
    sfn_children,
    sfn_definitions,
    sfn_ends,
    sfn_errors,
    sfn_executions,
    sfn_intrinsics,
    sfn_jsonpath_only,
    sfn_machines,
    sfn_output_limit,
    sfn_parsing,
    sfn_paths,
    sfn_targets,
)
from stepfunctions_local_test.server.account import Account


def install_interpreter(account: Account | None) -> None:
    """Switch the interpreter on; executions are logged to `account`, without one nowhere."""
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    sfn_paths.install()
    sfn_parsing.install()
    sfn_intrinsics.install()
    sfn_errors.install()
    sfn_output_limit.install()
    sfn_children.install()
    sfn_definitions.install()
    sfn_jsonpath_only.install()
    sfn_executions.install(account)
    sfn_ends.install()
    sfn_api.install()
    sfn_machines.install()
    sfn_targets.install()
