"""The one exception of this package."""


class StateMachineError(ValueError):
    """A name, a setting or a definition that Step Functions would refuse, or run wrongly."""
