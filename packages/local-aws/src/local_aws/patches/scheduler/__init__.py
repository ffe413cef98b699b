"""EventBridge Scheduler: its API, and schedules that fire on request."""

from local_aws.emulator.account import Account
from local_aws.patches.scheduler import api, fire


def install(account: Account) -> None:
    """Change moto's EventBridge Scheduler; schedules call the targets of `account`."""
    api.install()
    fire.install(account)
