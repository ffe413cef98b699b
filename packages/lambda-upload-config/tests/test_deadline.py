"""Stopping before Lambda does."""

import pytest

from upload_config.deadline import within_time
from upload_config.errors import OutOfTime


def test_without_a_clock_everything_passes() -> None:
    assert list(within_time(range(3), None, "uploading")) == [0, 1, 2]


def run(times: list[int], work: str) -> list[int]:
    """How many items passed before the clock, read once at the start and then per item, stopped the run."""
    left = iter(times)
    done: list[int] = []
    with pytest.raises(
        OutOfTime, match=rf"^{work}: {times[-1]} ms of the function's time left; raise its timeout"
    ):
        done.extend(within_time(range(9), lambda: next(left), work))
    return [*done, *left]


def test_the_run_stops_ten_seconds_before_a_long_timeout() -> None:
    assert run([900_000, 11_000, 10_000, 9_999], "uploading s3://b/a") == [0, 1]


def test_a_short_timeout_keeps_a_tenth() -> None:
    assert run([3_000, 400, 300, 299], "uploading") == [0, 1]
