"""Findings as they are read: causes before consequences, bounded, waivable with a reason, as text, JSON and SARIF."""

import json
from pathlib import Path

import pytest
from trees import HUB, INITIAL, found, put

from sql_tree.compiler.compile import examine_tree
from sql_tree.compiler.kinds import KINDS
from sql_tree.compiler.report import LIMIT, as_data, as_sarif, text

HEADER = "code|file|match|reason\n"
UNGUARDED = "INSERT INTO edv.farm_h (farm_id) SELECT farm_id FROM cars_stg.farm"


def report(root: Path, limit: int = LIMIT) -> str:
    return text(root, examine_tree(root, checks=[]).findings, limit)


def test_a_csv_with_a_doubled_ending_is_one_cause_with_all_that_follows(small: Path) -> None:
    (small / "metadata/dv_tables.csv").rename(small / "metadata/dv_tables.csv.csv")
    lines = report(small).splitlines()
    assert lines[0] == f"{small} does not compile, 6 problems:"
    assert lines[1].startswith("error [doubled-ending] ")
    assert lines[3:] == [
        "  metadata/dv_tables.csv.csv: ends in csv twice; rename it to dv_tables.csv;"
        " 5 more follow from it: unlisted-scripts 3, csv-missing 1, dead-id 1"
    ]


def test_scripts_in_the_wrong_place_explain_a_table_without_scripts(small: Path) -> None:
    (small / HUB).rename(small / "EDV/FARM_H/DV_INSERT.sql")
    findings = examine_tree(small, checks=[]).findings
    causes = {
        finding.problem.code: finding.cause.code if finding.cause else None for finding in findings.found
    }
    assert causes == {"misplaced-file": None, "listed-without-scripts": "misplaced-file"}


def test_a_csv_with_the_content_of_another_says_whose(small: Path) -> None:
    put(small, "metadata/dm_tables.csv", (small / "metadata/dv_tables.csv").read_text())
    assert "which is the header of dv_tables.csv" in report(small)
    put(small, "metadata/dm_tables.csv", "etl_dm_tbl_id|dm_tbl_nm\n")
    put(small, "metadata/stg_tables.csv", (small / "metadata/external_tables.csv").read_text())
    assert "csv-content metadata/external_tables.csv" in found(small)


def test_an_id_that_no_table_has_is_one_finding_with_its_rows(small: Path) -> None:
    put(small, "metadata/dv_tbl_dpnds.csv", "etl_dv_tbl_id|rqr_etl_dv_tbl_id\n2|1\n9|1\n2|77\n9|2\n1|77\n")
    assert found(small) == ["dead-id metadata/dv_tbl_dpnds.csv:3", "outside-id metadata/dv_tbl_dpnds.csv:4"]
    assert "id 9 is not listed among the tables; rows on lines 3, 5" in report(small)
    assert "requires id 77, which metadata/dv_tables.csv does not list; rows on lines 4, 6" in report(small)


def test_a_mart_that_no_plan_lists_is_found(small: Path) -> None:
    put(small, "DM/A_DIM/1_DM_INSERT.sql", "DELETE FROM car_dm_stg.a_dim")
    assert found(small) == ["mart-in-no-plan DM/A_DIM/1_DM_INSERT.sql"]


def test_equal_messages_are_one_line_and_the_text_is_bounded(small: Path) -> None:
    names = [f"T{number}" for number in range(200)]
    rows = "".join(f"{number + 10}|{name}\n" for number, name in enumerate(names))
    put(small, "metadata/dv_tables.csv", f"etl_dv_tbl_id|dv_tbl_nm\n1|FARM_H\n2|FARM_HS\n{rows}")
    for number, name in enumerate(names):
        query = f"SELECT c FROM x.y{number} UNION SELECT d FROM x.z"
        put(
            small, f"EDV/{name}/1_A.sql", f"DELETE FROM edv.{name.lower()} WHERE a < now() AND b IN ({query})"
        )
    lines = report(small).splitlines()
    assert len(lines) <= LIMIT
    assert "  causes: clock 200, unknown-table 400" in lines[1] or "unknown-table 400, clock 200" in lines[1]
    assert any("uses the clock (now)" in line and line.endswith("(and 199 more places)") for line in lines)
    assert any(line.endswith("more like it") for line in lines)
    assert len(report(small, 12).splitlines()) <= 12
    assert len(report(small, 0).splitlines()) > 200


def test_warnings_do_not_stop_a_release_and_errors_do(small: Path) -> None:
    put(small, HUB, UNGUARDED)
    compiled = examine_tree(small, checks=[])
    assert compiled.release is not None
    assert [problem.code for problem in compiled.findings.warnings] == ["not-idempotent"]
    assert report(small).startswith(f"{small} compiles, 1 warning:\nwarning [not-idempotent] ")


