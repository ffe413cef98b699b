import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from rich.console import Console

from cars_acceptance.main_job.check import Checked, Difference
from cars_acceptance.main_job.progress import Step
from cars_acceptance.main_job.report import Pass, RunReport, write
from cars_acceptance.main_job.show import show
from cars_acceptance.main_job.vault import TableLoad
from cars_acceptance.source.codes import CodeBook, Status
from cars_acceptance.source.controls import Key, Line

DAY = date(2026, 6, 1)
LINE = Line("91", "003", "0011", None, "GR", "N")
ACRES = {
    Key(LINE, Status.PLANTED.value): Decimal("10.50000"),
    Key(LINE, Status.FAILED.value): Decimal("0.00001"),
}


def names() -> CodeBook:
    book = CodeBook()
    book.learn("state", "91", "Meridia")
    book.learn("county", "91003", "Elk Fork")
    return book


def report(differences: list[Difference] | None = None, failure: dict[str, str] | None = None) -> RunReport:
    checked = Checked(
        day=DAY,
        loads=[
            TableLoad("EDV", "FARM_H", "Complete", 4, 0.5, "", fresh=False),
            TableLoad("EDV", "FLD_HS", "Complete", 7, 0.25, ""),
            TableLoad("STG", "TR", "Complete", 3, 0.5, ""),
        ],
        rows={"edv.fld_hs": 9, "cars_stg.tr": 3},
        open_rows={"fld_hs": 6},
        acres=ACRES,
        totals=2,
        references=20,
        differences=differences or [],
    )
    made = RunReport({"seed": "1"}, names(), [Step("deploy", 0.5, 2.25, "done", "25 create")])
    made.passes.append(Pass("initial run", 4.5, checked))
    made.differences += differences or []
    made.failure, made.seconds = failure, 12.5
    return made


def shown(made: RunReport) -> str:
    sink = io.StringIO()
    show(Console(file=sink, width=160, color_system=None), made)
    return sink.getvalue()


def test_the_report_is_left_as_markdown_and_json(tmp_path: Path) -> None:
    markdown, data = write(report(), tmp_path / "reports", DAY)
    assert (markdown.name, data.name) == ("local-2026-06-01.md", "local-2026-06-01.json")
    text = markdown.read_text(encoding="utf-8")
    assert "# Main job: ok, 12.5 s" in text
    assert "| deploy | done | 2.2 | 25 create |" in text
    assert "| EDV | FLD_HS | Complete | 7 | 9 (6 open) | 0.25 |" in text
    assert "| EDV | FARM_H | already loaded |" in text
    assert "| STG | TR | Complete | 3 | 3 | 0.50 |" in text
    assert "2 control totals, 10.50001 acres, 20 references: no difference." in text
    content = json.loads(data.read_text(encoding="utf-8"))
    assert (content["result"], content["seconds"], content["failure"]) == ("ok", 12.5, None)
    assert content["passes"][0]["loads"][1]["table"] == "FLD_HS"


def test_acres_are_rolled_up_to_the_published_columns_without_losing_a_digit(tmp_path: Path) -> None:
    _, data = write(report(), tmp_path, DAY)
    (county,) = json.loads(data.read_text(encoding="utf-8"))["passes"][0]["counties"]
    assert county == {
        "county": "Elk Fork, Meridia",
        "planted": "10.50000",
        "volunteer": "0",
        "failed": "0.00001",
        "prevented": "0",
        "not_planted": "0",
        "planted_and_failed": "10.50001",
    }


def test_differences_are_listed_with_key_expected_and_found(tmp_path: Path) -> None:
    made = report([Difference("acres", "Elk Fork | wheat", "10.50001", "10.50000")])
    assert made.result == "different"
    markdown, _ = write(made, tmp_path, DAY)
    text = markdown.read_text(encoding="utf-8")
    assert "## Differences: 1" in text
    assert "| acres | Elk Fork \\| wheat | 10.50001 | 10.50000 |" in text
    console = shown(made)
    assert "differences: 1" in console
    assert "Elk Fork | wheat" in console


def test_many_differences_are_cut_and_counted(tmp_path: Path) -> None:
    many = [Difference("open rows", f"table {number}", "1", "2") for number in range(60)]
    markdown, data = write(report(many), tmp_path, DAY)
    text = markdown.read_text(encoding="utf-8")
    assert "The first 50 of 60; the JSON file has all." in text
    assert "table 50" not in text
    assert len(json.loads(data.read_text(encoding="utf-8"))["differences"]) == 60


def test_a_failure_says_step_command_output_and_where_to_look(tmp_path: Path) -> None:
    failure = {
        "step": "deploy",
        "message": "deployer ended with exit code 1",
        "details": "error: no role",
        "hint": "look there",
    }
    made = report(failure=failure)
    assert made.result == "failed"
    markdown, _ = write(made, tmp_path, DAY)
    for text in (markdown.read_text(encoding="utf-8"), shown(made)):
        assert all(value in text for value in failure.values())


def test_the_console_shows_tables_rows_and_acres_of_every_run_without_cutting_a_digit() -> None:
    sink = io.StringIO()
    show(Console(file=sink, width=30, color_system=None), report())
    text = sink.getvalue()
    assert "9 (6 open)" in text
    assert "7 (0.25)" in text
    assert "already loaded" in text
    assert "Elk Fork, Meridia" in text
    assert text.count("10.50001") == 2
    assert "ok: runs compared: 1, 2 control totals equal to the last digit, 12.5 s" in text
