"""What an execution did, read off its history: states entered, ways taken, errors retried and caught."""

from stepfunctions_local_test.history.replay import Frame, Visit, Walk, WalkError, walk

__all__ = ["Frame", "Visit", "Walk", "WalkError", "walk"]
