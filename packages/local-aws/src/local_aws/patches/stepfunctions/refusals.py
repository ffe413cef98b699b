"""Errors of Step Functions that moto has not, or without the code that reaches the caller."""

from moto.core.exceptions import AWSError


class ValidationError(AWSError):
    """A parameter is not what the operation takes."""

    TYPE = "ValidationException"
    STATUS = 400


class ConflictError(AWSError):
    """The resource is in use, or is not what the caller takes it for."""

    TYPE = "ConflictException"
    STATUS = 400


class ResourceNotFoundError(AWSError):
    """A version or an alias that is not there."""

    TYPE = "ResourceNotFound"
    STATUS = 400


class StateMachineAlreadyExistsError(AWSError):
    """The name is taken by a machine that is another one."""

    TYPE = "StateMachineAlreadyExists"
    STATUS = 400


class MissingRequiredParameterError(AWSError):
    """moto's own class of that name reaches the caller without its code."""

    TYPE = "MissingRequiredParameter"
    STATUS = 400
