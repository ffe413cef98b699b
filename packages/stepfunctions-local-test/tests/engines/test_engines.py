"""Both engines of scenarios behave the same."""

import os

import pytest

from stepfunctions_local_test.engines import engine_of
from stepfunctions_local_test.errors import StatesError
from stepfunctions_local_test.running import disagreements, run

from ..conftest import Outcomes
from ..machines import Made, returns, throws


def test_an_unknown_engine_is_refused_with_the_known_ones() -> None:
    with pytest.raises(StatesError, match="engine 'own' is unknown; known are embedded, container"):
        engine_of("own")


def test_scenarios_run_only_on_their_engines() -> None:
    made = Made()
    made.add("elsewhere", {"Ask": {"0": returns(value=5)}}, engines=("container",))
    assert run([made.suite], engine_of("embedded")) == []


def test_the_container_takes_the_path_of_the_embedded_engine(asked: Outcomes) -> None:
    container = engine_of("container")
    if reason := container.missing():
        if "container" in os.environ.get("REQUIRE_ENGINE", ""):
            pytest.fail(reason)
        pytest.skip(reason)
    made = Made()
    made.add("default", {"Ask": {"0": returns(value=5)}})
    made.add("busy-for-ever", {"Ask": {"0-2": throws("Busy")}})
    calls = {"0": returns(), "1": throws("Known"), "2": returns()}
    tasks = {"Ask": {"0": returns(value=11)}, "Call": calls}
    made.add("three-items", tasks, {"items": ["a", "b", "c"]}, one_at_a_time=True)
    for outcome in run([made.suite], container):
        assert outcome.simulated is None
        assert outcome.covered.disagreements == []
        assert disagreements([asked[outcome.scenario.name], outcome]) == []
