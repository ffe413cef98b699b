"""The run report as data, written as JSON and Markdown."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from cars_acceptance.main_job.check import Checked, Difference
from cars_acceptance.main_job.progress import Step
from cars_acceptance.main_job.proof import Proof
from cars_acceptance.main_job.release import SCHEMAS
from cars_acceptance.source.codes import CodeBook
from cars_acceptance.source.controls import PublishedAcres, by_county, published

SHOWN_DIFFERENCES = 50
COLUMNS = ("planted", "volunteer", "failed", "prevented", "not_planted", "planted_and_failed")


@dataclass(frozen=True)
class Pass:
    """One run of the pipeline and the comparison after it."""

    title: str
    seconds: float
    checked: Checked


@dataclass
class RunReport:
    """Everything the main job reports at its end."""

    settings: Mapping[str, str]
    names: CodeBook
    steps: Sequence[Step] = ()
    proof: Proof | None = None  # None until the tables are there
    passes: list[Pass] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    failure: Mapping[str, str] | None = None
    seconds: float = 0.0

    @property
    def result(self) -> str:
        """`ok`, `different` or `failed`."""
        if self.failure:
            return "failed"
        return "different" if self.differences else "ok"

    def as_dict(self) -> dict[str, Any]:
        """The JSON report; acres are text to keep every digit."""
        return {
            "result": self.result,
            "seconds": round(self.seconds, 3),
            "settings": dict(self.settings),
            "coverage": self.proof.as_dict() if self.proof else None,
            "steps": [asdict(step) for step in self.steps],
            "passes": [self._pass(item) for item in self.passes],
            "differences": [asdict(difference) for difference in self.differences],
            "failure": dict(self.failure) if self.failure else None,
        }

    def _pass(self, item: Pass) -> dict[str, Any]:
        checked = item.checked
        return {
            "title": item.title,
            "date": checked.day.isoformat(),
            "seconds": round(item.seconds, 3),
            "loads": [asdict(load) for load in checked.loads],
            "rows": dict(checked.rows),
            "open_rows": dict(checked.open_rows),
            "totals_compared": checked.totals,
            "acres": f"{checked.total_acres:f}",
            "counties": [
                {"county": county, **dict(zip(COLUMNS, acres, strict=True))}
                for county, acres in counties(checked, self.names)
            ],
            "differences": len(checked.differences),
        }


def counties(checked: Checked, names: CodeBook) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Current acres of the vault per county in the published columns, as text."""
    for (state, county), acres in by_county(published(checked.acres)).items():
        county = f"{names.name('county', state + county)}, {names.name('state', state)}"
        yield county, _published(acres)


def _published(acres: PublishedAcres) -> tuple[str, ...]:
    return tuple(f"{getattr(acres, column):f}" for column in COLUMNS)


def write(report: RunReport, directory: Path, day: date) -> tuple[Path, Path]:
    """Write `local-<date>.md` and `.json`; returns their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    markdown, data = directory / f"local-{day}.md", directory / f"local-{day}.json"
    markdown.write_text("\n".join(lines(report)) + "\n", encoding="utf-8")
    data.write_text(json.dumps(report.as_dict(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return markdown, data


def lines(report: RunReport) -> Iterator[str]:
    """The report in Markdown."""
    yield f"# Main job: {report.result}, {report.seconds:.1f} s"
    yield ""
    yield from (f"- {name}: {value}" for name, value in report.settings.items())
    yield from (f"- {line}" for line in (report.proof.lines() if report.proof else ()))
    yield from _failure(report.failure)
    yield from _table("Steps", ("step", "result", "seconds", "remark"), _steps(report.steps))
    yield from _differences(report.differences)
    for item in report.passes:
        yield from _run(item, report.names)


def _steps(steps: Sequence[Step]) -> Iterator[tuple[str, ...]]:
    for step in steps:
        yield step.title, step.status, f"{step.seconds:.1f}", step.note


def _failure(failure: Mapping[str, str] | None) -> Iterator[str]:
    if failure:
        yield from ("", "## Failed", "", f"Step: {failure['step']}", "", failure["message"])
        if failure["details"]:
            yield from ("", "```", failure["details"], "```")
        if failure["hint"]:
            yield from ("", f"What to look at: {failure['hint']}")


def _differences(differences: Sequence[Difference]) -> Iterator[str]:
    if not differences:
        return
    shown = differences[:SHOWN_DIFFERENCES]
    rows = [(item.what, item.key, item.expected, item.found) for item in shown]
    yield from _table(f"Differences: {len(differences)}", ("what", "key", "expected", "found"), rows)
    if len(shown) < len(differences):
        yield f"\nThe first {len(shown)} of {len(differences)}; the JSON file has all."


def _run(item: Pass, names: CodeBook) -> Iterator[str]:
    checked = item.checked
    verdict = f"{len(checked.differences)} differences" if checked.differences else "no difference"
    yield from ("", f"## {item.title}: {item.seconds:.1f} s, {len(checked.loads)} tables")
    yield ""
    yield f"{checked.totals} control totals, {checked.total_acres:f} acres, {checked.references} references: {verdict}."
    rows = [(county, *acres) for county, acres in counties(checked, names)]
    yield from _table(
        "Acres in the vault", ("county", *(name.replace("_", " ") for name in COLUMNS)), rows, level=3
    )
    loads = [
        (
            load.layer,
            load.table,
            load.outcome,
            str(load.rows),
            rows_in(checked, load.layer, load.table),
            _seconds(load.seconds),
        )
        for load in checked.loads
    ]
    header = ("layer", "table", "load", "rows loaded", "rows in table", "seconds")
    yield from _table("Tables", header, loads, level=3)


def rows_in(checked: Checked, layer: str, table: str) -> str:
    """Rows a table has; for a satellite also how many are open."""
    name = table.lower()
    schemas = [SCHEMAS[layer]] if layer in SCHEMAS else _mart_schemas(checked, name)
    rows = sum(checked.rows.get(f"{schema}.{name}", 0) for schema in schemas)
    opened = checked.open_rows.get(name) if layer == "EDV" else None
    return str(rows) if opened is None else f"{rows} ({opened} open)"


def _mart_schemas(checked: Checked, name: str) -> list[str]:
    """The schemas in which marts of this name were counted."""
    found = (target.partition(".") for target in checked.rows)
    return [schema for schema, _, table in found if table == name and schema not in SCHEMAS.values()]


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f}"


def _table(
    title: str,
    header: Sequence[str],
    rows: Iterator[tuple[str, ...]] | Sequence[tuple[str, ...]],
    level: int = 2,
) -> Iterator[str]:
    yield from ("", f"{'#' * level} {title}", "", _cells(header), _cells(["---"] * len(header)))
    yield from (_cells(row) for row in rows)


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
