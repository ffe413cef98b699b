from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from cars_acceptance.source import published
from cars_acceptance.source.codes import Status
from cars_acceptance.source.controls import ControlTotals, Key, Line
from cars_acceptance.source.controls import published as in_columns
from cars_acceptance.source.errors import ControlTotalsError

from .repository import above

HEADER = (
    "State Code,County Code,Crop Code,State,County,State County Code,Crop,Crop Type,Intended Use,Irrigation Practice,"
    "Planted Acres,Volunteer Acres,Failed Acres,Prevented Acres,Not Planted Acres,Planted and Failed Acres"
)
WHEAT = "91,3,11,Meridia,Elk Fork,91003,WHEAT,SPRING,Grain,N,10.5,0,0.25,0,0,10.75"


def parse(*lines: str, header: str = HEADER) -> ControlTotals:
    return published.parse("\n".join((header, *lines)).encode(), "acres.csv")


def problems(*lines: str, header: str = HEADER) -> str:
    with pytest.raises(ControlTotalsError) as caught:
        parse(*lines, header=header)
    return str(caught.value)


def wheat(**columns: str) -> str:
    """The wheat line with other values; columns are named by position in the header."""
    names = [name.lower().replace(" ", "_") for name in HEADER.split(",")]
    values = dict(zip(names, WHEAT.split(","), strict=True)) | columns
    return ",".join(values.values())


def test_categories_of_a_line_become_totals_by_status() -> None:
    line = Line("91", "003", "0011", "S-KCJ4", "GR", "N")
    control = parse(WHEAT)
    assert control.acres == {
        Key(line, Status.PLANTED.value): Decimal("10.5"),
        Key(line, Status.FAILED.value): Decimal("0.25"),
    }
    assert control.names.name("crop type", "S-KCJ4") == "SPRING"
    assert in_columns(control.acres)[line].planted_and_failed == Decimal("10.75")


def test_blank_uses_and_empty_types_have_no_code() -> None:
    control = parse(wheat(crop_type="", intended_use="Blank"))
    assert {(key.line.crop_type, key.line.use) for key in control.acres} == {(None, None)}


def test_quoted_commas_byte_order_mark_blank_lines_header_case_and_windows_ends_are_read() -> None:
    text = (
        "\ufeff"
        + HEADER.upper()
        + '\r\n\r\n91,3,21,Meridia,Elk Fork,91003,"COTTON, UPLAND",,Blank,I,"1,234.5",0,0,0,0,1234.50\r\n'
    )
    control = published.parse(text.encode(), "acres.csv")
    assert list(control.acres.values()) == [Decimal("1234.5")]
    assert control.names.name("crop", "0021") == "COTTON, UPLAND"


