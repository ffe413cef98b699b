"""Reading ahead keeps order and its budget."""

import threading

import pytest

from download_zip import readahead
from download_zip.core import Member, Piece, SourceObject
from download_zip.readahead import in_order


def piece(number: int, length: int = 1) -> Piece:
    return Piece(Member(f"{number}", SourceObject(f"{number}", length, '"e"')), 0, length)


def test_pieces_come_in_order_although_the_first_is_read_last() -> None:
    last_read = threading.Event()

    def read(wanted: Piece) -> bytes:
        if wanted.member.name == "0":
            assert last_read.wait(10)
        if wanted.member.name == "9":
            last_read.set()
        return wanted.member.name.encode()

    assert [data for _, data in in_order(read, map(piece, range(10)))] == [b"%d" % n for n in range(10)]


@pytest.mark.parametrize(("length", "most"), [(40, 2), (100, 1), (250, 1), (1, 8)])
def test_what_is_held_stays_within_bytes_and_requests(
    monkeypatch: pytest.MonkeyPatch, length: int, most: int
) -> None:
    monkeypatch.setattr(readahead, "MAX_BYTES", 100)
    monkeypatch.setattr(readahead, "MAX_REQUESTS", 8)
    lock = threading.Lock()
    started: list[str] = []
    highest = 0

    def read(wanted: Piece) -> bytes:
        with lock:
            started.append(wanted.member.name)
        return b""

    for taken, _ in enumerate(in_order(read, (piece(n, length) for n in range(30)))):
        with lock:
            highest = max(highest, len(started) - taken)
    assert len(started) == 30
    assert highest <= most


def test_a_failed_read_is_raised_in_its_turn_and_stops_the_rest() -> None:
    read_pieces: list[int] = []

    def read(wanted: Piece) -> bytes:
        number = int(wanted.member.name)
        read_pieces.append(number)
        if number == 3:
            raise ConnectionResetError("piece 3")
        return b""

    got: list[tuple[Piece, bytes]] = []
    with pytest.raises(ConnectionResetError, match="piece 3"):
        got.extend(in_order(read, map(piece, range(1000))))
    assert [ready.member.name for ready, _ in got] == ["0", "1", "2"]
    assert len(read_pieces) < 100
