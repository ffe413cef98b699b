"""Replays an execution's history: states entered, transitions taken, errors retried and caught."""

from stepfunctions_local_test.history.replay import Frame, Replay, ReplayError, Visit, replay

__all__ = ["Frame", "Replay", "ReplayError", "Visit", "replay"]
