"""Everything that runs deployed code; it starts and ends with the server."""

import shutil
from types import TracebackType
from typing import Self

from local_aws.access import pass_role, stepfunctions_tasks
from local_aws.access.guard import Guard
from local_aws.emulator import patching
from local_aws.emulator.account import Account
from local_aws.engines import Engine
from local_aws.glue.runtime import GlueRuntime
from local_aws.lambdas.runtime import LambdaRuntime
from local_aws.patches import cloudformation, dispatching, glue, iam, lambdas, logs, s3, scheduler, sqs
from local_aws.processes.cache import forget_unused
from local_aws.processes.runtime_packages import provide
from local_aws.processes.spawner import Spawner
from local_aws.server.scratch import make_scratch


class Runtimes:
    """The Glue and Lambda runtimes behind moto's API."""

    def __init__(
        self,
        endpoint_url: str,
        guard: Guard,
        *,
        engine: Engine,
        seconds_per_minute: float = 60.0,
    ) -> None:
        patching.check_version()
        self.engine = engine
        self._scratch = make_scratch()
        spawner = Spawner()
        account = Account(endpoint_url)
        provided = provide(self._scratch / "provided")
        self.glue = GlueRuntime(account, guard, spawner, provided, self._scratch)
        self.glue.seconds_per_minute = seconds_per_minute
        self.lambdas = LambdaRuntime(account, guard, spawner, provided)
        dispatching.install()
        for room in (s3, sqs, iam, logs, cloudformation):
            room.install()
        scheduler.install(account)
        glue.install(self.glue)
        lambdas.install(self.lambdas)
        engine.install(account, guard, self.glue, self.lambdas)
        stepfunctions_tasks.install()
        # Last: it wraps actions of Lambda and Step Functions that the patches and the engine have replaced.
        pass_role.install(guard)
        forget_unused()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.close()
        self.lambdas.close()
        self.glue.close()
        shutil.rmtree(self._scratch, ignore_errors=True)
