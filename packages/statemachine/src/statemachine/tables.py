"""Loads one table, or a batch, inside a Map, and shortens its error so that 1,000 failures fit into the state data.

A result has about 80 bytes. Its error text adds at most 150 bytes, or 500 in a plan of at most 100 tables
(check-results cuts it, by `planned`). Plans of up to SMALL_PLAN tables keep every text. Larger plans keep the texts of
the first KEPT_ERRORS tables (of the first group), among which the root error is; the other tables keep the error's name
and whether they were skipped. The whole text is in data_ppln_oper_log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from statemachine.machine import processor
from statemachine.names import RUN_FIELDS, Limits, PipelineNames
from statemachine.states import Json, Step, choice, compose, end, ignoring_errors, is_value, marker
from statemachine.tasks import EXECUTION, invoke, run_glue_job

SMALL_PLAN = 300
KEPT_ERRORS = 200

_NAMED = {"Variable": "$.answer.item.error.Cause", "IsPresent": True}
_SKIPPED = "skipped: a table it needs failed"
_NOT_KEPT = "see data_ppln_oper_log or the job run"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: its task, the word in the names of its other states, and whether its tables belong to groups.

    `few`: there are so few items that the text of every error is kept.
    """

    layer: str
    word: str
    task: str
    grouped: bool = False
    few: bool = False
    run_fields: tuple[str, ...] = RUN_FIELDS

    @classmethod
    def stage(cls) -> Layer:
        """Staging tables."""
        return cls("STG", "Stage", "ExecuteStageSQL")

    @classmethod
    def vault(cls) -> Layer:
        """Vault tables, loaded group by group."""
        return cls("EDV", "EDV", "ExecuteEDVSQL", grouped=True)

    @classmethod
    def landing(cls) -> Layer:
        """Batches of tables of the landing zone; no config release is read."""
        fields = tuple(name for name in RUN_FIELDS if name != "release")
        return cls("LANDING", "Landing", "Move to Final Zone", few=True, run_fields=fields)

    def result(self, **more: Any) -> dict[str, Any]:
        """The template of a table's result."""
        group = {"groupIndex.$": "$.groupIndex"} if self.grouped else {}
        return {"table_name.$": "$.table_name", **more, "layer": self.layer, **group}


def load_table(layer: Layer, names: PipelineNames, settings: Limits) -> dict[str, Any]:
    """The item processor: {table_name, index, planned, groupIndex?, run} in, a table's result out."""
    word = layer.word
    short = f"{word}ErrorShortened"
    return processor(
        run_glue_job(layer.task, layer.layer, names, settings, run_fields=layer.run_fields),
        end(compose(f"{word}TableSuccess", layer.result(status="SUCCESS"))),
        # A Pass, as in the deployed machine: dashboards filter histories by this name and type.
        marker(f"{word}TableFailed"),
        ignoring_errors(_shorten_error(f"Shorten{word}Error", layer, names, settings), short),
        *_kept_errors(layer, short),
        end(compose(short, layer.result(status="FAILED", error=_error(_NOT_KEPT)))),
        on_error=f"{word}TableFailed",
    )


def _kept_errors(layer: Layer, short: str) -> tuple[Step, ...]:
    """How much of an error is kept: all of it, or what a large plan has room for."""
    word = layer.word
    kept, skipped = f"{word}ErrorKept", f"{word}TableSkipped"
    keep = end(compose(kept, layer.result(status="FAILED") | {"error.$": "$.answer.item.error"}))
    if layer.few:
        return (keep,)
    return (
        choice(
            f"Keep{word}Error",
            (_all(_NAMED, {"Variable": "$.planned", "NumericLessThanEquals": SMALL_PLAN}), kept),
            (_all(_NAMED, *_early(layer)), kept),
            (is_value("$.answer.item.error.Cause", "StringMatches", "skipped: *"), skipped),
            otherwise=short,
        ),
        keep,
        end(compose(skipped, layer.result(status="FAILED", error=_error(_SKIPPED)))),
    )


def _shorten_error(name: str, layer: Layer, names: PipelineNames, settings: Limits) -> Step:
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
