"""The results of a run: the check of a layer's results, and the status and summary of the whole run."""

from __future__ import annotations

from statemachine.failures import PLACEHOLDER
from statemachine.names import Limits, PipelineNames
from statemachine.states import Json, Step, with_defaults
from statemachine.tasks import EXECUTION, invoke


def check_results(name: str, names: PipelineNames, settings: Limits, *, layer: str, at: str) -> Step:
    """The check of results at `at`, which it replaces. Defaults fill in `rootError` and `skippedTables`."""
    return invoke(
        name,
        names.check_results,
        {"layer": layer, "results.$": at, **EXECUTION},
        settings,
        result={"check.$": with_defaults({"rootError": None, "skippedTables": []}, "$.Payload")},
        result_path=at,
    )


def finalize_pipeline(names: PipelineNames, settings: Limits, checks: Json) -> Step:
    """Status and summary of the run at `$.outcome`; `checks` are the layers' checks and what else is to be recorded."""
    return invoke(
        "FinalizePipeline",
        names.finalize_pipeline,
        {
            "data_src_nm.$": "$.run.data_src_nm",
            "run_type.$": "$.run.run_type",
            "start_date.$": "$.run.start_date",
            "counts.$": "$.counts",
            **checks,
            **EXECUTION,
        },
        settings,
        result={"status.$": "$.Payload.status", "summary.$": "$.Payload.summary", "root": PLACEHOLDER},
        result_path="$.outcome",
    )
