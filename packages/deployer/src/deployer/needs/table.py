"""The whole table, in the order in which it is read and printed."""

from collections.abc import Collection

from deployer.needs.buckets import buckets
from deployer.needs.changing import changing
from deployer.needs.grants import Grant, Task
from deployer.needs.keys import keys
from deployer.needs.looking import looking
from deployer.needs.removing import removing
from deployer.needs.running import running
from deployer.needs.scope import Scope


def needs(scope: Scope, tasks: Collection[Task] = tuple(Task)) -> tuple[Grant, ...]:
    """The statements that the tasks take in this environment, by default all tasks."""
    parts = (looking, buckets, keys, changing, removing, running)
    return tuple(grant for part in parts for grant in part(scope) if set(tasks) & set(grant.tasks))
