"""What an execution did, read off its history: states entered, ways taken, errors retried and caught."""

from stepfunctions_local_test.history.replay import Frame, Replay, ReplayError, Visit, replay

__all__ = ["Frame", "Replay", "ReplayError", "Visit", "replay"]
