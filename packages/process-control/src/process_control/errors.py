"""The errors of this package. `ProcessControlError` is the base class of all."""


class ProcessControlError(Exception):
    """Base class of this package's errors; a message holds no secret."""


class SettingsError(ProcessControlError):
    """The database secret is missing, unreadable or incomplete."""


class ConnectError(ProcessControlError):
    """No connection to the database could be opened."""


class LedgerError(ProcessControlError):
    """The ledger cannot hold a value."""


class LedgerMissingError(LedgerError):
    """The database has no ledger tables yet."""


class MigrationError(ProcessControlError):
    """The migrations of this package do not continue those of the database."""


class OutOfTimeError(ProcessControlError):
    """An effect did not finish before its deadline."""


class WriteError(ProcessControlError):
    """The database accepted the connection but not the log row; the message names the database."""
