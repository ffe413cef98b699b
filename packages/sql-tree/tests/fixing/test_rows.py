# ruff: noqa: E501 - one script is one line
"""Tables of others are declared unless they may be misspelt; rows come and go with nothing else changed."""

from pathlib import Path

import pytest
from fixes import fix, left
from trees import HUB, put

EXTERNAL = "metadata/external_tables.csv"
NEEDS = "metadata/dv_tbl_dpnds.csv"
HEADER = "etl_dv_tbl_id|rqr_etl_dv_tbl_id\n"


def reads(*tables: str) -> str:
    joins = "".join(f" JOIN {table} AS t{at} ON t{at}.id = s.farm_id" for at, table in enumerate(tables))
    return f"INSERT INTO edv.farm_h (farm_id) SELECT s.farm_id FROM cars_stg.farm AS s{joins} ON CONFLICT DO NOTHING;\n"


@pytest.mark.parametrize(
    ("before", "added"),
    [
        (b"tbl\nfsa-{env}-cars.farm\nfsa-{env}-cars-cdc.farm\n", b"cmn.a_rh\nebv.county_rh\n"),
        (b"tbl\r\nfsa-{env}-cars.farm\r\nfsa-{env}-cars-cdc.farm", b"\r\ncmn.a_rh\r\nebv.county_rh"),
        (
            b'\xef\xbb\xbf"TBL"\r\n"fsa-{env}-cars.farm"\r\n"fsa-{env}-cars-cdc.farm"\r\n',
            b'"cmn.a_rh"\r\n"ebv.county_rh"\r\n',
        ),
    ],
)
def test_rows_are_added_as_the_file_writes_them(small: Path, before: bytes, added: bytes) -> None:
    put(small, HUB, reads("ebv.county_rh", "cmn.A_RH"))
    (small / EXTERNAL).write_bytes(before)
    plan = fix(small)
    assert (small / EXTERNAL).read_bytes() == before + added
    assert plan.left == ()


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("edv.farm_hx", "did you mean edv.farm_h?"),
        ("ebv.farm_h", "did you mean edv.farm_h?"),
        ("edv.framhs", "did you mean edv.farm_hs?"),
        ("cars_stg.weather", "schema cars_stg is filled by this tree"),
        ('ebv."a b"', "the name is not a plain schema.table"),
    ],
)
def test_a_name_that_may_be_wrong_is_left(small: Path, table: str, reason: str) -> None:
    put(small, HUB, reads(table))
    before = (small / EXTERNAL).read_bytes()
    plan = fix(small)
    assert (small / EXTERNAL).read_bytes() == before
    assert reason in left(plan, "external")[0]


def test_of_two_names_that_resemble_each_other_one_may_be_misspelt(small: Path) -> None:
    put(small, HUB, reads("ebv.county_rh", "ebv.conty_rh"))
    assert len(left(fix(small), "external")) == 2
    put(small, HUB, reads("ebv.person_h", "ebv.person_hs", "ebv.crop_2023", "ebv.crop_2024"))
    assert left(fix(small), "external") == []


def test_a_new_file_declares_all_that_it_must(small: Path) -> None:
    (small / EXTERNAL).unlink()
    put(small, HUB, reads("ebv.county_rh"))
    fix(small)
    assert (
        small / EXTERNAL
    ).read_text() == "tbl\nebv.county_rh\nfsa-{env}-cars-cdc.farm\nfsa-{env}-cars.farm\n"


def test_no_new_file_while_a_name_is_in_doubt(small: Path) -> None:
    (small / EXTERNAL).unlink()
    put(small, HUB, reads("ebv.county_rh", "ebv.farm_h"))
    plan = fix(small)
    assert not (small / EXTERNAL).exists()
    assert len(left(plan, "external")) == 2


def test_a_repeated_row_goes_and_a_contradicting_one_stays(small: Path) -> None:
    (small / NEEDS).write_bytes(b"etl_dv_tbl_id|rqr_etl_dv_tbl_id\r\n2|1\r\n 2 |1\r\n")
    put(small, "metadata/stg_tables.csv", "tbl\nFARM\n\nfarm\n")
    fix(small)
    assert (small / NEEDS).read_bytes() == b"etl_dv_tbl_id|rqr_etl_dv_tbl_id\r\n2|1\r\n"
    assert (small / "metadata/stg_tables.csv").read_text() == "tbl\nFARM\n\n"
    listed = "etl_dv_tbl_id|dv_tbl_nm\n1|FARM_H\n2|FARM_HS\n2|FARM_H\n"
    put(small, "metadata/dv_tables.csv", listed)
    assert left(fix(small), "duplicates")
    assert (small / "metadata/dv_tables.csv").read_text() == listed


def test_a_requirement_that_a_script_shows_is_added_unless_it_makes_a_cycle(small: Path) -> None:
    put(small, NEEDS, HEADER)
    put(
        small,
        "EDV/FARM_HS/2_DV_INSERT.sql",
        "INSERT INTO edv.farm_hs (farm_id) SELECT c.farm_id FROM farm_change AS c JOIN edv.farm_h AS h ON h.farm_id = c.farm_id WHERE NOT EXISTS (SELECT 1 FROM edv.farm_hs)",
    )
    fix(small)
    assert (small / NEEDS).read_text() == f"{HEADER}2|1\n"
    put(small, HUB, "INSERT INTO edv.farm_h (farm_id) SELECT farm_id FROM edv.farm_hs ON CONFLICT DO NOTHING")
    for rows in ("", "2|1\n"):
        put(small, NEEDS, HEADER + rows)
        assert "which requires" in left(fix(small), "requirements")[0]
        assert (small / NEEDS).read_text() == HEADER + rows


def test_a_stale_waiver_goes_unless_an_error_may_hide_its_finding(small: Path) -> None:
    waivers = "code|file|match|reason\nnull-key|EDV/GONE/*||why\n"
    put(small, "metadata/waivers.csv", waivers)
    text = (small / HUB).read_text()
    put(small, HUB, "INSERT INTO INTO")
    assert len(left(fix(small), "waivers")) == 1
    assert (small / "metadata/waivers.csv").read_text() == waivers
    put(small, HUB, text)
    fix(small)
    assert (small / "metadata/waivers.csv").read_text() == "code|file|match|reason\n"


def test_a_waived_finding_is_not_fixed(small: Path) -> None:
    (small / EXTERNAL).unlink()
    put(small, HUB, reads("ebv.county_rh"))
    put(small, "metadata/waivers.csv", "code|file|match|reason\nundeclared-table|*||known\n")
    assert fix(small).fixes == ()
