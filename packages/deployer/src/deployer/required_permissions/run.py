"""Starting and following the pipeline, calling functions."""

from collections.abc import Iterator

from deployer.model.resources import LIVE
from deployer.required_permissions.grants import Grant, Task, grant
from deployer.required_permissions.scope import Scope


def running(scope: Scope) -> Iterator[Grant]:
    """What uses a deployed environment."""
    names = scope.names
    upload = scope.environment.config.config_upload.function_name or names.function("UploadConfig")
    function = upload if upload.startswith("arn:") else names.function_arn(upload)
    yield from grant(
        "ExpandConfigs",
        (Task.CONFIGS,),
        "lambda:InvokeFunction",
        [f"{function}:{LIVE}"],
        "has UploadConfig expand a config release",
    )
    yield from grant(
        "StartPipeline",
        (Task.RUN,),
        "states:StartExecution",
        [scope.machine],
        "starts the live release; Step Functions checks an alias on the ARN of its machine",
        {"StringEquals": {"states:StateMachineQualifier": LIVE}},
    )
    yield from grant(
        "FollowPipeline",
        (Task.RUN,),
        "states:DescribeExecution states:GetExecutionHistory",
        [names.arn("states", f"execution:{names.edv_pipeline}:*")],
        "follows an execution, whose name is new each time",
    )
    yield from grant(
        "CallFunctions",
        (Task.INVOKE,),
        "lambda:InvokeFunction",
        [f"{arn}:{LIVE}" for arn in scope.functions],
        "calls live functions with an event",
    )
