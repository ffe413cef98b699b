"""Whether containers of Step Functions Local can run here, and if not, why."""

from contextlib import closing
from functools import lru_cache

from docker.errors import DockerException
from testcontainers.core.docker_client import DockerClient

from stepfunctions_local_test.containers import images
from stepfunctions_local_test.containers.errors import ContainerError, NoEngineError


@lru_cache
def unavailable() -> str | None:
    """Why no container can run here, None when one can; asked once in a process, for a pull may take its time."""
    try:
        with closing(DockerClient().client) as client:
            client.ping()
            images.ensure(client, images.chosen(None))
    except ContainerError as error:
        return str(error)
    except DockerException as error:
        return str(NoEngineError(error))
    return None
