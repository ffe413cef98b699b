"""The drawings in the documentation are those of the machines as they are built now."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripted import NAMES

from statemachine import PipelineNames, edv_pipeline, landing_pipeline
from stepfunctions_local_test.drawing import draw_documentation

DOCS = Path(__file__).parents[1] / "docs"
PIPELINES: dict[str, Callable[[PipelineNames], dict[str, Any]]] = {
    "CARS-EDV-Pipeline": edv_pipeline,
    "CARS-Landing-Pipeline": landing_pipeline,
}  # by folder of scenarios


def test_the_committed_drawings_are_not_stale() -> None:
    machines = {name: pipeline(NAMES) for name, pipeline in PIPELINES.items()}
    stale = draw_documentation(machines, DOCS, check=True)
    assert stale == (), "draw it anew: the README says how"


def test_every_environment_gives_the_same_drawing() -> None:
    functions = {
        name: getattr(NAMES, name).replace("arn:aws:", "arn:aws-us-gov:").replace("TEST", "PROD") + ":7"
        for name in PipelineNames.functions()
    }
    prod = dataclasses.replace(NAMES, **functions, glue_job="FSA-PROD-DATAMART-EXEC-DB-SQL", env="prod")
    machines = {f"FSA-PROD-{name}": pipeline(prod) for name, pipeline in PIPELINES.items()}
    assert draw_documentation(machines, DOCS, tuple(PIPELINES), check=True) == ()
