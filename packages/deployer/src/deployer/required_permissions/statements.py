"""The whole table, in the order in which it is read and printed."""

from collections.abc import Collection

from deployer.required_permissions.buckets import buckets
from deployer.required_permissions.delete import removing
from deployer.required_permissions.grants import Grant, Task
from deployer.required_permissions.keys import keys
from deployer.required_permissions.read import looking
from deployer.required_permissions.run import running
from deployer.required_permissions.scope import Scope
from deployer.required_permissions.write import changing


def needs(scope: Scope, tasks: Collection[Task] = tuple(Task)) -> tuple[Grant, ...]:
    """The statements that the tasks take in this environment, by default all tasks."""
    parts = (looking, buckets, keys, changing, removing, running)
    return tuple(grant for part in parts for grant in part(scope) if set(tasks) & set(grant.tasks))
