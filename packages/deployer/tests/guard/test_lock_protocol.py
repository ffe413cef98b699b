"""Never two owners: every interleaving of a slow owner, an expired lock and two waiters; and proof that it would show."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.lock_interleavings import ANY, CALL_TICKS, LEASE_TIMES, Search, Setup
from support.lock_party import TICK

from deployer.guard import lock_protocol
from deployer.guard.lock_protocol import Delete, Held, Put, Request
from deployer.guard.lock_record import GRACE_SECONDS, Record

# A slow owner whose lock expires, and two who wait for it.
EXPIRED = Setup(held_by_first=True)
# Nobody has it, three want it.
RACE = Setup(beats=(0, 0, 0))
# The second, once it has taken over, keeps its lock up too.
KEPT = Setup(attempts=(1, 1), beats=(1, 1), held_by_first=True)


@pytest.fixture(autouse=True)
def _fewer_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt looks twice: more looks reach no other kind of state, only more of them."""
    monkeypatch.setattr(lock_protocol, "_ROUNDS", 2)


def test_model_keeps_the_proportions_of_the_terms_in_use() -> None:
    call = CALL_TICKS * TICK
    assert call < LEASE_TIMES.margin < LEASE_TIMES.lease
    # Else the reader's grace alone would keep a call of the former owner out of the next one's time.
    assert call > GRACE_SECONDS


@pytest.mark.parametrize("play", [EXPIRED, RACE, KEPT], ids=["expired", "race", "kept"])
def test_no_interleaving_has_two_owners(play: Setup) -> None:
    search = Search(play).explore()
    assert search.violation is None
    assert search.states > 2_000
    assert search.takeovers > 50


def test_slow_owner_loses_the_lock_in_some_of_them() -> None:
    assert Search(KEPT).explore().losses > 100


@pytest.mark.parametrize("play", [KEPT, replace(RACE, attempts=(2, 2), beats=(0, 0))], ids=["kept", "race"])
def test_no_interleaving_has_two_owners_where_deleting_is_denied(play: Setup) -> None:
    assert Search(replace(play, deletes=False)).explore().violation is None


def _takes_over_without_etag(request: Request) -> Request:
    if isinstance(request, Put) and request.etag is not None and request.record.beat == 0:
        return replace(request, etag=str(ANY))
    return request


def _takes_without_looking(request: Request) -> Request:
    return replace(request, etag=str(ANY)) if isinstance(request, Put) and request.etag is None else request


def _beats_without_etag(request: Request) -> Request:
    return replace(request, etag=str(ANY)) if isinstance(request, Put) and request.record.beat else request


def _deletes_without_etag(request: Request) -> Request:
    return replace(request, etag=str(ANY)) if isinstance(request, Delete) else request


@pytest.mark.parametrize(
    ("spoil", "play"),
    [
        (_takes_over_without_etag, EXPIRED),
        (_takes_without_looking, RACE),
        (_beats_without_etag, EXPIRED),
        (_deletes_without_etag, EXPIRED),
    ],
)
def test_each_condition_of_a_request_is_needed(spoil: Callable[[Request], Request], play: Setup) -> None:
    assert Search(replace(play, spoil=spoil)).explore().violation is not None


@pytest.mark.parametrize(
    "play",
    [
        replace(EXPIRED, times=replace(LEASE_TIMES, margin=0.0)),
        replace(EXPIRED, times=replace(LEASE_TIMES, margin=TICK - 7.0)),
    ],
    ids=["none", "shorter than a call"],
)
def test_the_margin_must_be_longer_than_a_call(play: Setup) -> None:
    assert Search(play).explore().violation == "a call in the next owner's time"


def test_a_reader_must_not_trust_its_own_clock() -> None:
    assert Search(replace(EXPIRED, skew=60.0)).explore().violation is not None


class _Hopeful(Held):
    """Takes a heartbeat for as fresh as its answer."""

    def confirm(self, record: Record, etag: str, sent: float) -> None:
        super().confirm(record, etag, max(sent, self._clock()))


class _Careless(Held):
    """Believes to hold the lock as long as nobody tells it otherwise."""

    def check(self) -> None:
        if self.is_lost:
            super().check()


@pytest.mark.parametrize("broken", [_Hopeful, _Careless])
def test_an_owner_must_count_from_sending_and_must_count(
    broken: type[Held], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_protocol, "Held", broken)
    assert Search(EXPIRED).explore().violation is not None
