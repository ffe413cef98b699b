"""The slowest chain of a deploy's calls: each waits for those it cannot do without, and nothing else.

Worked out from what was seen at the endpoint. A call follows the earlier ones about the same thing; a change follows
the account check and all that was read for the plan; what is made follows what it needs: a function its role, its log
group and its code; a job its role and its files; a state machine its role, its log group, the job and the functions.
The lock, the first write of the journal and the record of a release come before or after everything, and an alias is
led to a release when all else is done. A changing call also waits for the write of the journal that it is in; that
one write counts, and not those that this write queued behind: they go to one object, so with them a slow journal
would lengthen the chain that it is measured by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from _calls import Call

Subject = tuple[str, str]
_NEEDS = {
    "function": {"role", "log group", "object"},
    "job": {"role", "object"},
    "machine": {"role", "log group", "object", "function", "job"},
}
_NAMES = {
    "iam": ("role", ("RoleName",)),
    "logs": ("log group", ("logGroupName", "logGroupNamePrefix", "resourceArn")),
    "glue": ("job", ("Name", "JobName", "ResourceArn")),
    "states": ("machine", ("name", "stateMachineArn", "stateMachineAliasArn", "resourceArn")),
}
_JOURNAL = re.compile(r"deployments/[^/]+/journal\.jsonl$")
_EVERYTHING = re.compile(r"deployments/[^/]+/(lock\.json|journal\.jsonl|releases/)")
_ALIAS = re.compile(r"/aliases\b|Alias$")


@dataclass(frozen=True)
class Chain:
    """Calls that had to wait for each other."""

    calls: tuple[Call, ...]

    @property
    def seconds(self) -> float:
        return sum(call.seconds for call in self.calls)


def slowest(calls: Iterable[Call]) -> Chain:
    """The chain that takes longest."""
    ordered = sorted(calls, key=lambda call: call.began)
    entries = [call for call in ordered if _is_entry(call)][1:]
    others = [call for call in ordered if call not in entries]
    needs = _Needs(others)
    best: list[Chain] = []
    for call in others:
        entry = _entry_of(call, entries)
        before = zip(best, others, strict=False)
        chains = [_joined(chain, entry, call) for chain, earlier in before if needs(call, earlier)]
        best.append(max([*filter(None, chains), Chain((*entry, call))], key=lambda chain: chain.seconds))
    return max(best, key=lambda chain: chain.seconds, default=Chain(()))


def _entry_of(call: Call, entries: Sequence[Call]) -> tuple[Call, ...]:
    """The write of the journal that a change is in: the last one before it."""
    return tuple(entry for entry in entries if call.mutating and entry.ended <= call.began)[-1:]


def _joined(chain: Chain, entry: tuple[Call, ...], call: Call) -> Chain | None:
    """The chain with a call that waited for it, and with the write for that call when it began only afterwards."""
    ended = chain.calls[-1].ended
    if ended > call.began:
        return None
    return Chain((*chain.calls, *(write for write in entry if ended <= write.began), call))


def subject_of(call: Call) -> Subject:
    """What a call is about: a kind and a name."""
    if call.service == "s3":
        return "object", call.path.lstrip("/").partition("/")[2]
    if call.service == "lambda":
        found = re.search(r"/functions/([\w-]+)|:function:([\w-]+)", call.path)
        name = (found.group(1) or found.group(2)) if found else call.fields.get("FunctionName", "")
        return "function", str(name)
    kind, fields = _NAMES.get(call.service, ("", ()))
    name = next((str(call.fields[field]) for field in fields if field in call.fields), "")
    if kind == "log group":
        name = name.rpartition(":log-group:")[2].removesuffix(":*")
    elif kind == "job":
        name = name.rpartition("/")[2]
    elif kind == "machine":
        name = name.partition(":stateMachine:")[2].partition(":")[0] or name
    return kind or call.service, name


class _Needs:
    """Whether one call has to wait for another that ended before it."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._first_change = next((call.began for call in calls if _changes(call)), float("inf"))
        self._subjects = {id(call): subject_of(call) for call in calls}
        self._texts: dict[Subject, str] = {}
        for call in calls:
            if call.mutating:
                subject = self._subjects[id(call)]
                self._texts[subject] = self._texts.get(subject, "") + call.body

    def __call__(self, call: Call, earlier: Call) -> bool:
        subject, other = self._subjects[id(call)], self._subjects[id(earlier)]
        if subject == other and subject[1]:
            return True
        if earlier.service == "sts" or _surrounds(call) or _surrounds(earlier):
            return True
        if call.began >= self._first_change and (earlier.began < self._first_change or _goes_live(call)):
            return True
        return other[0] in _NEEDS.get(subject[0], ()) and self._names(subject, other)

    def _names(self, subject: Subject, other: Subject) -> bool:
        if other[0] == "log group" and subject[0] == "function":
            return other[1] == f"/aws/lambda/{subject[1]}"
        return bool(other[1]) and other[1] in self._texts.get(subject, "")


def _is_entry(call: Call) -> bool:
    """A write of the journal."""
    return call.mutating and _JOURNAL.search(call.path) is not None


def _changes(call: Call) -> bool:
    return call.mutating and not _surrounds(call)


def _surrounds(call: Call) -> bool:
    return call.mutating and _EVERYTHING.search(call.path) is not None


def _goes_live(call: Call) -> bool:
    """An alias is made or led elsewhere."""
    return call.mutating and _ALIAS.search(call.operation) is not None
