"""The journal: durable before the call, few writes, one writer, and a story that anybody can read after a kill."""

import itertools
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from support.environments import ACCOUNT, BUCKETS

from deployer.errors import LockLost
from deployer.guard.calls import Call
from deployer.guard.journal import FINISHED, Journal, during
from deployer.guard.last_deploy import LastDeploy, last_seen
from deployer.guard.lock_object import GuardObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CREATE = Call("lambda", "CreateFunction", "FSA-DEV-UploadConfig")
UPDATE = Call("glue", "UpdateJob", "FSA-DEV-DATAMART-EXEC-DB-SQL")
PLANNED = [
    "function FSA-DEV-UploadConfig",
    "glue job FSA-DEV-DATAMART-EXEC-DB-SQL",
    "state machine FSA-DEV-x",
]
_numbers = itertools.count(1)


@pytest.fixture
def place(guard_s3: "S3Client") -> GuardObject:
    return GuardObject(guard_s3, BUCKETS[3], f"cars/deployments/J{next(_numbers)}/journal.jsonl", ACCOUNT)


def _clock() -> Iterator[datetime]:
    moment = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    while True:
        yield moment
        moment += timedelta(seconds=1)


def _begin(place: GuardObject, deploy: str = "d1") -> Journal:
    times = _clock()
    return Journal.begin(place, last_seen(place).etag, deploy, PLANNED, "session anna", lambda: next(times))


def _entries(place: GuardObject) -> list[dict[str, Any]]:
    found = place.read()
    assert found is not None
    return [json.loads(line) for line in found[0].decode().splitlines()]


def _last(place: GuardObject) -> LastDeploy:
    last = last_seen(place).deploy
    assert last is not None
    return last


def test_entry_is_durable_when_before_returns(place: GuardObject) -> None:
    journal = _begin(place)
    number = journal.before(CREATE)
    assert _entries(place)[-1] == {
        "number": number,
        "time": "2026-06-01T12:00:01.000+00:00",
        "deploy": "d1",
        "event": "call",
        "service": "lambda",
        "operation": "CreateFunction",
        "target": "FSA-DEV-UploadConfig",
    }


def test_killed_deploy_tells_what_was_done_in_flight_and_not_begun(place: GuardObject) -> None:
    journal = _begin(place)
    with during(PLANNED[0]):
        journal.after(journal.before(CREATE), None)
    with suppress(KeyboardInterrupt), during(PLANNED[1]):
        journal.before(UPDATE)
        raise KeyboardInterrupt
    last = _last(place)
    assert last.interrupted
    assert last.done == (PLANNED[0],)
    assert last.begun == (PLANNED[1],)
    assert last.in_flight == (UPDATE,)
    assert last.not_begun == (PLANNED[2],)
    assert last.lines() == [
        "warning: the last deploy (d1, session anna, begun 2026-06-01T12:00:00.000+00:00) was killed; "
        "its last journal entry is of 2026-06-01T12:00:04.000+00:00; the next deploy continues from there",
        f"killed deploy, done: {PLANNED[0]}",
        f"killed deploy, in progress: {PLANNED[1]}",
        "killed deploy, calls without a known result: glue UpdateJob FSA-DEV-DATAMART-EXEC-DB-SQL",
        f"killed deploy, not begun: {PLANNED[2]}",
    ]


def test_deploy_that_came_to_its_end_has_nothing_to_tell(place: GuardObject) -> None:
    assert last_seen(place).deploy is None
    journal = _begin(place)
    journal.after(journal.before(CREATE), None)
    journal.finish(FINISHED)
    assert _last(place).status == FINISHED
    assert _last(place).lines() == []


def test_next_deploy_replaces_the_journal(place: GuardObject) -> None:
    _begin(place, "d1").before(CREATE)
    _begin(place, "d2").finish(FINISHED)
    assert {entry["deploy"] for entry in _entries(place)} == {"d2"}


def test_former_owner_cannot_write_on_and_so_makes_no_call(place: GuardObject) -> None:
    slow = _begin(place, "slow")
    slow.before(CREATE)
    _begin(place, "next").before(UPDATE)
    for _ in range(2):
        with pytest.raises(LockLost, match=r"is being written by another deploy.*this call was not made"):
            slow.before(CREATE)
    assert {entry["deploy"] for entry in _entries(place)} == {"next"}


def test_write_whose_answer_was_lost_is_taken_for_our_own(
    place: GuardObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = _begin(place)
    put = place.s3.put_object

    def lost(**named: Any) -> Any:
        put(**named)
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1")

    monkeypatch.setattr(place.s3, "put_object", lost)
    with pytest.raises(EndpointConnectionError):
        journal.before(CREATE)
    monkeypatch.undo()
    journal.before(UPDATE)
    assert [entry["event"] for entry in _entries(place)] == ["begin", "call", "call"]


def test_threads_that_wait_share_one_write(place: GuardObject, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = _begin(place)
    put, calls = place.s3.put_object, 16
    waiting = threading.Barrier(calls)

    def slow(**named: Any) -> Any:
        # Until everybody else has queued up behind this first write.
        while len(journal._lines) < 1 + calls:
            threading.Event().wait(0.001)
        return put(**named)

    monkeypatch.setattr(place.s3, "put_object", slow)

    def call(number: int) -> int:
        waiting.wait(10)
        return journal.before(Call("lambda", "TagResource", f"FSA-DEV-{number}"))

    with ThreadPoolExecutor(calls) as pool:
        numbers = list(pool.map(call, range(calls)))
    assert sorted(numbers) == list(range(2, calls + 2))
    assert journal.writes <= 3
    assert len(_entries(place)) == calls + 1


def test_failed_write_stops_its_call_and_the_next_write_carries_both(
    place: GuardObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = _begin(place)

    def refused(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "later"}}, "PutObject")

    monkeypatch.setattr(place.s3, "put_object", refused)
    with pytest.raises(Exception, match="SlowDown"):
        journal.before(CREATE)
    monkeypatch.undo()
    journal.before(UPDATE)
    assert [entry.get("operation") for entry in _entries(place)] == [None, "CreateFunction", "UpdateJob"]


def test_errors_are_named_and_never_quoted(place: GuardObject) -> None:
    journal = _begin(place)
    error = ClientError({"Error": {"Code": "InvalidRequest", "Message": "password is hunter2"}}, "CreateJob")
    journal.after(journal.before(CREATE), error)
    journal.after(journal.before(UPDATE), ValueError("hunter2"))
    journal.finish("failed")
    errors = [entry["error"] for entry in _entries(place) if entry["event"] == "ended"]
    assert errors == ["InvalidRequest", "ValueError"]


def test_object_that_is_no_journal_is_ignored_and_replaced(place: GuardObject) -> None:
    place.s3.put_object(Bucket=place.bucket, Key=place.key, Body=b"edited by hand\n")
    assert last_seen(place).deploy is None
    _begin(place).before(CREATE)
    assert _last(place).in_flight == (CREATE,)


def test_failed_call_does_not_make_its_change_done(place: GuardObject) -> None:
    journal = _begin(place)
    with suppress(ValueError), during(PLANNED[0]):
        journal.after(journal.before(CREATE), "InvalidRequest")
        raise ValueError
    journal.before(UPDATE)
    assert _last(place).done == ()
    assert _last(place).begun == (PLANNED[0],)
