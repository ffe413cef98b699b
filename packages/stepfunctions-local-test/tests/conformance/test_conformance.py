"""Both engines run the same probes; every answer is recorded, and every difference quotes AWS's documentation."""

from collections.abc import Iterator

import pytest

from local_aws.server import LocalAws
from local_aws.testing.functions import Functions
from local_aws.testing.glue import Glue
from stepfunctions_local_test.containers import StepFunctionsLocalContainer
from stepfunctions_local_test.pytest_plugin import need_container

from .probes import PROBES
from .table import KEYS, TABLE, answers, differs, render
from .targets import Target

ANSWERS = answers()
ENGINES = ("embedded", "container")


@pytest.fixture(scope="module")
def embedded(aws: LocalAws, functions: Functions, glue: Glue) -> Target:
    return Target("embedded", aws.client("stepfunctions"), aws, functions, glue)


@pytest.fixture(scope="module")
def container(aws: LocalAws, functions: Functions, glue: Glue) -> Iterator[Target]:
    need_container()
    running = StepFunctionsLocalContainer(endpoint_url=aws.endpoint_url, wait_time_scale=0.01, port=0)
    with running:
        yield Target("container", running.get_client(), aws, functions, glue)


@pytest.mark.parametrize("name", PROBES)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_engine_answers_as_recorded(engine: str, name: str, request: pytest.FixtureRequest) -> None:
    target: Target = request.getfixturevalue(engine)
    assert PROBES[name](target) == ANSWERS[name][engine]


def test_every_probe_has_its_recorded_answers_and_nothing_else_is_recorded() -> None:
    assert sorted(ANSWERS) == sorted(PROBES)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_record_is_whole_and_a_difference_has_a_quotation(name: str) -> None:
    row = ANSWERS[name]
    assert row.keys() <= KEYS
    assert row["aws"] in (*ENGINES, "both", "neither")
    assert (row["aws"] == "both") <= (row["embedded"] == row["container"])
    if differs(row):
        assert row["says"]
    assert ("says" in row) == ("source" in row)


def test_the_table_of_the_documentation_is_not_stale() -> None:
    assert TABLE.read_text("utf-8") == render(ANSWERS), "run `python -m tests.conformance.table`"
