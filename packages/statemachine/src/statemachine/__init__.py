"""The CARS state machines as functions that return Amazon States Language; this package never calls AWS."""

from statemachine.edv import edv_permissions, edv_pipeline
from statemachine.errors import StateMachineError
from statemachine.names import EdvNames, EdvSettings
from statemachine.permissions import Permissions, permissions

__all__ = [
    "EdvNames",
    "EdvSettings",
    "Permissions",
    "StateMachineError",
    "edv_permissions",
    "edv_pipeline",
    "permissions",
]
