"""Everything that runs deployed code, started and ended together with the server."""

import shutil
from types import TracebackType
from typing import Self

from stepfunctions_local_test.access import handed_roles, tasks
from stepfunctions_local_test.access.guard import Guard
from stepfunctions_local_test.engines import Engine
from stepfunctions_local_test.glue.runtime import GlueRuntime
from stepfunctions_local_test.lambdas.runtime import LambdaRuntime
from stepfunctions_local_test.patches import (
    dispatching,
    glue_api,
    glue_catalog,
    glue_tags,
    iam_reads,
    lambda_aliases,
    lambda_api,
    lambda_revisions,
    lambda_versions,
    log_groups,
    patching,
    s3_checksums,
    s3_contents,
    s3_owners,
    s3_writes,
    scheduler_api,
    scheduler_fire,
    sqs_attributes,
)
from stepfunctions_local_test.server.account import Account
from stepfunctions_local_test.server.scratch import make_scratch
from stepfunctions_local_test.workers.cache import forget_unused
from stepfunctions_local_test.workers.provided import provide
from stepfunctions_local_test.workers.spawner import Spawner


class Runtimes:
    """The Glue and Lambda runtimes, put under moto's API."""

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
        self._spawner = Spawner()
        account = Account(endpoint_url, guard)
        provided = provide(self._scratch / "provided")
        self.glue = GlueRuntime(account, self._spawner, provided, self._scratch)
        self.glue.seconds_per_minute = seconds_per_minute
        dispatching.install()
        s3_contents.install()
        s3_checksums.install()
        s3_writes.install()
        s3_owners.install()
        sqs_attributes.install()
        scheduler_api.install()
        scheduler_fire.install(account)
        iam_reads.install()
        log_groups.install()
        glue_api.install(self.glue)
        glue_catalog.install()
        glue_tags.install()
        self.lambdas = LambdaRuntime(account, self._spawner, provided)
        lambda_api.install(self.lambdas)
        lambda_versions.install()
        lambda_aliases.install()
        lambda_revisions.install()
        self.engine.install(account, self.glue, self.lambdas)
        tasks.install()
        handed_roles.install(guard)
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
