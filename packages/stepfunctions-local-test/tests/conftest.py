from collections.abc import Callable, Iterator

import pytest

from local_aws.server import LocalAws
from local_aws.testing.functions import Functions
from local_aws.testing.glue import Glue
from local_aws.testing.roles import make_role
from stepfunctions_local_test.engines import engine_of
from stepfunctions_local_test.running import Outcome, run

from .machines import Made, returns, throws

ROLES = {"glue": "glue", "lambda": "lambda", "states": "states", "states2": "states"}


@pytest.fixture(scope="session")
def aws() -> Iterator[LocalAws]:
    """One local AWS for all tests with a role for each service; a minute of a Glue timeout lasts a second."""
    with LocalAws(seconds_per_minute=1.0) as aws:
        for name, service in ROLES.items():
            make_role(aws, name, service)
        yield aws


@pytest.fixture(scope="session")
def glue(aws: LocalAws) -> Glue:
    glue = Glue(aws)
    glue.s3.create_bucket(Bucket="glue-bucket")
    return glue


@pytest.fixture(scope="session")
def functions(aws: LocalAws) -> Functions:
    return Functions(aws)


Outcomes = dict[str, Outcome]


def by_name(made: Made) -> Outcomes:
    return {outcome.scenario.name: outcome for outcome in run([made.suite], engine_of("embedded"))}


@pytest.fixture(scope="session")
def run_made() -> Callable[[Made], Outcomes]:
    """Runs a suite on the embedded engine; outcomes by the name of their scenario."""
    return by_name


@pytest.fixture(scope="session")
def asked() -> Outcomes:
    """Runs of the small machine, one for each thing that it can do."""
    made = Made()
    made.add("default", {"Ask": {"0": returns(value=5)}})
    made.add("below-zero", {"Ask": {"0": returns(value=-1)}})
    made.add("busy-once", {"Ask": {"0": throws("Busy"), "1": returns(value=5)}})
    made.add("busy-for-ever", {"Ask": {"0-2": throws("Busy")}})
    made.add("slow", {"Ask": {"0": throws("States.Timeout"), "1": returns(value=5)}})
    made.add("really-slow", {"Ask": {"0-1": returns(value=5)}}, takes={"Ask": 11})
    made.add("known", {"Ask": {"0": throws("Known")}})
    items = {"items": ["a", "b", "c"]}
    made.add(
        "three-items",
        {"Ask": {"0": returns(value=11)}, "Call": {"0": returns(), "1": throws("Known"), "2": returns()}},
        items,
        one_at_a_time=True,
    )
    made.add("items-at-once", {"Ask": {"0": returns(value=11)}, "Call": {"0-2": returns()}}, items)
    made.add("item-breaks", {"Ask": {"0": returns(value=11)}, "Call": {"0-2": throws("Other")}}, items)
    return by_name(made)
