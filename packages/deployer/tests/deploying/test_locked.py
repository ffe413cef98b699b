"""A whole deploy under guard: one at a time, on record, stopped when the lock is lost."""

import json
from typing import Any

import pytest
from support.sandbox import Sandbox

from deployer.applying.attempt import Run
from deployer.deploying.deploy import make_live
from deployer.deploying.locked import LockedDeployment, locked
from deployer.deploying.release_record import Author
from deployer.errors import LockError
from deployer.guard.journal import during
from deployer.guard.last_deploy import LastDeploy, last_seen
from deployer.guard.lock_session import LockWait


def _deploy(sandbox: Sandbox, within: Any = lambda under: None) -> None:
    prepared = sandbox.prepare()
    with locked(prepared.deployment, f"deploy {sandbox.deploy_env}", LockWait()) as under:
        within(under)
        with under.recording(str(change.key) for change in prepared.plan.changes):
            make_live(prepared, "deploy", Author("tester"), Run(prepared.account.adapters, during=during))


def test_every_changing_call_is_on_record_and_the_lock_is_gone(sandbox: Sandbox) -> None:
    _deploy(sandbox)
    place = sandbox.open().lock_location()
    assert place.lock.look() is None
    found = place.journal.read()
    assert found is not None
    entries = [json.loads(line) for line in found[0].decode().splitlines()]
    sandbox.operations.clear()
    calls = [entry for entry in entries if entry["event"] == "call"]
    assert {"CreateFunction", "PublishVersion", "CreateStateMachine", "PutObject"} <= {
        call["operation"] for call in calls
    }
    assert all(call["target"] for call in calls)
    last = last_seen(place.journal).deploy
    assert last is not None
    assert (last.status, last.begun, last.in_flight, last.not_begun) == ("finished", (), (), ())
    assert sorted(last.done) == sorted(last.planned)
    assert sandbox.prepare().plan.changes == ()


def test_no_changing_call_is_made_that_is_not_on_record(sandbox: Sandbox) -> None:
    prepared = sandbox.prepare()
    sandbox.operations.clear()
    with locked(prepared.deployment, "deploy", LockWait()) as under, under.recording([]):
        make_live(prepared, "deploy", Author("tester"), Run(prepared.account.adapters))
    found = under.location.journal.read()
    assert found is not None
    recorded = [json.loads(line) for line in found[0].decode().splitlines()]
    assert sorted(entry["operation"] for entry in recorded if entry["event"] == "call") == sorted(
        sandbox.mutations
    )


def test_lost_lock_stops_the_deploy_and_the_next_one_continues(sandbox: Sandbox) -> None:
    def lose(under: LockedDeployment) -> None:
        under.held.lose("it now belongs to somebody else")

    with pytest.raises(LockError, match="the deploy lock may no longer be ours: it now belongs to somebody"):
        _deploy(sandbox, lose)
    assert sandbox.mutations == []
    seen: list[LastDeploy | None] = []
    _deploy(sandbox, lambda under: seen.append(under.last.deploy))
    assert seen[0] is not None
    assert (seen[0].status, seen[0].done) == ("failed", ())
    assert sandbox.prepare().plan.changes == ()


def test_second_deploy_of_an_environment_is_refused_before_it_begins(sandbox: Sandbox) -> None:
    begun: list[str] = []
    with (
        locked(sandbox.open(), "deploy", LockWait()),
        pytest.raises(LockError, match=r"deploy for \d+ s .*nothing was changed"),
        locked(sandbox.open(), "deploy", LockWait()),
    ):
        begun.append("second")
    assert begun == []
