"""Removes containers of killed processes; replaces testcontainers' Ryuk."""

from contextlib import closing

from docker.errors import APIError, NotFound
from testcontainers.core.docker_client import DockerClient

import docker
from stepfunctions_local_test.containers.owners import HOST, Owner

BEING_REMOVED = 409


def sweep(client: docker.DockerClient | None = None) -> list[str]:
    """Remove containers of ended processes of this host; returns the names of the removed ones."""
    if client is not None:
        return _sweep(client)
    with closing(DockerClient().client) as own:
        return _sweep(own)


def _sweep(client: docker.DockerClient) -> list[str]:
    found = client.api.containers(all=True, filters={"label": HOST})
    owners = {item["Id"]: Owner.of(item["Labels"]) for item in found}
    left = [item for item in found if (owner := owners[item["Id"]]) is not None and owner.is_gone]
    return [item["Names"][0].removeprefix("/") for item in left if _remove(client, item["Id"])]


def _remove(client: docker.DockerClient, container_id: str) -> bool:
    """Whether it was removed by this call: another process may sweep at the same time."""
    try:
        client.api.remove_container(container_id, force=True, v=True)
    except NotFound:
        return False
    except APIError as error:
        if error.status_code != BEING_REMOVED:
            raise
        return False
    return True
