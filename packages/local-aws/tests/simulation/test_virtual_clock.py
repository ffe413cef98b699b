"""Simulated time: what waits, in which order it goes on, and that none of it takes real time."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from local_aws.simulation.virtual_clock import ClockError, Event, VirtualClock

START = datetime(2026, 6, 1, tzinfo=timezone.utc)


class Stage:
    """A clock, and what its threads wrote down with their time."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START)
        self.notes: list[tuple[float, str]] = []
        self.over = threading.Event()

    def note(self, text: str) -> None:
        self.notes.append(((self.clock.now() - START).total_seconds(), text))

    def run(self, main: Callable[[], None]) -> list[tuple[float, str]]:
        """Run `main` as a thread of the clock; the notes when it has ended."""

        def body() -> None:
            try:
                main()
            finally:
                self.over.set()

        self.clock.thread(body).start()
        assert self.over.wait(10)
        return self.notes


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_hours_of_sleep_take_no_time(stage: Stage) -> None:
    began = time.monotonic()

    def main() -> None:
        stage.clock.sleep(3 * 3600)
        stage.note("awake")

    assert stage.run(main) == [(10_800, "awake")]
    assert time.monotonic() - began < 5


def test_threads_go_on_in_the_order_of_their_time_and_then_of_their_wish(stage: Stage) -> None:
    def sleeper(name: str, seconds: float) -> None:
        stage.clock.sleep(seconds)
        stage.note(name)

    def main() -> None:
        for name, seconds in (("late", 9), ("first", 3), ("second", 3), ("now", 0)):
            stage.clock.thread(sleeper, (name, seconds)).start()
        stage.clock.sleep(20)

    assert stage.run(main) == [(0, "now"), (3, "first"), (3, "second"), (9, "late")]


def test_only_one_thread_runs_at_a_time(stage: Stage) -> None:
    running: list[int] = []
    most: list[int] = []

    def worker() -> None:
        for _ in range(50):
            running.append(1)
            most.append(len(running))
            time.sleep(0)
            running.pop()
            stage.clock.sleep(1)

    def main() -> None:
        threads = [stage.clock.thread(worker) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    stage.run(main)
    assert len(most) == 400
    assert max(most) == 1


def test_a_wait_ends_when_its_event_is_set(stage: Stage) -> None:
    done = stage.clock.event()

    def setter() -> None:
        stage.clock.sleep(5)
        done.set()

    def main() -> None:
        stage.clock.thread(setter).start()
        stage.note(f"set: {done.wait(60)}")

    assert stage.run(main) == [(5, "set: True")]


def test_a_wait_gives_up_at_its_limit(stage: Stage) -> None:
    def main() -> None:
        stage.note(f"set: {stage.clock.event().wait(60)}")

    assert stage.run(main) == [(60, "set: False")]


def test_what_ends_exactly_at_its_limit_is_in_time(stage: Stage) -> None:
    done = stage.clock.event()

    def setter() -> None:
        stage.clock.sleep(60)
        done.set()

    def main() -> None:
        stage.clock.thread(setter).start()
        stage.note(f"set: {done.wait(60)}")

    assert stage.run(main) == [(60, "set: True")]


def test_who_gave_up_is_not_woken_by_the_event_later(stage: Stage) -> None:
    done = stage.clock.event()

    def setter() -> None:
        stage.clock.sleep(20)
        done.set()

    def main() -> None:
        stage.clock.thread(setter).start()
        done.wait(10)
        stage.clock.sleep(90)
        stage.note("slept")

    assert stage.run(main) == [(100, "slept")]


def test_who_looks_again_sees_each_thing_that_was_due_and_hurries_nobody(stage: Stage) -> None:
    def watcher(name: str) -> None:
        while stage.clock.now() < START + timedelta(seconds=2000):
            stage.clock.look_again()
            stage.note(name)

    def main() -> None:
        for name in ("one", "two"):
            stage.clock.thread(watcher, (name,)).start()
        for _ in range(2):
            stage.clock.sleep(1000)
            stage.note("slept")
        stage.clock.sleep(1)

    notes = stage.run(main)
    for second in (1000, 2000):
        seen = [name for at, name in notes if at == second]
        assert (seen[0], sorted(seen[1:])) == ("slept", ["one", "two"])
    assert len(notes) < 12


def test_joining_waits_for_the_end_or_the_limit(stage: Stage) -> None:
    def main() -> None:
        thread = stage.clock.thread(lambda: stage.clock.sleep(30))
        thread.start()
        thread.join(10)
        stage.note(f"alive: {thread.is_alive()}")
        thread.join()
        stage.note(f"alive: {thread.is_alive()}")

    assert stage.run(main) == [(10, "alive: True"), (30, "alive: False")]


def test_a_strange_thread_may_set_events_and_not_wait(stage: Stage) -> None:
    done = stage.clock.event()

    def main() -> None:
        done.wait()
        stage.note("woken")

    waiting = threading.Timer(0.05, done.set)
    waiting.start()
    assert stage.run(main) == [(0, "woken")]
    with pytest.raises(ClockError, match="MainThread"):
        Event(stage.clock).wait(1)
    with pytest.raises(ClockError, match="did not start it"):
        stage.clock.sleep(1)


def test_a_thread_that_fails_lets_the_others_go_on(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda hook: failures.append(str(hook.exc_value)))

    def fails() -> None:
        raise ValueError("broken")

    def main() -> None:
        broken = stage.clock.thread(fails)
        broken.start()
        broken.join()
        stage.note("went on")

    assert stage.run(main) == [(0, "went on")]
    assert failures == ["broken"]
