"""A deploy that is killed at any call is finished by the next one, with the result of an undisturbed one."""

import operator
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import pytest
from support.account import network
from support.build_output import write_builds, write_glue, write_lambda
from support.environments import ACCOUNT
from support.killed_calls import Boundary, Calls, Side, Target
from support.sandbox import Sandbox
from support.snapshots import SnapshotReader

from deployer.cli.confirm import ApplyOptions, confirm_and_deploy
from deployer.deploying.deploy import is_pending
from deployer.deploying.deployment import Prepared
from deployer.deploying.destroy import prepare_destroy
from deployer.deploying.drift import find_drift
from deployer.deploying.rollback import prepare_rollback
from deployer.guard import lock_location
from deployer.guard.lock_session import force_unlock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Act = Callable[[], None]
KILLS = 10  # of one stage in one environment
MACHINES_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{{}}/FSA-{{}}-machines"


@dataclass
class Environment:
    """One environment, which passes through all stages in order."""

    sandbox: Sandbox
    calls: Calls
    releases: list[str] = field(default_factory=list)

    @property
    def snapshot_reader(self) -> SnapshotReader:
        return SnapshotReader(self.sandbox.client, self.sandbox.deploy_env, f"{self.sandbox.deploy_env}/")

    def deploy(self, percent: int | None = None, keep: int = 10) -> None:
        self._go(self.sandbox.prepare(percent), ApplyOptions("deploy", True, keep=keep))

    def roll_back(self) -> None:
        self._go(prepare_rollback(self.sandbox.open(), self.releases[0]), ApplyOptions("rollback", True))

    def destroy(self) -> None:
        prepared = prepare_destroy(self.sandbox.open())
        if is_pending(prepared):
            confirm_and_deploy(prepared, ApplyOptions("destroy", True))

    def _go(self, prepared: Prepared, going: ApplyOptions) -> None:
        assert prepared.release is not None
        if prepared.release not in self.releases:
            self.releases.append(prepared.release)
        if is_pending(prepared):
            confirm_and_deploy(prepared, going)

    def write(self, answer: str) -> None:
        """Other code of two functions and the job."""
        build = self.sandbox.build_dir
        for package in ("lambda-download-zip", "lambda-edv-check-results"):
            write_lambda(build, package, f"def handler(event, context):\n    return '{answer}'\n")
        write_glue(build, f"print('{answer}')\n")


def first(environment: Environment) -> Act:
    """Everything is made."""
    sandbox, name = environment.sandbox, environment.sandbox.deploy_env
    sandbox.changes |= {
        "env": name.lower(),  # names the databases, too
        "artifacts": {"prefix": f"{name}/"},
        "stepFunctions": {"roleArn": MACHINES_ROLE.format("first", name), "createRoleIfMissing": "true"},
        "GlueJobParameters": {
            "Connections": [{"ConnectionName": "FSA-CERT-PG-DART114"}, _network(environment)]
        },
        "tags": {"team": "a", "kind": "b"},
    }
    return environment.deploy


def _network(environment: Environment) -> dict[str, str]:
    """The ids of one network serve all environments: their digits would differ otherwise."""
    if not _made:
        _made.update(network(environment.sandbox.client, "name"))
    return {**_made, "ConnectionName": f"FSA-{environment.sandbox.deploy_env}-NETWORK"}


_made: dict[str, str] = {}


def updated(environment: Environment) -> Act:
    """Code, variables, policies, definition, retention, tags, schedule."""
    environment.write("second")
    environment.sandbox.changes |= {
        "lambdaEnv": {"EXTRA": "2"},
        "secretName": "fsa-cert/cars/other",
        "logRetentionDays": 30,
        "tags": {"team": "b"},
        "schedule": "cron(0 11 * * ? *)",
    }
    parameters = environment.sandbox.changes["GlueJobParameters"]
    environment.sandbox.changes["GlueJobParameters"] = {**parameters, "MaxConcurrency": "5"}
    return environment.deploy


def replaced(environment: Environment) -> Act:
    """The machine's role is replaced, the schedule goes with its role, group and queue, and so does a connection."""
    name = environment.sandbox.deploy_env
    environment.sandbox.changes |= {
        "stepFunctions": {"roleArn": MACHINES_ROLE.format("second", name), "createRoleIfMissing": "true"},
        "GlueJobParameters": {"Connections": [{"ConnectionName": "FSA-CERT-PG-DART114"}]},
        "schedule": None,
    }
    return environment.deploy


