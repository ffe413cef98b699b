"""All errors of the deployer; the command line prints the message and exits with 1."""


class DeployerError(Exception):
    """Base class: the message says what, where, the value that came and the way out."""


class ConfigError(DeployerError):
    """The environment file is missing, unreadable or has problems; the message lists all of them."""


class BuildError(DeployerError):
    """A build output is missing or damaged."""


class AccountError(DeployerError):
    """The credentials do not belong to the account the environment names."""


class PreflightError(DeployerError):
    """A prerequisite of a deploy is missing or unusable; the message lists all of them."""


class PlanRefused(DeployerError):  # noqa: N818 - a decision, not a fault
    """The plan would do more than the caller allowed."""


class ApplyError(DeployerError):
    """Applying stopped half way; the message lists what is done, what is not, and how to go on."""


class ReleaseError(DeployerError):
    """A config release could not be sent, verified or switched to."""


class InvokeError(DeployerError):
    """A function could not be found or answered with an error."""


class RunError(DeployerError):
    """An execution could not be started or followed."""


class LockError(DeployerError):
    """The deploy lock cannot be read or written, or another deploy has it; the message shows which, and the ways out."""


class LockLost(LockError):  # noqa: N818 - a state, not a fault
    """The lock may no longer be ours; the next AWS call was not made."""
