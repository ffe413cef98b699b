"""Functions that return the CARS state machines as Amazon States Language. Never calls AWS."""

from statemachine.edv import edv_permissions, edv_pipeline
from statemachine.errors import StateMachineError
from statemachine.landing import landing_pipeline
from statemachine.names import EdvSettings, LandingSettings, PipelineNames
from statemachine.permissions import Permissions, permissions

__all__ = [
    "EdvSettings",
    "LandingSettings",
    "Permissions",
    "PipelineNames",
    "StateMachineError",
    "edv_permissions",
    "edv_pipeline",
    "landing_pipeline",
    "permissions",
]
