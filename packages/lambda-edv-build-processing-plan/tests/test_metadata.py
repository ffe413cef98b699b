"""The CSVs: what is tolerated, and how each wrong file is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edv_build_processing_plan.errors import BadRelease
from edv_build_processing_plan.metadata import (
    Dependency,
    VaultTable,
    dependencies,
    listing,
    stage_tables,
    vault_tables,
)

FARM = VaultTable(1, "FARM_H")
TRACT = VaultTable(2, "TR_H")


@pytest.mark.parametrize(
    "data",
    [
        b"tbl\nTRACT\nFIELD\n",
        b"\xef\xbb\xbftbl\r\nTRACT\r\nFIELD\r\n",
        b'"TBL"\n"TRACT"\n"FIELD"\n',
        b"\n Tbl \n\n  TRACT \n   \nFIELD",
        b'\xef\xbb\xbf"Tbl"\r\n "TRACT" \r\n\r\n"FIELD"\r\n\r\n',
        b"tbl\rTRACT\rFIELD\r",
    ],
    ids=["plain", "bom and crlf", "quoted", "blanks and case", "all at once", "cr only"],
)
def test_spellings_of_the_same_list_are_read_alike(data: bytes) -> None:
    assert stage_tables(data) == ["FIELD", "TRACT"]


def test_columns_may_come_in_any_order() -> None:
    assert vault_tables(b"DV_TBL_NM|ETL_DV_TBL_ID\nTR_H|2\nFARM_H|1\n") == [FARM, TRACT]


def test_names_keep_their_spelling_and_are_sorted_without_case() -> None:
    assert stage_tables(b"tbl\ntract\nField\nacre\n") == ["acre", "Field", "tract"]
    assert vault_tables(b"etl_dv_tbl_id|dv_tbl_nm\n1|farm_h\n") == [VaultTable(1, "farm_h")]


def test_a_header_alone_lists_nothing() -> None:
    assert stage_tables(b"tbl\n") == []
    assert vault_tables(b"etl_dv_tbl_id|dv_tbl_nm") == []
    assert dependencies(b"etl_dv_tbl_id|rqr_etl_dv_tbl_id", []) == []


def test_dependencies_keep_ids_of_other_sources() -> None:
    assert dependencies(b"etl_dv_tbl_id|rqr_etl_dv_tbl_id\n2|1\n2|351\n", [FARM, TRACT]) == [
        Dependency(2, 1, 2),
        Dependency(2, 351, 3),
    ]


def _dependencies(data: bytes) -> Any:
    return dependencies(data, [FARM, TRACT])


@pytest.mark.parametrize(
    ("read", "data", "message"),
    [
        (stage_tables, b"", "stg_tables.csv is empty; its first line must be tbl"),
        (stage_tables, b"\xef\xbb\xbf\r\n \r\n", "stg_tables.csv is empty; its first line must be tbl"),
        (stage_tables, b"tbl\nFARM\xff\n", "stg_tables.csv is not UTF-8: byte 8 is 0xff"),
        (
            stage_tables,
            b"table\nFARM\n",
            "stg_tables.csv: column 'tbl' is missing; column 'table' is unknown; the header must be tbl",
        ),
        (
            stage_tables,
            b'tbl\n"FARM\nTRACT\n',
            "stg_tables.csv: a quote is opened but not closed before the end of line 3",
        ),
        (stage_tables, b"tbl\nFARM\nfarm\n", "stg_tables.csv: line 3: table farm is already in line 2"),
        (
            stage_tables,
            b"tbl\n../FARM\n",
            "stg_tables.csv: line 2: '../FARM' is not a table name (letters, digits and _)",
        ),
        (
            stage_tables,
            b"tbl\nFA\0RM\n" + b"x" * 99 + b"!\n",
            "stg_tables.csv: line 2: 'FA\\x00RM' is not a table name (letters, digits and _); "
            "line 3: '" + "x" * 79 + "... is not a table name (letters, digits and _)",
        ),
        (
            stage_tables,
            b"\xef\xbb\xbf\xef\xbb\xbftbl\nFARM\n",
            "stg_tables.csv: column 'tbl' is missing; column '\\ufefftbl' is unknown; the header must be tbl",
        ),
        (
            vault_tables,
            "etl_dv_tbl_id|dv_tbl_nm\n\u0663|FARM_H\n".encode(),
            "dv_tables.csv: line 2: etl_dv_tbl_id must be a whole number, got '\u0663'",
        ),
        (
            vault_tables,
            b"etl_dv_tbl_id|dv_tbl_nm\n7|FARM_H\n7|TR_H\n",
            "dv_tables.csv: line 3: etl_dv_tbl_id 7 is already in line 2",
        ),
        (
            vault_tables,
            b"etl_dv_tbl_id|dv_tbl_nm\n1|FARM_H\n\n2|Farm_H\n",
            "dv_tables.csv: line 4: table Farm_H is already in line 2",
        ),
        (
            vault_tables,
            b"etl_dv_tbl_id|dv_tbl_nm\nx|FARM_H\n1.5|TR_H\n|A_H\n",
            "dv_tables.csv: line 2: etl_dv_tbl_id must be a whole number, got 'x'; "
            "line 3: etl_dv_tbl_id must be a whole number, got '1.5'; "
            "line 4: etl_dv_tbl_id must be a whole number, got ''",
        ),
        (
            vault_tables,
            b"etl_dv_tbl_id|dv_tbl_nm|owner\n1|FARM_H|me\n",
            "dv_tables.csv: column 'owner' is unknown; the header must be etl_dv_tbl_id|dv_tbl_nm",
        ),
        (
            vault_tables,
            b"dv_tbl_nm|dv_tbl_nm\nA|A\n",
            "dv_tables.csv: column 'etl_dv_tbl_id' is missing; column 'dv_tbl_nm' is there twice; "
            "the header must be etl_dv_tbl_id|dv_tbl_nm",
        ),
        (
            vault_tables,
            b"etl_dv_tbl_id|dv_tbl_nm\n1\n2|A|B\n",
            "dv_tables.csv: line 2: 1 values, the header has 2; line 3: 3 values, the header has 2",
        ),
        (
            vault_tables,
            b"etl_dv_tbl_id,dv_tbl_nm\n1,FARM_H\n",
            "dv_tables.csv: column 'etl_dv_tbl_id' is missing; column 'dv_tbl_nm' is missing; "
            "column 'etl_dv_tbl_id,dv_tbl_nm' is unknown; the header must be etl_dv_tbl_id|dv_tbl_nm",
        ),
        (
            _dependencies,
            b"etl_dv_tbl_id|rqr_etl_dv_tbl_id\n9|1\n2|one\n",
            "dv_tbl_dpnds.csv: line 2: etl_dv_tbl_id 9 is not in dv_tables.csv; "
            "line 3: rqr_etl_dv_tbl_id must be a whole number, got 'one'",
        ),
    ],
)
def test_a_wrong_file_is_named_with_its_lines(
    read: Callable[[bytes], Any], data: bytes, message: str
) -> None:
    with pytest.raises(BadRelease) as caught:
        read(data)
    assert str(caught.value) == message


def test_a_value_of_absurd_length_is_refused_by_name() -> None:
    with pytest.raises(BadRelease, match=r"^stg_tables.csv line 2: field larger than field limit"):
        stage_tables(b"tbl\n" + b"x" * 200_000)


def test_a_long_list_of_problems_is_cut() -> None:
    assert listing([str(n) for n in range(23)], ", ").endswith("18, 19 and 3 more")
    assert listing(["a", "b"]) == "a; b"
