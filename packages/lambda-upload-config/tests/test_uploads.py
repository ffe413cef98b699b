"""Uploads run side by side, but not too many."""

import threading

import pytest

from upload_config import uploads
from upload_config.uploads import Uploads


@pytest.mark.parametrize(("size", "most"), [(40, 2), (100, 1), (250, 1), (1, 5)])
def test_what_is_on_its_way_stays_within_bytes_and_requests(
    monkeypatch: pytest.MonkeyPatch, size: int, most: int
) -> None:
    monkeypatch.setattr(uploads, "MAX_BYTES", 100)
    monkeypatch.setattr(uploads, "MAX_REQUESTS", 5)
    lock = threading.Lock()
    running = highest = 0
    ready = threading.Barrier(most)

    def upload() -> int:
        nonlocal running, highest
        with lock:
            running += 1
            highest = max(highest, running)
        ready.wait(10)  # only ever passed when `most` run at once
        with lock:
            running -= 1
        return size

    with Uploads() as pool:
        futures = [pool.start(size, upload) for _ in range(20)]
    assert [future.result() for future in futures] == [size] * 20
    assert highest == most


def test_a_failed_upload_is_raised_at_the_end_at_the_latest() -> None:
    def fail() -> None:
        raise ConnectionResetError("upload broken")

    with pytest.raises(ConnectionResetError, match="upload broken"), Uploads() as pool:
        pool.start(1, fail)


def test_after_a_failure_nothing_more_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_REQUESTS", 1)
    done: list[int] = []

    def upload(number: int) -> None:
        if number == 3:
            raise ConnectionResetError("upload broken")
        done.append(number)

    def start_all() -> None:
        with Uploads() as pool:
            for number in range(100):
                pool.start(1, lambda number=number: upload(number))  # type: ignore[misc]

    with pytest.raises(ConnectionResetError, match="upload broken"):
        start_all()
    assert done == [0, 1, 2]
