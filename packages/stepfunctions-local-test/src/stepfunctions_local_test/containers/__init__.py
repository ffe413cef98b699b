"""Step Functions Local in a container, as a module of testcontainers: started, swept and reported on by tests."""

from stepfunctions_local_test.containers.availability import unavailable
from stepfunctions_local_test.containers.errors import ContainerError
from stepfunctions_local_test.containers.stepfunctions_local import StepFunctionsLocalContainer
from stepfunctions_local_test.containers.sweep import sweep

__all__ = ["ContainerError", "StepFunctionsLocalContainer", "sweep", "unavailable"]
