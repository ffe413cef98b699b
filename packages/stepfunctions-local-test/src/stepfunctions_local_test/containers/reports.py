"""What a failed test shows of a container: the end of its log, and the history of what the test had started."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from stepfunctions_local_test.containers.alive import Running

LONGEST_CAUSE = 300
Event = Mapping[str, Any]


def sections(container: Running, executions: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Titles and texts, for `report.sections`; what cannot be read says why."""
    for arn in executions:
        yield f"history of {arn}", _read(partial(_history, container, arn))
    yield "log of Step Functions Local", _read(container.log_tail)


def lines(events: Sequence[Event]) -> Iterator[str]:
    """One line for every event: id, time, type, state, error and cause."""
    states = states_of(events)
    types = max((len(event["type"]) for event in events), default=0)
    names = max((len(name) for name in states.values()), default=0)
    for event in events:
        moment: datetime = event["timestamp"]
        clock = moment.strftime("%H:%M:%S.%f")[:-3]
        place = f"{event['id']:>4} {clock} {event['type']:<{types}} {states[event['id']]:<{names}}"
        yield f"{place} {trouble(event)}".rstrip()


def states_of(events: Iterable[Event]) -> dict[int, str]:
    """The state that each event belongs to, by the event's id; empty outside of states."""
    states: dict[int, str] = {0: ""}
    for event in events:
        if event["type"].endswith(("StateEntered", "StateExited")):
            states[event["id"]] = named(event)
        elif event["type"].startswith("Execution"):
            states[event["id"]] = ""
        else:
            states[event["id"]] = states.get(event.get("previousEventId", 0), "")
    return states


def named(event: Event) -> str:
    """The state that an event names."""
    details = event.get("stateEnteredEventDetails") or event.get("stateExitedEventDetails") or {}
    return str(details.get("name", ""))


def trouble(event: Event) -> str:
    """Error and cause of an event on one line."""
    for details in event.values():
        if isinstance(details, Mapping) and ("error" in details or "cause" in details):
            cause = " ".join(str(details.get("cause", "")).split())
            if len(cause) > LONGEST_CAUSE:
                cause = f"{cause[:LONGEST_CAUSE]}..."
            return ": ".join(part for part in (details.get("error"), cause) if part)
    return ""


def _history(container: Running, execution_arn: str) -> str:
    return "\n".join(lines(container.history(execution_arn)))


def _read(read: Callable[[], str]) -> str:
    try:
        return read()
    except Exception as error:  # a report must not hide the test's own failure
        return f"cannot be read: {type(error).__name__}: {error}"
