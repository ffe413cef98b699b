from typing import Any
from unittest.mock import create_autospec

import pytest
from docker.errors import APIError, ImageNotFound
from docker.models.images import Image, ImageCollection
from testcontainers.core.config import testcontainers_config

import docker
from stepfunctions_local_test.containers import ContainerError, images


def engine(*there: str, env: tuple[str, ...] = ()) -> Any:
    """An engine that has some images and can pull none."""
    client = create_autospec(docker.DockerClient, instance=True)
    client.images = create_autospec(ImageCollection, instance=True)

    def get(name: str) -> Any:
        if name not in there:
            raise ImageNotFound("No such image")
        return create_autospec(Image, instance=True, attrs={"Config": {"Env": list(env)}})

    client.images.get.side_effect = get
    client.images.pull.side_effect = APIError("500 Server Error", explanation="no such host")
    return client


def test_an_image_that_is_there_is_never_pulled() -> None:
    client = engine("an/image:1")
    images.ensure(client, "an/image:1")
    client.images.pull.assert_not_called()


def test_an_image_that_cannot_be_had_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEPFUNCTIONS_LOCAL_IMAGE", raising=False)
    words = r"an/image:1 is not there and cannot be pulled \(.*no such host.*\); `nox -s image` makes one"
    with pytest.raises(ContainerError, match=words):
        images.ensure(engine(), "an/image:1")


def test_our_own_image_is_proposed_and_not_swapped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEPFUNCTIONS_LOCAL_IMAGE", raising=False)
    words = "set STEPFUNCTIONS_LOCAL_IMAGE=cars/stepfunctions-local:latest, which is there"
    with pytest.raises(ContainerError, match=words):
        images.ensure(engine("cars/stepfunctions-local:latest"), images.DEFAULT_IMAGE)


def test_only_an_image_that_says_so_heeds_the_port() -> None:
    assert images.heeds_port(engine("a:1", env=("PATH=/bin", "SFN_LOCAL_PORT=8083")), "a:1")
    assert not images.heeds_port(engine("a:1", env=("PATH=/bin",)), "a:1")


def test_the_image_is_the_argument_else_the_variable_else_amazons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEPFUNCTIONS_LOCAL_IMAGE", raising=False)
    assert images.chosen(None) == "amazon/aws-stepfunctions-local:2.0.0"
    monkeypatch.setenv("STEPFUNCTIONS_LOCAL_IMAGE", "our/image:3")
    assert images.chosen(None) == "our/image:3"
    assert images.chosen("my/image:4") == "my/image:4"


def test_a_mirror_of_docker_hub_is_for_images_of_docker_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testcontainers_config, "hub_image_name_prefix", "mirror.example.com/")
    monkeypatch.delenv("STEPFUNCTIONS_LOCAL_IMAGE", raising=False)
    assert images.chosen(None) == "mirror.example.com/amazon/aws-stepfunctions-local:2.0.0"
    monkeypatch.setenv("STEPFUNCTIONS_LOCAL_IMAGE", "our/image:3")
    assert images.chosen(None) == "our/image:3"