def test_a_waiver_with_a_reason_accepts_a_finding_and_does_not_travel(small: Path) -> None:
    put(small, HUB, UNGUARDED)
    before = examine_tree(small, checks=[]).release
    put(small, "metadata/waivers.csv", f"{HEADER}not-idempotent|edv/farm_h/*|edv.farm_h|a key forbids it\n")
    compiled = examine_tree(small, checks=[])
    assert [finding.waived for finding in compiled.findings.found] == ["a key forbids it"]
    assert (compiled.release and compiled.release.release) == (before and before.release)
    assert report(small) == f"{small} compiles, 1 waived"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("not-idempotent|EDV/*||was so", "stale-waiver metadata/waivers.csv:2"),
        ("not-idempotent|EDV/*|| ", "bad-waiver metadata/waivers.csv:2"),
        ("clock|*||we like it", "bad-waiver metadata/waivers.csv:2"),
        ("nonsense|*||x", "bad-waiver metadata/waivers.csv:2"),
        ("not-idempotent||x|y", "bad-waiver metadata/waivers.csv:2"),
        ("not-idempotent|*", "bad-waiver metadata/waivers.csv:2"),
    ],
)
def test_a_waiver_that_is_stale_or_wrong_fails(small: Path, row: str, expected: str) -> None:
    put(small, "metadata/waivers.csv", HEADER + row + "\n")
    assert found(small) == [expected]
    assert examine_tree(small, checks=[]).release is None


def test_a_waiver_whose_finding_may_be_hidden_follows_from_what_hides_it(small: Path) -> None:
    put(small, "metadata/waivers.csv", f"{HEADER}not-idempotent|{HUB}||was so\n")
    put(small, HUB, "INSERT edv.farm_h (farm_id) SELECT 1")
    findings = examine_tree(small, checks=[]).findings
    causes = {finding.problem.code: finding.cause and finding.cause.code for finding in findings.found}
    assert causes == {"postgres-syntax": None, "stale-waiver": "postgres-syntax"}


def test_what_an_unknown_token_breaks_follows_from_it(small: Path) -> None:
    put(
        small,
        HUB,
        "INSERT INTO edv.farm_h (farm_id)\nSELECT s.{NOPE} FROM cars_stg.farm AS s\nON CONFLICT DO NOTHING",
    )
    findings = examine_tree(small, checks=[]).findings
    assert [finding.problem.code for finding in findings.found if finding.cause is None] == ["unknown-token"]
    follow = "; 2 more follow from it: unknown-column 1, postgres-syntax 1"
    assert report(small).splitlines()[-1].endswith(follow)


def test_json_and_sarif_hold_every_finding(small: Path) -> None:
    put(small, HUB, "INSERT edv.farm_h (farm_id)\nSELECT 1 FROM edv.nope")
    put(small, INITIAL, "SELECT d.op AS farm_id FROM `fsa-{env}-cars`.`farm` AS d WHERE a = {NOPE}")
    findings = examine_tree(small, checks=[]).findings
    data = json.loads(json.dumps(as_data(small, findings)))
    assert (data["ok"], data["errors"]) == (False, 3)
    first = data["findings"][0]
    assert (first["code"], first["file"], first["line"], first["column"]) == ("postgres-syntax", HUB, 1, 8)
    assert (first["why"], first["instead"]) == ("the database refuses it", "write it as Postgres does")
    log = json.loads(json.dumps(as_sarif(findings)))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert len(run["results"]) == len(findings.found)
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert run["results"][0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": HUB, "uriBaseId": "TREE"},
        "region": {"startLine": 1, "startColumn": 8},
    }


def test_every_kind_says_why_it_matters_and_what_to_write() -> None:
    for code, kind in KINDS.items():
        assert code == kind.code
        assert all((kind.title, kind.why, kind.instead))
        assert kind.severity in ("error", "warning")
        assert kind.waivable or kind.severity == "error"


ROWS = "1|FARM_H\n2|FARM_HS\n"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("metadata/dm_tables.csv", f"etl_dm_tbl_id|dm_tbl_nm\n{ROWS}", "csv-content metadata/dm_tables.csv"),
        ("metadata/stg_tables.csv", "tbl\nfarm_h\nfarm_hs\n", "csv-content metadata/stg_tables.csv"),
        (
            "metadata/dm_tables.csv",
            f"etl_dv_tbl_id|dv_tbl_nm\n{ROWS}",
            "csv-content metadata/dm_tables.csv:1",
        ),
        (
            "metadata/dv_tables (1).csv",
            f"etl_dv_tbl_id|dv_tbl_nm\n{ROWS}",
            "csv-unknown metadata/dv_tables (1).csv",
        ),
        ("metadata/DV_TABLES2.csv", "a\n", "csv-unknown metadata/DV_TABLES2.csv"),
        (
            INITIAL.replace("FARM.sql", "FARM_v2.sql"),
            "SELECT 1 AS farm_id",
            "script-name STG/FARM/initial/FARM_v2.sql",
        ),
    ],
)
def test_a_misplaced_content_is_one_cause(small: Path, name: str, content: str, expected: str) -> None:
    put(small, name, content)
    findings = examine_tree(small, checks=[]).findings
    assert [f"{one.problem.code} {one.problem.place}" for one in findings.found if one.cause is None] == [
        expected
    ]


@pytest.mark.parametrize(
    "name", ["dv_tables.CSV.csv", "DV_TABLES.csv.CSV", "dv_tables.csv.txt", "DV_TABLES.csv"]
)
def test_a_list_under_another_name_explains_what_misses_it(small: Path, name: str) -> None:
    (small / "metadata/dv_tables.csv").rename(small / f"metadata/{name}")
    findings = examine_tree(small, checks=[]).findings
    assert [one.problem.file for one in findings.found if one.cause is None] == [f"metadata/{name}"]
