"""Errors of Step Functions that moto lacks, or raises without a code."""

from moto.core.exceptions import AWSError


class ValidationError(AWSError):
    """A parameter has a wrong value."""

    TYPE = "ValidationException"
    STATUS = 400


class ConflictError(AWSError):
    """The resource is in use or is another one than the request assumes."""

    TYPE = "ConflictException"
    STATUS = 400


class ResourceNotFoundError(AWSError):
    """The version or alias does not exist."""

    TYPE = "ResourceNotFound"
    STATUS = 400


class StateMachineAlreadyExistsError(AWSError):
    """Another machine has the name."""

    TYPE = "StateMachineAlreadyExists"
    STATUS = 400


class MissingRequiredParameterError(AWSError):
    """moto's own class of that name reaches the caller without its code."""

    TYPE = "MissingRequiredParameter"
    STATUS = 400
