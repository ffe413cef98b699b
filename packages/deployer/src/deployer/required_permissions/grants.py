"""The words of which the tables are made: which actions on which ARNs, for which tasks, on what condition, and why."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from deployer.model.resources import ENVIRONMENT, MANAGED_BY, MANAGER

Conditions = Mapping[str, Mapping[str, str | list[str]]]
ANYWHERE = ("*",)


class Task(Enum):
    """What a person or a build does with the deployer; the commands that it covers are in its text."""

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
            Task.CONFIGS: "configs push, configs rollback",
            Task.RUN: "run",
            Task.INVOKE: "invoke",
        }[self]


LOOK = (Task.PLAN, Task.DEPLOY, Task.DESTROY)
CHANGE = (Task.DEPLOY,)
REMOVE = (Task.DEPLOY, Task.DESTROY)


@dataclass(frozen=True)
class Grant:
    """One statement of the policy; `reason` says what the deployer does with it, and why it is no narrower."""

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


def grant(
    sid: str,
    tasks: tuple[Task, ...],
    actions: str,
    resources: Collection[str],
    reason: str,
    conditions: Conditions | None = None,
) -> Iterator[Grant]:
    """A statement from blank-separated actions, sorted; none when there is no resource to name."""
    if resources:
        named = tuple(dict.fromkeys(resources))
        yield Grant(sid, tasks, tuple(sorted(actions.split())), named, reason, conditions or {})


def owned(deploy_env: str) -> Conditions:
    """Only what carries our tags; the service looks at the tags that the resource has before the call."""
    return {
        "StringEquals": {
            f"aws:ResourceTag/{MANAGED_BY}": MANAGER,
            f"aws:ResourceTag/{ENVIRONMENT}": deploy_env,
        }
    }
