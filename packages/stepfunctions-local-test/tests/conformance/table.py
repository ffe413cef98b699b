"""The conformance table: `python -m tests.conformance.table` writes CONFORMANCE.md from the recorded answers."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "CONFORMANCE.md"
HEAD = """# Where the Step Functions engines differ

Written by `python -m tests.conformance.table`; `tests/conformance` asks both engines every question below and fails when
an answer is another one. The container is the image of `nox -s image` (the same interpreter, alone in a container and
reached over HTTP) with a `WAIT_TIME_SCALE` of 0.01. Amazon's image `amazon/aws-stepfunctions-local` was never at hand
where this was written: no answer here is its.
"""
KEYS = frozenset({"topic", "embedded", "container", "aws", "says", "source"})
Answers = Mapping[str, Mapping[str, str]]


def answers() -> Answers:
    """The recorded answers by the name of their probe."""
    read: Answers = yaml.safe_load((HERE / "answers.yaml").read_text("utf-8"))
    return read


def differs(row: Mapping[str, str]) -> bool:
    """Whether an engine answers otherwise than the other one or than AWS."""
    return row["embedded"] != row["container"] or row["aws"] != "both"


def render(rows: Answers) -> str:
    """The whole document."""
    return "\n".join([HEAD, *_differences(rows), "", *_agreements(rows), ""])


def _differences(rows: Answers) -> Iterator[str]:
    yield "## Differences\n"
    yield "| what | embedded | container | AWS agrees with | its documentation |"
    yield "|---|---|---|---|---|"
    for row in filter(differs, rows.values()):
        quotation = f'"{row["says"]}" ([source]({row["source"]}))'
        yield _line(row["topic"], _code(row["embedded"]), _code(row["container"]), row["aws"], quotation)


def _agreements(rows: Answers) -> Iterator[str]:
    yield "## The same on both\n\nAs AWS does it: where there is a quotation, by its own word, else by experience.\n"
    yield "| what | answer | documentation of AWS |"
    yield "|---|---|---|"
    for row in (row for row in rows.values() if not differs(row)):
        quotation = f'"{row["says"]}" ([source]({row["source"]}))' if "says" in row else ""
        yield _line(row["topic"], _code(row["embedded"]), quotation)


def _code(text: str) -> str:
    return f"`{text}`"


def _line(*cells: Any) -> str:
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    TABLE.write_text(render(answers()), "utf-8")
