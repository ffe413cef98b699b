"""The drawing in the documentation is the one of the machine as it is built now."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from scripted import NAMES

from statemachine import EdvNames, edv_pipeline
from stepfunctions_local_test.drawing import draw_documentation

DOCS = Path(__file__).parents[1] / "docs"
NAME = "CARS-EDV-Pipeline"  # of its folder of scenarios


def test_the_committed_drawing_is_not_stale() -> None:
    stale = draw_documentation({NAME: edv_pipeline(NAMES)}, DOCS, check=True)
    assert stale == (), "draw it anew: the README says how"


def test_every_environment_gives_the_same_drawing() -> None:
    functions = {
        name: getattr(NAMES, name).replace("arn:aws:", "arn:aws-us-gov:").replace("TEST", "PROD") + ":7"
        for name in EdvNames.functions()
    }
    prod = dataclasses.replace(NAMES, **functions, glue_job="FSA-PROD-DATAMART-EXEC-DB-SQL", env="prod")
    definition = edv_pipeline(prod)
    assert draw_documentation({f"FSA-PROD-{NAME}": definition}, DOCS, (NAME,), check=True) == ()
