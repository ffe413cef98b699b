"""One statement of the policy: actions on ARNs, for which tasks, on what condition, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

Conditions = Mapping[str, Mapping[str, str | list[str]]]


class Task(Enum):
    """A task of a person or a build, which covers some commands."""

    PLAN = "plan"
    DEPLOY = "deploy"
    DESTROY = "destroy"
    CONFIGS = "configs"
    RUN = "run"
    INVOKE = "invoke"

    @property
    def commands(self) -> str:
        """The commands that a task covers."""
        return {
            Task.PLAN: "plan, drift, releases",
            Task.DEPLOY: "deploy (also --canary and --plan), rollback, unlock",
            Task.DESTROY: "destroy",
            Task.CONFIGS: "configs push, diff, releases, rollback, prune",
            Task.RUN: "run",
            Task.INVOKE: "invoke",
        }[self]


@dataclass(frozen=True)
class Grant:
    """One statement of the policy; `reason` says what the deployer does with it, and why it is not narrower."""

    sid: str
    tasks: tuple[Task, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    reason: str
    conditions: Conditions = field(default_factory=dict)

    def as_statement(self) -> dict[str, object]:
        """IAM's JSON of the statement."""
        found: dict[str, object] = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        return found | ({"Condition": dict(self.conditions)} if self.conditions else {})