def rolled_back(environment: Environment) -> Act:
    """The first release comes back."""
    return environment.roll_back


def canary(environment: Environment) -> Act:
    """New code for some of the executions."""
    environment.write("third")
    return lambda: environment.deploy(percent=10)


def pruned(environment: Environment) -> Act:
    """New code for all of them, and no release but this one."""
    environment.write("fourth")
    return lambda: environment.deploy(keep=1)


def destroyed(environment: Environment) -> Act:
    """Only objects are left."""
    return environment.destroy


STAGES = (first, updated, replaced, rolled_back, canary, pruned, destroyed)


@dataclass(frozen=True)
class Undisturbed:
    """Calls and result of a stage without a kill."""

    calls: tuple[Boundary, ...]
    snapshot: list[str]


@pytest.fixture
def environments(
    aws: Any,
    build_dir: Any,
    recorded_clients: Any,
    guard_s3: "S3Client",
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], Any]:
    """Makes environments that are watched call by call, lock and journal included."""
    monkeypatch.setattr(lock_location, "brisk_s3", lambda _: guard_s3)
    clients, operations = recorded_clients
    emitters = [
        clients.session.events,
        *(client.meta.events for client in clients.made()),
        guard_s3.meta.events,
    ]
    aws.client("secretsmanager").create_secret(Name="fsa-cert/cars/other", SecretString="{}")
    numbers = iter(range(1000, 10000))

    @contextmanager
    def make() -> Iterator[Environment]:
        name = f"K{next(numbers)}"
        write_builds(build_dir)
        sandbox = Sandbox(name, build_dir, aws, clients, operations, asked="other")
        with Calls(name).watching(emitters) as calls:
            yield Environment(sandbox, calls)

    return make


def test_killed_deploy_is_finished_by_the_next_one(environments: Callable[[], Any]) -> None:
    """Killed after one call of each kind that cannot simply be made again, in the life of one environment.

    What is made again without harm (tags, settings, the same object) is left to the exhaustive test.
    """
    with environments() as undisturbed:
        expected = [_undisturbed(undisturbed, stage) for stage in STAGES]
    left = _one_of_each_kind(expected, _kind_of_no_return)
    assert sum(map(len, left)) > 30
    assert all(left)
    while any(left):
        with environments() as environment:
            _live(environment, expected, left)


