"""Which image, and that it is there: what is there already is never pulled."""

import os

from docker.errors import DockerException, ImageNotFound
from testcontainers.core.config import testcontainers_config

import docker
from stepfunctions_local_test.containers.errors import ContainerError

# the last release, of 2024; `latest` is the same image
DEFAULT_IMAGE = "amazon/aws-stepfunctions-local:2.0.0"
IMAGE_VARIABLE = "STEPFUNCTIONS_LOCAL_IMAGE"
OWN_IMAGE = "cars/stepfunctions-local:latest"
PORT_VARIABLE = "SFN_LOCAL_PORT"


def chosen(image: str | None) -> str:
    """The full name: of the argument, else of what the variable names, else Amazon's.

    testcontainers' prefix of Docker Hub's images goes before the first and the last.
    """
    named = os.environ.get(IMAGE_VARIABLE)
    if image is None and named:
        return named
    return testcontainers_config.hub_image_name_prefix + (image or DEFAULT_IMAGE)


def ensure(client: docker.DockerClient, image: str) -> None:
    """Pull the image unless it is there; raises ContainerError when it cannot be had."""
    if is_there(client, image):
        return
    try:
        client.images.pull(image)
    except DockerException as error:
        raise ContainerError(
            f"image {image} is not there and cannot be pulled ({error}); {way_out(client)}"
        ) from error


def is_there(client: docker.DockerClient, image: str) -> bool:
    """Whether the engine has the image."""
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True


def way_out(client: docker.DockerClient) -> str:
    """What helps when an image cannot be pulled."""
    if is_there(client, OWN_IMAGE):
        return f"set {IMAGE_VARIABLE}={OWN_IMAGE}, which is there, to use the one that `nox -s image` made"
    return f"`nox -s image` makes one, and {IMAGE_VARIABLE} names it"


def heeds_port(client: docker.DockerClient, image: str) -> bool:
    """Whether a container of the image uses the given port: ours does, Amazon's always listens on 8083."""
    config = client.images.get(image).attrs.get("Config") or {}
    return any(line.startswith(f"{PORT_VARIABLE}=") for line in config.get("Env") or ())
