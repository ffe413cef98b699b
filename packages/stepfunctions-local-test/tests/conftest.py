import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from local_aws.server import LocalAws
from local_aws.testing.functions import Functions
from local_aws.testing.glue import Glue
from local_aws.testing.roles import make_role
from stepfunctions_local_test.engines import embedded, engine_of
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


@dataclass(frozen=True)
class SharedAws:
    """Replaces `LocalAws` in the embedded engine: one server with virtual time, empty again after each run."""

    aws: LocalAws
    config: Path

    @contextmanager
    def __call__(self, *, virtual_time: bool, mock_config: Path) -> Iterator[LocalAws]:
        assert virtual_time
        shutil.copy(mock_config, self.config)  # the server reads it at every start of an execution
        try:
            yield self.aws
        finally:
            states, iam = self.aws.client("stepfunctions"), self.aws.client("iam")
            for machine in states.list_state_machines()["stateMachines"]:
                states.delete_state_machine(stateMachineArn=machine["stateMachineArn"])
            iam.delete_role(RoleName=embedded.ROLE)


@pytest.fixture(scope="session")
def shared_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedAws]:
    config = tmp_path_factory.mktemp("mocks") / "mock-config.json"
    config.write_text('{"StateMachines": {}, "MockedResponses": {}}')
    with LocalAws(virtual_time=True, mock_config=config) as aws:
        yield SharedAws(aws, config)


@pytest.fixture(scope="session")
def shared_engine(shared_aws: SharedAws) -> Iterator[None]:
    """Runs of the embedded engine share a server: the start of one takes longer than most runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "LocalAws", shared_aws)
        yield


@pytest.fixture
def own_server(shared_engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of this test start a server each, as the program does."""
    monkeypatch.setattr(embedded, "LocalAws", LocalAws)


Outcomes = dict[str, Outcome]


def by_name(made: Made) -> Outcomes:
    return {outcome.scenario.name: outcome for outcome in run([made.suite], engine_of("embedded"))}


@pytest.fixture(scope="session")
def run_made(shared_engine: None) -> Callable[[Made], Outcomes]:
    """Runs a suite on the embedded engine; outcomes by the name of their scenario."""
    return by_name


@pytest.fixture(scope="session")
def asked(shared_engine: None) -> Outcomes:
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
