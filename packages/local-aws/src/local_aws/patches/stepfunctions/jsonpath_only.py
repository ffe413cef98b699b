"""JSONata and variables are refused: no local engine supports them, and a refusal is clearer than a failed execution.

moto 5.2.5 takes both and then fails with 'NoneType' object is not callable; Step Functions Local has neither.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local_aws.asl import levels
from local_aws.emulator.patching import replace
from local_aws.patches.stepfunctions.definitions import refusal

FIELDS = ("QueryLanguage", "Assign", "Arguments", "Output", "Items", "Condition")


def install() -> None:
    """Check definitions that passed the other checks."""
    check = StepFunctionsParserBackend._validate_definition
    reason = "JSONata and variables are taken and do not run"
    replace(StepFunctionsParserBackend, "_validate_definition", staticmethod(checker(check)), reason=reason)


def checker(check: Callable[..., None]) -> Callable[[str], None]:
    """`_validate_definition` that then looks for fields of JSONata and variables."""

    def validate(definition: str) -> None:
        check(definition=definition)
        found = list(newer_fields(json.loads(definition)))
        if found:
            raise refusal("', '".join(f"SCHEMA_VALIDATION_FAILED: {problem}" for problem in found))

    return validate


def newer_fields(machine: dict[str, Any]) -> Iterator[str]:
    """Every place, on any level, where a machine uses JSONata or variables."""
    for around, level in levels(machine):
        where = "".join(f"/{name}" for name in around)
        yield from _fields(level, where)
        for name, state in level["States"].items():
            place = f"{where}/{name}"
            for part in (state, *state.get("Choices", ()), *state.get("Catch", ())):
                yield from _fields(part, place)


def _fields(owner: Mapping[str, Any], where: str) -> Iterator[str]:
    for field in FIELDS:
        if field in owner and owner[field] != "JSONPath":
            yield f"Field '{field}' of JSONata or variables does not run locally, use JSONPath, at {where or '/'}"
