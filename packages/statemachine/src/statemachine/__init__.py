"""Functions that return the CARS state machines as Amazon States Language. Never calls AWS."""

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
