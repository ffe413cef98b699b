"""Apply: order, patience, and work that is found half done."""

import threading
from collections.abc import Iterable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deployer.applying.apply import apply
from deployer.applying.attempt import Listener, Outcome, Run
from deployer.aws.transient_errors import PAUSES, TransientError
from deployer.errors import ApplyError
from deployer.model.resources import (
    Document,
    FunctionAlias,
    FunctionVersion,
    LogGroup,
    MachineAlias,
    MachineVersion,
    Resource,
    Role,
    StateMachine,
    key_of,
    ownership,
)
from deployer.planning.dependencies import dependencies
from deployer.planning.plan import Create, Delete, Plan, diff

TAGS = ownership("CERT")
ROLE = Role("r", "/", Document("{}"), {}, TAGS)
GROUP = LogGroup("g", 90, TAGS)
VERSION = FunctionVersion("f", "0" * 16)
ARN = "arn:aws:lambda:us-east-1:111122223333:function:f"
MACHINE = StateMachine(
    name="m",
    role="arn:aws:iam::111122223333:role/r",
    definition=Document(f'{{"call": "{ARN}:v-{"0" * 16}"}}'),
    log_group="g",
    log_level="ERROR",
    log_data=False,
    tracing=True,
    tags=TAGS,
)
REVISION = MachineVersion("m", "1" * 16)
LIVE_MACHINE = MachineAlias("m", {"1" * 16: 100}, TAGS)
LIVE_FUNCTION = FunctionAlias("f", "0" * 16, TAGS)
WORLD: tuple[Resource, ...] = (LIVE_FUNCTION, LIVE_MACHINE, REVISION, MACHINE, VERSION, GROUP, ROLE)


def error(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Call")


class Shelf:
    """An adapter that keeps resources in a dictionary and fails as told: errors by number of the call."""

    def __init__(self, have: Iterable[Resource] = (), errors: dict[int, ClientError] | None = None) -> None:
        self.have: dict[str, Any] = {resource.name: resource for resource in have}
        self.errors = errors or {}
        self.calls: list[str] = []
        self._lock = threading.Lock()

    def candidates(self, prefix: str) -> Iterable[str]:
        return self.have

    def read(self, name: str) -> Any:
        return self.have.get(name)

    def create(self, want: Any) -> None:
        self._call(f"create {want.name}")
        self.have[want.name] = want

    def update(self, have: Any, want: Any) -> None:
        self._call(f"update {want.name}")
        self.have[want.name] = want

    def delete(self, have: Any) -> None:
        self._call(f"delete {have.name}")
        del self.have[have.name]

    def _call(self, what: str) -> None:
        with self._lock:
            self.calls.append(what)
            failure = self.errors.get(len(self.calls))
        if failure:
            raise failure


class Clock:
    """Pauses that take no time."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def run_of(shelf: Shelf, clock: Clock | None = None, **listening: Any) -> Run:
    adapters = {type(resource): shelf for resource in WORLD}
    return Run(adapters, Listener(**listening), sleep=(clock or Clock()).sleep)


def test_what_is_needed_is_made_first_and_aliases_last() -> None:
    order: list[str] = []
    shelf = Shelf()
    apply(diff(WORLD, {}), run_of(shelf, finished=lambda outcome: order.append(str(outcome.change.key))))
    position = {name: index for index, name in enumerate(order)}
    for first, then in [
        ("role r", "state machine m"),
        ("log group g", "state machine m"),
        (f"function version {VERSION.name}", "state machine m"),
        ("state machine m", f"state machine version {REVISION.name}"),
        (f"state machine version {REVISION.name}", "state machine alias m:live"),
        (f"state machine version {REVISION.name}", "function alias f:live"),
    ]:
        assert position[first] < position[then], (first, then)
    assert shelf.have.keys() == {resource.name for resource in WORLD}


def test_independent_changes_run_side_by_side() -> None:
    groups = [LogGroup(f"g{number}", 90, TAGS) for number in range(4)]
    together = threading.Barrier(4, timeout=10)

    class Meeting(Shelf):
        def create(self, want: Any) -> None:
            together.wait()
            super().create(want)

    assert len(apply(diff(groups, {}), run_of(Meeting()))) == 4


def test_deletions_come_last_and_dependent_resources_first() -> None:
    plan = Plan((Delete(ROLE), Delete(MACHINE), Create(GROUP)))
    before = dependencies(plan.changes)
    assert before[key_of(MACHINE)] == {key_of(GROUP)}
    assert before[key_of(ROLE)] == {key_of(GROUP), key_of(MACHINE)}


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        ("ThrottlingException", "Rate exceeded", TransientError.THROTTLED),
        ("ResourceConflictException", "an update is in progress for resource f", TransientError.BUSY),
    ],
)
def test_throttling_and_updates_in_progress_are_retried(
    code: str, message: str, reason: TransientError
) -> None:
    shelf, clock, waits = Shelf(errors={1: error(code, message), 2: error(code, message)}), Clock(), []
    apply(diff([GROUP], {}), run_of(shelf, clock, waiting=lambda *words: waits.append(words[1])))
    assert shelf.have == {"g": GROUP}
    assert waits == [reason, reason]
    assert len(clock.pauses) == 2
    assert all(
        0.75 * pause <= slept <= 1.25 * pause
        for pause, slept in zip(PAUSES[reason], clock.pauses, strict=False)
    )


def test_patience_ends_with_the_error_itself() -> None:
    limit = len(PAUSES[TransientError.THROTTLED])
    shelf = Shelf(errors={number: error("ThrottlingException") for number in range(1, 50)})
    with pytest.raises(ApplyError, match=r"failed: log group g: .*ThrottlingException"):
        apply(diff([GROUP], {}), run_of(shelf))
    assert len(shelf.calls) == limit + 1


def test_a_verdict_is_not_tried_again() -> None:
    shelf = Shelf(errors={1: error("ValidationException", "no")})
    with pytest.raises(ApplyError):
        apply(diff([GROUP], {}), run_of(shelf))
    assert shelf.calls == ["create g"]


def test_only_a_role_of_ours_is_waited_for() -> None:
    unseen = error("AccessDeniedException", "the service is not authorized to assume the provided role")
    world = {key_of(item): item for item in (GROUP, VERSION, ROLE)}
    patient = Shelf(errors={1: unseen})
    apply(diff([MACHINE, GROUP, VERSION, ROLE], world), run_of(patient))
    assert patient.have["m"] == MACHINE
    with pytest.raises(ApplyError, match="not authorized to assume"):
        apply(diff([MACHINE, GROUP, VERSION], world), run_of(Shelf(errors={1: unseen})))


def test_a_create_whose_resource_exists_is_done_or_becomes_an_update() -> None:
    there = error("ResourceAlreadyExistsException", "it exists")
    same = Shelf([GROUP], {1: there})
    apply(diff([GROUP], {}), run_of(same))
    assert same.calls == ["create g"]
    other = Shelf([LogGroup("g", 1, TAGS)], {1: there})
    apply(diff([GROUP], {}), run_of(other))
    assert other.calls == ["create g", "update g"]
    assert other.have == {"g": GROUP}


def test_after_a_failure_nothing_that_depends_on_it_is_begun() -> None:
    shelf = Shelf(errors={1: error("LimitExceeded", "too many")})
    outcomes: list[Outcome] = []
    with pytest.raises(ApplyError) as raised:
        apply(diff([ROLE, MACHINE], {}), run_of(shelf, finished=outcomes.append))
    assert shelf.calls == ["create r"]
    assert "not started: state machine m" in str(raised.value)
