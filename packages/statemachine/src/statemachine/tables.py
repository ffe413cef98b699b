"""Loads one table inside a Map, and shortens its error so that 1,000 failures fit into the state data.

A result has about 80 bytes. Its error text adds at most 150 bytes, or 500 in a plan of at most 100 tables
(check-results cuts it, by `planned`). Plans of up to SMALL_PLAN tables keep every text. Larger plans keep the texts of
the first KEPT_ERRORS tables (of the first group), among which the root error is; the other tables keep the error's name
and whether they were skipped. The whole text is in data_ppln_oper_log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from statemachine.machine import processor
from statemachine.names import EdvNames, EdvSettings
from statemachine.states import Json, Step, choice, compose, end, ignoring_errors, is_value, marker
from statemachine.tasks import EXECUTION, invoke, run_glue_job

SMALL_PLAN = 300
KEPT_ERRORS = 200

_NAMED = {"Variable": "$.answer.item.error.Cause", "IsPresent": True}
_SKIPPED = "skipped: a table it needs failed"
_NOT_KEPT = "see data_ppln_oper_log or the job run"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: the word in the names of its states, and whether its tables belong to groups."""

    layer: str
    word: str
    grouped: bool

    @classmethod
    def stage(cls) -> Layer:
        """Staging tables."""
        return cls("STG", "Stage", grouped=False)

    @classmethod
    def vault(cls) -> Layer:
        """Vault tables, loaded group by group."""
        return cls("EDV", "EDV", grouped=True)

    def result(self, **more: Any) -> dict[str, Any]:
        """The template of a table's result."""
        group = {"groupIndex.$": "$.groupIndex"} if self.grouped else {}
        return {"table_name.$": "$.table_name", **more, "layer": self.layer, **group}


def load_table(layer: Layer, names: EdvNames, settings: EdvSettings) -> dict[str, Any]:
    """The item processor: {table_name, index, planned, groupIndex?, run} in, a table's result out."""
    word = layer.word
    kept, skipped, short = f"{word}ErrorKept", f"{word}TableSkipped", f"{word}ErrorShortened"
    return processor(
        run_glue_job(f"Execute{word}SQL", layer.layer, names, settings),
        end(compose(f"{word}TableSuccess", layer.result(status="SUCCESS"))),
        # A Pass, as in the deployed machine: dashboards filter histories by this name and type.
        marker(f"{word}TableFailed"),
        ignoring_errors(_shorten_error(f"Shorten{word}Error", layer, names, settings), short),
        choice(
            f"Keep{word}Error",
            (_all(_NAMED, {"Variable": "$.planned", "NumericLessThanEquals": SMALL_PLAN}), kept),
            (_all(_NAMED, *_early(layer)), kept),
            (is_value("$.answer.item.error.Cause", "StringMatches", "skipped: *"), skipped),
            otherwise=short,
        ),
        end(compose(kept, layer.result(status="FAILED") | {"error.$": "$.answer.item.error"})),
        end(compose(skipped, layer.result(status="FAILED", error=_error(_SKIPPED)))),
        end(compose(short, layer.result(status="FAILED", error=_error(_NOT_KEPT)))),
        on_error=f"{word}TableFailed",
    )


def _shorten_error(name: str, layer: Layer, names: EdvNames, settings: EdvSettings) -> Step:
    failed = layer.result(status="FAILED") | {"error.$": "$.error"}
    return invoke(
        name,
        names.check_results,
        {"layer": layer.layer, "mode": "item", "results": [failed], "planned.$": "$.planned", **EXECUTION},
        settings,
        result={"item.$": "$.Payload"},
        result_path="$.answer",
    )


def _early(layer: Layer) -> list[Json]:
    rules: list[Json] = [{"Variable": "$.index", "NumericLessThan": KEPT_ERRORS}]
    if layer.grouped:
        rules.append({"Variable": "$.groupIndex", "NumericEquals": 0})
    return rules


def _all(*rules: Json) -> Json:
    return {"And": list(rules)}


def _error(cause: str) -> dict[str, str]:
    return {"Error.$": "$.error.Error", "Cause": cause}
