"""The lock in a real bucket of the local AWS: taking, waiting, keeping, giving back, and every refusal."""

import itertools
import json
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from support.environments import ACCOUNT, BUCKETS

from deployer.errors import LockError, LockLost
from deployer.guard.lock_object import GuardObject, LockObject
from deployer.guard.lock_protocol import Get, LeaseTimes, Put, Written, beat, release
from deployer.guard.lock_record import Holder
from deployer.guard.lock_session import LockWait, force_unlock, hold, take
from deployer.guard.signals import Stop

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from local_aws.server import LocalAws

BUCKET = BUCKETS[3]
ANNA = Holder(
    "role Deployer, session anna",
    "anna",
    "build-1",
    17,
    "https://ci.example.com/job/deploy/42/",
    "deploy DEV",
)
BERT = Holder("role Deployer, session bert", "bert", "build-2", 18, None, "deploy DEV")
_numbers = itertools.count(1)


@pytest.fixture
def lock(guard_s3: "S3Client") -> LockObject:
    key = f"cars/deployments/L{next(_numbers)}/lock.json"
    return LockObject(GuardObject(guard_s3, BUCKET, key, ACCOUNT))


@dataclass
class FakeTime:
    """A clock that moves only when somebody sleeps."""

    now: float = 0.0
    said: list[str] = field(default_factory=list)
    while_asleep: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.while_asleep()

    def wait(self, timeout: float = 0.0) -> LockWait:
        return LockWait(timeout, self.said.append, lambda: self.now, self.sleep)


