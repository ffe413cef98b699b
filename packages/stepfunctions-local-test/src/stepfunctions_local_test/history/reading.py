"""Reads from a replay: the path in the form of scenario files, the calls, and the largest state data."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from stepfunctions_local_test.history.outcomes import calls
from stepfunctions_local_test.history.replay import Event, Frame, Replay
from stepfunctions_local_test.scenarios.paths import Path, Step

LIMIT = 262_144  # bytes, https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_TEXTS = ("input", "output", "parameters")


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest state data of an execution, in bytes of compact JSON, and its state."""

    size: int = 0
    state: str = ""


def path_of(frame: Frame) -> Path:
    """The states of a sequence, items of maps in the order of their index."""
    found = []
    for visit in frame.visits:
        items = sorted(visit.items, key=lambda item: item.index)
        found.append(Step(visit.state, tuple(path_of(item) for item in items) or None))
    return tuple(found)


def calls_of(replay: Replay) -> Counter[str]:
    """The number of calls of each task, retries included."""
    counted: Counter[str] = Counter()
    for visit in replay.visits():
        counted[visit.state] += calls(visit)
    return +counted


def largest(replay: Replay) -> Largest:
    """The largest input, output or parameters of any state, without data that was refused for its size."""
    found = Largest()
    for visit in replay.visits():
        for text in (visit.given, visit.result, *_texts_of(visit.events)):
            if text and len(text) * 4 > found.size:  # a UTF-8 character has at most four bytes
                size = compact_size(text)
                found = Largest(size, visit.state) if size > found.size else found
    return found


def _texts_of(events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        for key, details in event.items():
            if key.endswith("EventDetails"):
                yield from (details[name] for name in _TEXTS if name in details)


def compact_size(text: str) -> int:
    """Bytes of a JSON text without an engine's spaces."""
    with suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    return len(text.encode("utf-8", "surrogatepass"))
