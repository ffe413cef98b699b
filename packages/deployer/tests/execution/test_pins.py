"""Which release running executions read, from their own history."""

from support.running import create_machine, definition, start
from support.sandbox import Sandbox

from deployer.execution.pins import pinned_releases


def test_running_executions_are_found_with_the_release_of_their_plan(sandbox: Sandbox) -> None:
    machine = create_machine(sandbox.client, sandbox.name("CARS-EDV-Pipeline"), "r1")
    states = sandbox.client("stepfunctions")
    first = start(sandbox.client, machine, "first")
    states.update_state_machine(stateMachineArn=machine, definition=definition("r2"))
    others = [start(sandbox.client, machine, name) for name in ("second", "third")]
    try:
        assert pinned_releases(sandbox.clients.states, machine) == {
            "r1": ("first",),
            "r2": ("second", "third"),
        }
        states.stop_execution(executionArn=first)
        assert pinned_releases(sandbox.clients.states, machine).keys() == {"r2"}
    finally:
        for arn in (first, *others):
            states.stop_execution(executionArn=arn)
    assert pinned_releases(sandbox.clients.states, machine) == {}


def test_a_machine_that_is_not_deployed_runs_nothing(sandbox: Sandbox) -> None:
    names = sandbox.open().names
    assert pinned_releases(sandbox.clients.states, names.machine_arn(names.edv_pipeline)) == {}