def _age(lock: LockObject, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Makes every object look that much older, by S3's own clock."""
    read = GuardObject.read

    def older(self: GuardObject) -> tuple[bytes, str, float] | None:
        found = read(self)
        return found and (found[0], found[1], found[2] + seconds)

    monkeypatch.setattr(GuardObject, "read", older)


def _raw(lock: LockObject) -> Any:
    return json.loads(lock.object.s3.get_object(Bucket=BUCKET, Key=lock.object.key)["Body"].read())


def test_lock_is_there_while_held_and_gone_afterwards(lock: LockObject) -> None:
    with hold(lock, ANNA, LockWait()) as held:
        held.check()
        assert _raw(lock)["holder"]["build_url"] == ANNA.build_url
    assert lock.look() is None


def test_second_deploy_is_refused_with_the_holder_and_the_ways_out(lock: LockObject) -> None:
    with hold(lock, ANNA, LockWait()), pytest.raises(LockError) as raised:
        take(lock, BERT, LockWait())
    message = str(raised.value)
    assert (
        "session anna (anna on build-1, process 17, build https://ci.example.com/job/deploy/42/)" in message
    )
    assert "deploy DEV for 0 s (last heartbeat 0 s ago, lease 2 min 0 s)" in message
    assert "nothing was changed" in message
    assert "--lock-timeout SECONDS" in message
    assert "unlock" in message


def test_waiting_ends_with_the_lock_once_it_is_released(lock: LockObject) -> None:
    clock = FakeTime()
    first = take(lock, ANNA, LockWait())
    clock.while_asleep = lambda: None if clock.now < 60 else _ignore(lock.run(release(first)))
    take(lock, BERT, clock.wait(300)).check()
    assert 60 <= clock.now < 75
    assert clock.said[0].startswith(
        "waiting for the deploy lock, 0 s of 5 min 0 s: role Deployer, session anna"
    )
    assert 2 <= len(clock.said) <= 3


def _ignore(_: object) -> None:
    return None


def test_waiting_ends_with_a_refusal_after_the_timeout(lock: LockObject) -> None:
    clock = FakeTime()
    take(lock, ANNA, LockWait())
    with pytest.raises(LockError, match="after 20 s: role Deployer, session anna"):
        take(lock, BERT, clock.wait(20))
    assert clock.now == pytest.approx(20)


def test_expired_lock_is_taken_over_and_the_slow_owner_notices(
    lock: LockObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = take(lock, ANNA, LockWait())
    _age(lock, monkeypatch, 126)
    take(lock, BERT, LockWait()).check()
    monkeypatch.undo()
    lock.run(beat(slow, lambda: 0.0))
    with pytest.raises(LockLost, match="it now belongs to role Deployer, session bert"):
        slow.check()
    assert not lock.run(release(slow))
    assert _raw(lock)["holder"]["user"] == "bert"


def test_lock_is_not_taken_over_a_moment_before_it_expires(
    lock: LockObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(lock, ANNA, LockWait())
    _age(lock, monkeypatch, 119)
    with pytest.raises(LockError, match="another deploy has the lock"):
        take(lock, BERT, LockWait())


def test_owner_stops_well_before_its_lease_ends(lock: LockObject) -> None:
    clock = FakeTime()
    held = take(lock, ANNA, clock.wait(), LeaseTimes(lease=120, margin=75))
    clock.now = 44
    held.check()
    clock.now = 45
    held.heartbeat_failed("Could not connect to the endpoint URL")
    with pytest.raises(LockLost) as raised:
        held.check()
    assert "its last heartbeat arrived 45 s ago (Could not connect" in str(raised.value)
    assert "run deploy again" in str(raised.value)
    lock.run(beat(held, lambda: clock.now))
    held.check()


def test_heartbeat_thread_keeps_the_lock_alive(lock: LockObject, monkeypatch: pytest.MonkeyPatch) -> None:
    beaten = threading.Event()
    write = lock.object.s3.put_object

    def put(**named: Any) -> Any:
        if json.loads(named["Body"])["beat"] >= 3:
            beaten.set()
        return write(**named)

    monkeypatch.setattr(lock.object.s3, "put_object", put)
    with hold(lock, ANNA, LockWait(), LeaseTimes(beat=0.001)) as held:
        assert beaten.wait(10)
        held.check()
    assert lock.look() is None


def test_heartbeat_whose_answer_was_lost_is_found_again(lock: LockObject) -> None:
    held = take(lock, ANNA, FakeTime().wait())
    assert isinstance(lock.answer(Put(held.beaten(1.0), held.etag)), Written)
    lock.run(beat(held, lambda: 2.0))
    held.check()
    assert lock.run(release(held))
    assert lock.look() is None


def test_taking_it_twice_because_the_first_answer_was_lost(lock: LockObject) -> None:
    from deployer.guard.lock_protocol import acquire

    steps = acquire("mine", ANNA, LeaseTimes(), lambda: 0.0)
    first = next(steps)
    assert isinstance(lock.answer(first), Written)
    look = steps.send(lock.answer(first))
    assert isinstance(look, Get)
    with pytest.raises(StopIteration) as end:
        steps.send(lock.answer(look))
    end.value.value.check()


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_lock_is_released_whatever_ends_the_deploy(lock: LockObject, error: type[BaseException]) -> None:
    with pytest.raises(error), hold(lock, ANNA, LockWait()):
        raise error
    assert lock.look() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_while_the_lock_is_held_only_asks_to_stop(lock: LockObject, number: signal.Signals) -> None:
    before, stop = signal.getsignal(number), Stop()
    with hold(lock, ANNA, LockWait(), stop=stop):
        signal.raise_signal(number)
        assert stop.asked()
        assert lock.look() is not None
    assert lock.look() is None
    assert signal.getsignal(number) == before


def test_sigterm_ends_the_waiting_for_the_lock(lock: LockObject) -> None:
    take(lock, ANNA, LockWait())
    waiting = LockWait(60, sleep=lambda _: signal.raise_signal(signal.SIGTERM))
    with pytest.raises(KeyboardInterrupt), hold(lock, BERT, waiting):
        pytest.fail("it is held by another")
    assert "session anna" in str(lock.look())


def test_ctrl_c_while_taking_it_leaves_no_lock(lock: LockObject, monkeypatch: pytest.MonkeyPatch) -> None:
    write = lock.object.s3.put_object

    def put(**named: Any) -> Any:
        write(**named)
        raise KeyboardInterrupt

    monkeypatch.setattr(lock.object.s3, "put_object", put)
    with pytest.raises(KeyboardInterrupt):
        take(lock, ANNA, LockWait())
    assert lock.look() is None


def test_without_permission_to_delete_the_lock_is_marked_as_released(
    lock: LockObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DeleteObject")

    monkeypatch.setattr(lock.object.s3, "delete_object", denied)
    with hold(lock, ANNA, LockWait()):
        pass
    assert _raw(lock)["released"] is True
    with hold(lock, BERT, LockWait()) as held:
        held.check()
    assert "session bert" in str(lock.look())
    assert str(lock.look()).startswith("released 0 s ago by")


def test_versioned_bucket_takes_and_releases_again_and_again(lock: LockObject, aws: "LocalAws") -> None:
    bucket = "fsa-test-cars-versioned"
    aws.client("s3").create_bucket(Bucket=bucket)
    aws.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    versioned = LockObject(replace(lock.object, bucket=bucket))
    for holder in (ANNA, BERT):
        with hold(versioned, holder, LockWait()) as held:
            versioned.run(beat(held, lambda: 0.0))
        assert versioned.look() is None


def test_unlock_refuses_a_living_lock_and_removes_it_by_force(lock: LockObject) -> None:
    take(lock, ANNA, LockWait())
    seen = lock.look()
    assert seen is not None
    with pytest.raises(
        LockError, match=r"is not left behind: role Deployer, session anna .* --force removes it"
    ):
        force_unlock(lock, seen)
    force_unlock(lock, seen, force=True)
    assert lock.look() is None


def test_unlock_removes_an_expired_lock(lock: LockObject, monkeypatch: pytest.MonkeyPatch) -> None:
    take(lock, ANNA, LockWait())
    _age(lock, monkeypatch, 126)
    seen = lock.look()
    assert seen is not None
    assert "(expired, last heartbeat 2 min" in str(seen)
    force_unlock(lock, seen)
    assert lock.look() is None


def test_unlock_does_not_remove_a_lock_that_it_did_not_show(lock: LockObject) -> None:
    held = take(lock, ANNA, LockWait())
    seen = lock.look()
    assert seen is not None
    lock.run(beat(held, lambda: 1.0))
    with pytest.raises(LockError, match=r"changed since it was shown.*run unlock again"):
        force_unlock(lock, seen, force=True)
    assert lock.look() is not None


def test_damaged_lock_is_removed_with_force_only(lock: LockObject) -> None:
    lock.object.s3.put_object(Bucket=BUCKET, Key=lock.object.key, Body=b'{"token": 1}')
    with pytest.raises(LockError) as raised:
        take(lock, ANNA, LockWait(timeout=60))
    assert f"unlock --force, or aws s3 rm s3://{BUCKET}/{lock.object.key}" in str(raised.value)
    seen = lock.look()
    assert seen is not None
    with pytest.raises(LockError, match=r"a damaged lock object, written \d+ s ago"):
        force_unlock(lock, seen)
    force_unlock(lock, seen, force=True)
    take(lock, ANNA, LockWait()).check()


def test_missing_bucket_is_named_with_the_key_of_the_file(lock: LockObject) -> None:
    nowhere = LockObject(replace(lock.object, bucket="fsa-test-nowhere"))
    with pytest.raises(LockError, match=r"artifacts\.artifactBucket: bucket fsa-test-nowhere does not exist"):
        take(nowhere, ANNA, LockWait())
    with pytest.raises(LockError, match="does not exist"):
        nowhere.look()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("AccessDenied", "does not belong to account 111122223333 .* or the credentials lack s3:PutObject"),
        ("PermanentRedirect", "is in another region; set bucketRegion"),
        ("NotImplemented", "NotImplemented"),
    ],
)
def test_refusals_of_s3_name_the_object_and_the_way_out(lock: LockObject, code: str, text: str) -> None:
    with Stubber(lock.object.s3) as stub:
        stub.add_client_error("put_object", code, http_status_code=403)
        stub.add_client_error("put_object", code, http_status_code=403)
        with pytest.raises(LockError, match=f"s3://{BUCKET}/{lock.object.key}: .*{text}"):
            take(lock, ANNA, LockWait())


def test_expected_owner_goes_with_every_request(lock: LockObject) -> None:
    asked: list[str] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        asked.append(f"{model.name} {params['ExpectedBucketOwner']}")

    lock.object.s3.meta.events.register("provide-client-params", note)
    lock.run(release(take(lock, ANNA, LockWait())))
    lock.look()
    lock.object.s3.meta.events.unregister("provide-client-params", note)
    assert asked == [f"{name} {ACCOUNT}" for name in ("PutObject", "DeleteObject", "GetObject")]


def test_margin_is_longer_than_one_attempt_of_any_client(recorded_clients: Any, guard_s3: "S3Client") -> None:
    clients, _ = recorded_clients
    for client in (clients.s3, clients.iam, clients.functions, clients.glue, clients.logs, clients.states):
        config = client.meta.config
        assert config.connect_timeout + config.read_timeout < LeaseTimes().margin
    brisk: Any = guard_s3.meta.config
    longest = brisk.retries["total_max_attempts"] * (brisk.connect_timeout + brisk.read_timeout)
    assert longest + LeaseTimes().beat < LeaseTimes().lease - LeaseTimes().margin


def test_threads_that_want_one_lock_have_it_one_at_a_time(lock: LockObject) -> None:
    """The same protocol with real threads against a real endpoint; half of them are slow, so their locks expire."""
    times = LeaseTimes(lease=-10.0, margin=-60.0)
    inside, most, done = [0], [0], []
    counting = threading.Lock()

    def deploy(number: int) -> None:
        holder = replace(BERT, pid=number)
        held = take(lock, holder, LockWait(30.0, sleep=lambda _: None), LeaseTimes() if number % 2 else times)
        with counting:
            inside[0] += number % 2
            most[0] = max(most[0], inside[0])
        if number % 2:
            held.check()
            with counting:
                inside[0] -= 1
            assert lock.run(release(held))
        done.append(number)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(deploy, range(12)))
    assert sorted(done) == list(range(12))
    assert most == [1]
