"""The one exception of this package."""


class StateMachineError(ValueError):
    """A name, setting or definition that Step Functions would refuse or run wrongly."""
