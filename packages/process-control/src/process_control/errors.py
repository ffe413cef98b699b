"""What this package raises; callers that do not care catch `ProcessControlError`."""


class ProcessControlError(Exception):
    """Base of every error of this package; the message carries no secret."""


class SettingsError(ProcessControlError):
    """The database secret is missing, unreadable or incomplete."""


class ConnectError(ProcessControlError):
    """The database did not let us in."""


class LedgerError(ProcessControlError):
    """A value the ledger cannot hold."""


class LedgerMissingError(LedgerError):
    """The database has no ledger tables yet."""


class MigrationError(ProcessControlError):
    """The migrations on disk do not continue what the database has."""


class OutOfTimeError(ProcessControlError):
    """An effect did not finish before its deadline."""


class WriteError(ProcessControlError):
    """The database took the connection but not the log row; the message says which database."""
