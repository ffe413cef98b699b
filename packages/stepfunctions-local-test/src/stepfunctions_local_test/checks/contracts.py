"""Contracts of external data: the execution's input and the answers of tasks, in a data file.

    input:
      data_src_nm?: text     # a `?` marks a key that may be left out (YAML wants such keys on lines of their own)
    answers:
      BuildProcessingPlan:   # the state's name
        Payload: {counts: {stg: number}, stgTables: [text], rootError: {one_of: ["null", {Error: text}]}}

Words are text, number, flag, null and any; `[x]` is a list of x of any length, possibly empty. A key that is absent
from the contract is not promised: reading it is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stepfunctions_local_test.checks import datafile
from stepfunctions_local_test.checks.finding import ChecksError
from stepfunctions_local_test.checks.shapes import NULL, Array, Field, Object, Scalar, Shape, Unknown, joined

_NO_INPUT = Unknown("no contract says what the execution's input holds")
_WORDS = ("text", "number", "flag", "null", "any")


@dataclass(frozen=True, slots=True)
class Contracts:
    """The shape of the input and, by state, of what a task answers."""

    input: Shape = _NO_INPUT
    answers: Mapping[str, Shape] = field(default_factory=dict)

    @classmethod
    def of(cls, content: Any, name: str = "contracts") -> Contracts:
        """From the data file's content. Raises ChecksError with place and value."""
        if not isinstance(content, dict) or content.keys() - {"input", "answers"}:
            raise ChecksError(f"{name} must hold input and answers, got {content!r:.80}")
        answers = content.get("answers") or {}
        if not isinstance(answers, dict):
            raise ChecksError(f"{name}: answers must have a state's name for key, got {answers!r:.80}")
        given = {"input": shape_of(content["input"], f"{name}: input")} if "input" in content else {}
        shapes = {
            str(state): shape_of(answer, f"{name}: answers.{state}") for state, answer in answers.items()
        }
        return cls(**given, answers=shapes)

    def broken(self, state: str, answer: Any) -> tuple[str, ...]:
        """Where an answer of this state breaks its contract; nothing without a contract."""
        promised = self.answers.get(state)
        return () if promised is None else tuple(misfits(promised, answer, state))


def misfits(shape: Shape, value: Any, place: str) -> Iterator[str]:
    """Places where a value breaks its contract; tests compare real answers with the contracts this way."""
    match shape:
        case Object(nullable=True) | Array(nullable=True) if value is None:
            return
        case Object():
            yield from _misfits_of_object(shape, value, place)
        case Array() if not isinstance(value, list):
            yield f"{place} must be a list, got {value!r:.80}"
        case Array(rest=entry) if entry is not None:
            for number, one in enumerate(value):
                yield from misfits(entry, one, f"{place}[{number}]")
        case Scalar() if isinstance(value, dict | list) or (shape == NULL and value is not None):
            yield f"{place} must be {'null' if shape == NULL else 'no object and no list'}, got {value!r:.80}"


def _misfits_of_object(shape: Object, value: Any, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place} must be an object, got {value!r:.80}"
        return
    for key, found in shape.fields:
        if key in value:
            yield from misfits(found.shape, value[key], f"{place}.{key}")
        elif found.sure:
            yield f"{place}.{key} is promised but missing"


def load_contracts(path: Path) -> Contracts:
    """The contracts of a file; without a file nothing is promised."""
    return Contracts.of(datafile.read(path), path.name) if path.exists() else Contracts()


def shape_of(written: Any, place: str) -> Shape:
    """The shape of a word, a list or a mapping."""
    match written:
        case {"one_of": [_, *_] as choices} if len(written) == 1:
            return joined(shape_of(choice, f"{place}.one_of[{n}]") for n, choice in enumerate(choices))
        case dict():
            others = Unknown(f"{place} does not promise it", missing=True)
            return Object.of(
                {str(k).removesuffix("?"): _field(k, v, place) for k, v in written.items()}, others
            )
        case [entry]:
            return Array(rest=shape_of(entry, f"{place}[]"))
        case None | "null":
            return NULL
        case "any":
            return Unknown(f"{place} is 'any'")
        case "text" | "number" | "flag":
            return Scalar()
    raise ChecksError(
        f"{place} must be one of {', '.join(_WORDS)}, a mapping or a list with one entry, got {written!r:.80}"
    )


def _field(key: Any, written: Any, place: str) -> Field:
    name = str(key).removesuffix("?")
    return Field(shape_of(written, f"{place}.{name}"), sure=not str(key).endswith("?"))