@pytest.mark.exhaustive
def test_deploy_killed_at_any_kind_of_call_is_finished_by_the_next_one(
    environments: Callable[[], Any], pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    """Environments pass through the stages, each of them killed, until no boundary is left.

    The deploy that continues is killed as well, at a later call; only the last one finishes.
    """
    every = _stages(pytestconfig.getoption("boundaries"))
    with environments() as undisturbed:
        expected = [_undisturbed(undisturbed, stage) for stage in STAGES]
    kind = operator.attrgetter("kind")
    left = _both_sides(expected, every) if every else _one_of_each_kind(expected, kind)
    count = sum(map(len, left))
    assert every or count > 40
    while any(left):
        with environments() as environment:
            _live(environment, expected, left)
        with capsys.disabled():
            print(f"\n{count - sum(map(len, left))} of {count} boundaries", end="", flush=True)
    with capsys.disabled():
        print(f"\nkilled at {count} boundaries of {len(every or STAGES)} stages")


def _live(environment: Environment, expected: Sequence[Undisturbed], left: list[list[Target]]) -> None:
    """As many stages as have boundaries left; those that were met are taken off the list."""
    last = max(number for number, targets in enumerate(left) if targets)
    for stage, wanted, targets in zip(STAGES[: last + 1], expected, left, strict=False):
        died = _survive(environment, stage(environment), targets[:KILLS])
        assert died or not targets or targets[0].is_of_the_guard, f"{targets[0]} was never called"
        targets[:] = [target for target in targets[1:] if target not in died]
        if died:
            _compare(environment, wanted, stage, died)
    environment.destroy()


def _undisturbed(environment: Environment, stage: Callable[[Environment], Act]) -> Undisturbed:
    calls = environment.calls.of(stage(environment))
    return Undisturbed(tuple(calls), environment.snapshot_reader())


def _stages(names: str) -> set[str]:
    """The stages that `--boundaries` names."""
    known = {stage.__name__ for stage in STAGES}
    found = known if names == "all" else set(filter(None, names.split(",")))
    assert found <= known, f"--boundaries {names}: the stages are {', '.join(sorted(known))} and all"
    return found


def _both_sides(stages: Sequence[Undisturbed], names: set[str]) -> list[list[Target]]:
    """For each of the named stages both sides of every call."""
    return [
        [Target(boundary, side) for boundary in dict.fromkeys(found.calls) for side in Side]
        if stage.__name__ in names
        else []
        for stage, found in zip(STAGES, stages, strict=True)
    ]


# AWS refuses these when they come twice, or makes another one.
_NOT_TWICE = ("Create", "Publish", "Delete")
# After one of these a change is half made: the code is new and the settings are old, or half of the aliases are moved.
_HALF = {"UpdateFunctionCode", "UpdateAlias"}


def _kind_of_no_return(boundary: Boundary) -> Hashable:
    """The kind of a call that the next deploy must not just repeat; None of any other. Zips and wheels are of one kind."""
    if boundary.service == "s3" and not boundary.is_of_the_guard:
        kept = re.search("deployments/.*/", boundary.target)  # the record of the release
        return boundary.operation, kept[0] if kept else "artifact"
    is_one = (
        boundary.is_of_the_guard or boundary.operation.startswith(_NOT_TWICE) or boundary.operation in _HALF
    )
    return boundary.kind if is_one else None


def _one_of_each_kind(
    stages: Sequence[Undisturbed], kind_of: Callable[[Boundary], Hashable]
) -> list[list[Target]]:
    """The far side of one call of each kind, in one of the stages; calls without a kind are left out.

    The state before a call is that after the one before, so that boundaries after calls cover every state.
    """
    calls = [list(dict.fromkeys(stage.calls)) for stage in stages]
    chosen: list[list[Target]] = [[] for _ in stages]
    by_kind = [{kind_of(boundary): boundary for boundary in reversed(found)} for found in calls]
    kinds = {kind for found in by_kind for kind in found} - {None}
    for kind in sorted(kinds, key=lambda kind: (sum(kind in found for found in by_kind), str(kind))):
        possible = (number for number, found in enumerate(by_kind) if kind in found)
        number = min(possible, key=lambda number: len(chosen[number]))
        chosen[number].append(Target(by_kind[number][kind], Side.AFTER))
    return [
        sorted(targets, key=lambda target: found.index(target.boundary))
        for targets, found in zip(chosen, calls, strict=True)
    ]


def _survive(environment: Environment, act: Act, targets: Sequence[Target]) -> list[Target]:
    """Kills the act until no target is reached, and lets it come to its end; those at which it died."""
    died: list[Target] = []
    while met := _killed(environment, act, set(targets) - set(died)):
        died += met
    return died


def _killed(environment: Environment, act: Act, targets: set[Target]) -> list[Target]:
    """Where the act died. Then the journal knows what was in flight, and the lock is taken away."""
    met = environment.calls.killed(act, targets)
    if not met:
        return []
    deployment = environment.sandbox.open()
    last = deployment.last_deploy()
    for target in met:
        if not target.is_of_the_guard:
            assert last.deploy is not None
            assert last.interrupted
            operations = {(call.service, call.operation) for call in last.deploy.in_flight}
            assert (target.boundary.service, target.boundary.operation) in operations
    lock = deployment.lock_location().lock
    if (held := lock.look()) is not None:
        force_unlock(lock, held, force=True)
    return met


def _compare(environment: Environment, expected: Undisturbed, stage: Any, died: Sequence[Target]) -> None:
    """As without a kill: the same resources, nothing to do, no drift."""
    where = f"{stage.__name__} killed {', '.join(map(str, died))}"
    sandbox = environment.sandbox
    found = environment.snapshot_reader()
    different = [
        f"{line} instead of {wanted}"
        for line, wanted in zip_longest(found, expected.snapshot)
        if line != wanted
    ]
    assert not different, f"{where}: {different[:6]}"
    assert sandbox.open().lock_location().lock.look() is None, where
    if stage is pruned:
        assert find_drift(sandbox.open()).findings == (), where
    assert not _pending(environment, stage), where


def _pending(environment: Environment, stage: Callable[[Environment], Act]) -> bool:
    """Whether the same command would have anything left to do."""
    if stage is destroyed:
        return is_pending(prepare_destroy(environment.sandbox.open()))
    if stage is rolled_back:
        return is_pending(prepare_rollback(environment.sandbox.open(), environment.releases[0]))
    return is_pending(environment.sandbox.prepare(10 if stage is canary else None))
