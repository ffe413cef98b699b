"""Tests with a real container: skipped where none can run, failed there with REQUIRE_ENGINE=container."""

from collections.abc import Iterator

import pytest

from stepfunctions_local_test.containers import StepFunctionsLocalContainer
from stepfunctions_local_test.pytest_plugin import need_container


@pytest.fixture(scope="session")
def _container() -> None:
    need_container()


@pytest.fixture
def containers(_container: None) -> None:
    """Asked for by tests that start containers themselves."""


@pytest.fixture(scope="session")
def running(_container: None) -> Iterator[StepFunctionsLocalContainer]:
    """A container that calls nobody."""
    with StepFunctionsLocalContainer(port=0) as container:
        yield container
