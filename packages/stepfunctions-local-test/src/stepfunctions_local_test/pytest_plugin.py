"""The pytest fixture `stepfunctions_local`: Step Functions Local in a container, started on first use only.

A test that fails while such a container runs shows the container's log and the executions started there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from local_aws.server import LocalAws
    from stepfunctions_local_test.containers import StepFunctionsLocalContainer
    from stepfunctions_local_test.containers.alive import Running

REQUIRE_VARIABLE = "REQUIRE_ENGINE"
STARTED_BEFORE = pytest.StashKey[dict[int, int]]()


@pytest.fixture(scope="session")
def stepfunctions_local(request: pytest.FixtureRequest) -> Iterator[StepFunctionsLocalContainer]:
    """Step Functions Local in a container that calls `local_aws`, for the whole test session."""
    from stepfunctions_local_test.containers import StepFunctionsLocalContainer

    need_container()
    aws: LocalAws = request.getfixturevalue("local_aws")
    with StepFunctionsLocalContainer(endpoint_url=aws.endpoint_url, port=0) as container:
        yield container


def need_container() -> None:
    """Skip the test when no container can run; fail it with REQUIRE_ENGINE=container."""
    from stepfunctions_local_test.containers import unavailable

    reason = unavailable()
    if reason is None:
        return
    if os.environ.get(REQUIRE_VARIABLE) == "container":
        pytest.fail(f"{REQUIRE_VARIABLE} is container, but {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Record the executions that started before the test."""
    item.stash[STARTED_BEFORE] = {id(container): len(container.executions) for container in _containers()}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add logs and histories of this process's containers to a failure."""
    report = yield
    if report.failed and _containers():
        from stepfunctions_local_test.containers.reports import sections

        before = item.stash.get(STARTED_BEFORE, {})
        for container in _containers():
            started = container.executions[before.get(id(container), 0) :]
            report.sections.extend(sections(container, started))
    return report


def _containers() -> list[Running]:
    """The running containers; imports nothing when there are none."""
    alive = sys.modules.get("stepfunctions_local_test.containers.alive")
    return alive.containers() if alive else []