def test_columns_may_come_without_the_word_acres_and_in_another_order() -> None:
    header = "Planted & Failed," + HEADER.replace(" Acres", "").removesuffix(",Planted and Failed")
    assert parse("10.75," + WHEAT.rpartition(",")[0], header=header).acres == parse(WHEAT).acres


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (wheat(planted_acres="many"), "line 2: column 'planted' is 'many' (acres, zero or more, as in 1234.5 or 1,234.5)"),
        (wheat(planted_acres="-1"), "line 2: column 'planted' is '-1' (acres, zero or more"),
        (wheat(planted_acres=""), "line 2: column 'planted' is '' (acres, zero or more"),
        (wheat(planted_acres="NaN"), "line 2: column 'planted' is 'NaN' (acres, zero or more"),
        (wheat(planted_acres="1e3"), "line 2: column 'planted' is '1e3' (acres, zero or more"),
        (wheat(planted_acres='"12,34"'), "line 2: column 'planted' is '12,34' (acres, zero or more"),
        (wheat(failed_acres="0.000001"), "line 2: column 'failed' is '0.000001' (at most 5 decimals)"),
        (wheat(planted_acres="100000000000000"), "column 'planted' is '100000000000000' (at most 99999999999999.99999)"),
        (wheat(planted_and_failed_acres="10.74"), "planted 10.5 + failed 0.25 is 10.75, but column"),
        (wheat(irrigation_practice="X"), "line 2: column 'irrigation practice' is 'X' (one of I, N, O)"),
        (wheat(state_code="0"), "line 2: column 'state code' is '0' (a whole number from 1 to 99)"),
        (wheat(county_code="1000"), "line 2: column 'county code' is '1000' (a whole number from 1 to 999)"),
        (wheat(crop_code="wheat"), "line 2: column 'crop code' is 'wheat' (a whole number from 1 to 9999)"),
        (wheat(state_county_code="91004"), "column 'state county code' is '91004' (91003, from state 91 and"),
        (wheat(crop=""), "line 2: column 'crop' is '' (a name)"),
        (WHEAT + ",1", "line 2: has 17 fields, the header has 16"),
        ('91,3,"11', "line 2: not readable as CSV: unexpected end of data"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_with_column_and_value(line: str, message: str) -> None:
    found = problems(line)
    assert found.startswith("acres.csv: 1 problem: line 2: ")
    assert message in found


def test_a_line_that_repeats_another_is_refused() -> None:
    assert problems(WHEAT, wheat(crop_type=" spring")) == (
        "acres.csv: 1 problem: line 3: repeats line 2 (same county, crop, type, use and irrigation); merge them"
    )


def test_one_code_with_two_names_is_refused() -> None:
    found = problems(WHEAT, wheat(crop="OATS", crop_type="OTHER"))
    assert "line 3: crop names 'WHEAT' and 'OATS' have the same code '0011'; rename one of them" in found


def test_all_bad_lines_are_listed_at_once_up_to_twenty() -> None:
    found = problems(*(wheat(planted_acres="?") for _ in range(25)))
    assert found.startswith("acres.csv: 25 problems: line 2: column 'planted' is '?'")
    assert "line 21:" in found
    assert "line 22:" not in found
    assert found.endswith("; and 5 more")


def test_missing_and_repeated_columns_are_named() -> None:
    found = problems(WHEAT, header=HEADER.replace("Crop Type", "Crop"))
    assert found == "acres.csv: line 1: column 'crop type' is missing; column 'crop' is there twice"


@pytest.mark.parametrize(
    "lines", [(), (wheat(planted_acres="0", failed_acres="0", planted_and_failed_acres="0"),)]
)
def test_a_file_without_acres_is_refused(lines: tuple[str, ...]) -> None:
    assert problems(*lines) == "acres.csv: 1 problem: there is no line with acres"


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(ControlTotalsError, match="there is no line with acres"):
        published.parse(b"", "acres.csv")


def test_other_encodings_are_named_with_line_and_byte() -> None:
    with pytest.raises(
        ControlTotalsError, match=r"acres.csv: line 2: byte 0xf1 is not UTF-8; save the file as UTF-8"
    ):
        published.parse(HEADER.encode() + b"\n91,3,11,Do\xf1a", "acres.csv")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ControlTotalsError, match=r"cannot read control totals .*none\.csv: No such file"):
        published.read(tmp_path / "none.csv")


@pytest.mark.parametrize("covered", [
    lambda key: key.line.crop_type is None,
    lambda key: key.line.use is None,
    lambda key: key.line.irrigation == "I",
    lambda key: key.line.irrigation == "O",
    *[lambda key, status=status: key.status == status.value for status in Status],
])  # fmt: skip
def test_builtin_totals_cover_every_kind_of_key(covered: Callable[[Key], bool]) -> None:
    control = published.builtin()
    assert any(covered(key) for key in control.acres)
    assert len(control.areas()) >= 3


def test_published_lines_of_the_department_are_read() -> None:
    sample = above("shared/data/fsa_acreage_2024_sample.csv")
    if sample is None:
        pytest.skip("the published sample is not above the tests (shared/data/fsa_acreage_2024_sample.csv)")
    control = published.read(sample)
    lines = in_columns(control.acres)
    assert len(lines) == 23
    upland = next(line for line in lines if line.crop == "0021" and line.irrigation == "I")
    assert upland == Line("01", "001", "0021", None, None, "I")
    assert lines[upland].planted_and_failed == Decimal("545.07")
    idle = next(acres for line, acres in lines.items() if line.crop == "0105")
    assert (idle.planted, idle.volunteer, idle.not_planted) == (
        Decimal("21.61"),
        Decimal("2814.64"),
        Decimal("1090.77"),
    )
