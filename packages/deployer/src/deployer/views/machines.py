"""The definitions of an environment's state machines, for programs that check or run them; asks AWS nothing."""

from typing import Any

from deployer.blueprint.machine import Code, definitions
from deployer.model.permissions import Scope


def machines(scope: Scope) -> dict[str, Any]:
    """{"machines": {name: definition}, "resources": {"functions", "machines": ARNs, "jobs": names}}.

    Without a build the definitions name functions without a version and no arguments of a release; otherwise
    they are what a deploy creates.
    """
    names = scope.names
    functions = {arn.rpartition(":")[2]: arn for arn in scope.functions}
    code = Code(functions, glue_arguments={})
    return {
        "machines": definitions(scope.environment, names, code),
        "resources": {
            "functions": list(scope.functions),
            "jobs": [names.glue_job],
            "machines": list(scope.machines),
        },
    }
