"""Each file is read with its own types: files that are written differently never share them without a word."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harness import World, farm_rows, log_lines

from datamart_exec.errors import DatamartError

BIG = pa.int64()


def column(world: World, name: str, *values: Any) -> None:
    """One file of one row for each value, named 1, 2 and so on; the row's number is its `farm_identifier`."""
    for number, value in enumerate(values, 1):
        world.changes(
            farm_rows(1, farm_identifier=pa.array([number], BIG), **{name: value}), name=str(number)
        )
    world.release()


def loaded(world: World, columns: str) -> list[tuple[object, ...]]:
    world.run("STG", "FARM")
    return world.rows(f"SELECT {columns} FROM cars_stg.farm ORDER BY farm_id")


def refused(world: World) -> str:
    with pytest.raises(DatamartError) as caught:
        world.run("STG", "FARM")
    return str(caught.value)


def decimals(text: str, digits: int, scale: int) -> Any:
    return pa.array([Decimal(text)], pa.decimal128(digits, scale))


def test_decimals_of_other_scales_keep_their_digits(world: World) -> None:
    column(world, "acres", decimals("1.20", 10, 2), decimals("1.2345", 10, 4), decimals("7", 18, 0))
    assert loaded(world, "acres::text") == [("1.2000",), ("1.2345",), ("7.0000",)]


def test_decimals_that_no_common_type_holds_are_refused_with_file_and_types(world: World) -> None:
    column(world, "acres", decimals("1", 38, 0), decimals("1.2345", 38, 6))
    message = refused(world)
    assert "column acres of" in message
    assert "is decimal(38,6) in s3://" in message
    assert "2.parquet but decimal(38,0) in its other files such as s3://" in message


def test_integers_beside_decimals_keep_their_digits(world: World) -> None:
    column(world, "acres", pa.array([3], pa.int32()), decimals("1.5", 5, 2))
    assert loaded(world, "acres::text") == [("3.0000",), ("1.5000",)]


def test_integers_of_other_widths_are_read_as_the_widest(world: World) -> None:
    wide = pa.array([2**40], BIG)
    column(world, "farm_identifier2", pa.array([1], pa.int8()), wide, pa.array([2], pa.uint32()))
    world.staging(
        "SELECT f.farm_identifier2 AS farm_id FROM `fsa-{env}-cars-cdc`.`farm` f"
        " WHERE f.dart_filedate = '{ETL_START_DATE}'"
    )
    world.release()
    assert loaded(world, "farm_id") == [(1,), (2,), (2**40,)]


def test_a_date_beside_a_timestamp_does_not_cut_the_time(world: World) -> None:
    moment = pa.array([datetime(2025, 3, 1, 14, 30, 15)], pa.timestamp("us", tz="UTC"))  # noqa: DTZ001
    column(world, "created", pa.array([date(2025, 3, 1)]), moment)
    assert loaded(world, "cre_dt::text") == [("2025-03-01 00:00:00",), ("2025-03-01 14:30:15",)]


def test_timestamps_with_and_without_zone_in_one_table_are_both_utc(world: World) -> None:
    zone = pa.array([datetime(2025, 3, 1, 14, 30)], pa.timestamp("ms", tz="America/Chicago"))  # noqa: DTZ001
    column(world, "created", zone, pa.array([datetime(2025, 3, 1, 14, 30)], pa.timestamp("us")))  # noqa: DTZ001
    assert loaded(world, "cre_dt::text") == [("2025-03-01 14:30:00",), ("2025-03-01 14:30:00",)]


def test_floats_beside_doubles_are_read_as_doubles(world: World) -> None:
    world.execute("ALTER TABLE cars_stg.farm ALTER COLUMN acres TYPE double precision")
    column(world, "acres", pa.array([0.5], pa.float32()), pa.array([0.1], pa.float64()))
    assert loaded(world, "acres") == [(0.5,), (0.1,)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_column_without_type_in_one_file_takes_the_type_of_the_others(
    world: World, order: tuple[int, int]
) -> None:
    values: list[Any] = [pa.nulls(1), pa.array(["a name"])]
    column(world, "name", *(values[index] for index in order))
    assert sorted(loaded(world, "farm_nm"), key=str) == [("a name",), (None,)]


def test_a_column_without_type_in_every_file_is_null(world: World) -> None:
    for name in ("name", "acres", "state", "created"):
        column(world, name, pa.nulls(1))
        assert loaded(
            world, f"{ {'name': 'farm_nm', 'state': 'st_cd', 'created': 'cre_dt'}.get(name, name) }"
        ) == [(None,)]


def test_types_that_differ_in_a_column_that_no_script_reads_do_not_matter(world: World) -> None:
    column(world, "unread", pa.array(["text"]), pa.array([1]), pa.array([[1]]), pa.nulls(1))
    assert len(loaded(world, "farm_id")) == 4


def test_a_type_that_staging_does_not_load_is_refused_with_a_file(world: World) -> None:
    column(world, "name", pa.array([None], pa.string()), pa.array([b"a"], pa.binary()))
    assert "2.parquet" in refused(world)
    for number in (1, 2):
        world.changes(farm_rows(1, name=pa.array([[1]])), name=str(number))
    message = refused(world)
    assert "column name of" in message
    assert "has type bigint[] in s3://" in message
    assert "1.parquet, which staging cannot read" in message


def test_star_leaves_out_what_it_cannot_read_only_where_the_table_has_no_such_column(world: World) -> None:
    world.staging(
        "SELECT f.*, f.farm_identifier AS farm_id FROM `fsa-{env}-cars-cdc`.`farm` f"
        " WHERE f.dart_filedate = '{ETL_START_DATE}'"
    )
    for name in ("farm_identifier", "program_year", "name", "state", "created", "op", "dart_filedate"):
        world.execute(f"ALTER TABLE cars_stg.farm ADD COLUMN {name} text")
    world.execute("ALTER TABLE cars_stg.farm ALTER COLUMN farm_identifier TYPE bigint USING NULL")
    world.execute("ALTER TABLE cars_stg.farm ALTER COLUMN program_year TYPE bigint USING NULL")
    world.execute("ALTER TABLE cars_stg.farm ALTER COLUMN created TYPE timestamp USING NULL")
    world.execute("ALTER TABLE cars_stg.farm ALTER COLUMN dart_filedate TYPE date USING NULL")
    column(world, "unread", pa.array([[1]]), pa.array([[1]]))
    assert loaded(world, "farm_id") == [(1,), (2,)]
    column(world, "unread", pa.array(["text"]), pa.array([1]))
    world.execute("ALTER TABLE cars_stg.farm ADD COLUMN unread text")
    assert "column unread of" in refused(world)


def test_columns_in_another_order_are_read_by_name(world: World) -> None:
    rows = farm_rows(1)
    world.changes(rows, name="1")
    world.changes(rows.select(sorted(rows.column_names, reverse=True)), name="2")
    world.release()
    assert len(set(loaded(world, "farm_id, pgm_yr, acres, farm_nm, st_cd, cre_dt"))) == 1


# calendars


def legacy(world: World, rows: pa.Table, keys: dict[str, str], *, int96: bool = False) -> None:
    """A file whose footer says what Spark wrote there."""
    buffer = io.BytesIO()
    metadata: Any = {f"org.apache.spark.{name}": value for name, value in keys.items()}
    pq.write_table(rows.replace_schema_metadata(metadata), buffer, use_deprecated_int96_timestamps=int96)
    world.put(f"{world.app}/_cdc/farm/dart_filedate=2025-03-01/1.parquet", buffer.getvalue())
    world.release()


def julian_day(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Julian calendar, by the usual formula for Julian day numbers."""
    shift = (14 - month) // 12
    years, months = year + 4800 - shift, month + 12 * shift - 3
    return day + (153 * months + 2) // 5 + 365 * years + years // 4 - 32083 - 2440588


OLD = {"version": "2.4.8", "legacyDateTime": ""}
DATES = [(1, 1, 1), (4, 3, 1), (100, 2, 28), (100, 3, 1), (999, 12, 31), (1500, 3, 1), (1582, 10, 4)]


def test_dates_of_the_julian_calendar_are_the_same_dates_afterwards(world: World) -> None:
    stored: Any = pa.array([julian_day(*each) for each in DATES], pa.int32()).cast(pa.date32())
    modern: Any = pa.array([date(1582, 10, 15), date(2025, 1, 1), None])
    world.execute("ALTER TABLE cars_stg.farm ALTER COLUMN cre_dt TYPE date")
    world.staging(
        "SELECT f.farm_identifier AS farm_id, f.created AS cre_dt FROM `fsa-{env}-cars-cdc`.`farm` f"
        " WHERE f.dart_filedate = '{ETL_START_DATE}'"
    )
    legacy(world, farm_rows(10, created=pa.concat_arrays([stored, modern])), OLD)
    expected = [date(*each) for each in DATES] + [date(1582, 10, 15), date(2025, 1, 1), None]
    assert [row[0] for row in loaded(world, "cre_dt")] == expected


def test_timestamps_of_the_julian_calendar_are_the_same_in_utc_and_refused_elsewhere(world: World) -> None:
    keys = {"version": "3.5.6", "legacyDateTime": "", "timeZone": "UTC"}
    moment = timedelta(hours=5, microseconds=7) // timedelta(microseconds=1)
    stored: Any = pa.array([julian_day(1500, 3, 1) * 86_400_000_000 + moment, 0], pa.int64())
    legacy(world, farm_rows(2, created=stored.cast(pa.timestamp("us"))), keys)
    assert loaded(world, "cre_dt::text") == [("1500-03-01 05:00:00.000007",), ("1970-01-01 00:00:00",)]
    legacy(world, farm_rows(2, created=stored.cast(pa.timestamp("us"))), {**keys, "timeZone": "Asia/Tokyo"})
    message = refused(world)
    assert "1.parquet: column created: value 1500-03-11" in message
    assert "is before 1900 and may be in the Julian calendar" in message


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, "may be in the Julian calendar"),
        ({"version": "3.0.1"}, "may be in the Julian calendar"),
        ({"version": "3.5.6", "legacyINT96": ""}, "may be in the Julian calendar"),
        ({"version": "3.5.6"}, ""),
        ({"version": "3.5.6", "legacyINT96": "", "timeZone": "UTC"}, ""),
    ],
)
def test_int96_before_1900_is_read_only_when_its_writer_is_known(
    world: World, keys: dict[str, str], expected: str
) -> None:
    stored: Any = pa.array([datetime(1850, 1, 1, 1)], pa.timestamp("us"))  # noqa: DTZ001
    legacy(world, farm_rows(1, created=stored), keys, int96=True)
    if expected:
        assert expected in refused(world)
    else:
        assert loaded(world, "cre_dt::text") == [("1850-01-01 01:00:00",)]


def test_dates_of_other_writers_are_read_as_they_are(world: World) -> None:
    stored: Any = pa.array([datetime(1, 1, 1)], pa.timestamp("us"))  # noqa: DTZ001
    legacy(world, farm_rows(1, created=stored), {})
    assert loaded(world, "cre_dt::text") == [("0001-01-01 00:00:00",)]


# not a number


def test_the_largest_of_doubles_is_nan_whatever_the_file_says(world: World) -> None:
    world.execute("ALTER TABLE cars_stg.farm ALTER COLUMN acres TYPE double precision")
    query = "SELECT {} AS acres FROM `fsa-{{env}}-cars-cdc`.`farm` f WHERE f.dart_filedate = '{{ETL_START_DATE}}'{}"
    values = {"limit_": pa.array([1.0, 1.0]), "zero": pa.array([0.0, 0.0])}
    world.changes(farm_rows(2, acres=pa.array([1.0, float("nan")]), **values))
    for expression, filtered in (
        ("MAX(f.acres)", ""),
        ("f.acres", " AND f.acres > f.limit_ AND f.acres <> f.zero"),
    ):
        world.staging(query.format(expression, filtered))
        world.release()
        assert [str(row[0]) for row in loaded(world, "acres")] == ["nan"]


def test_drift_in_unread_columns_is_not_a_warning(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    column(world, "unread", pa.array(["text"]), pa.array([1]))
    loaded(world, "farm_id")
    assert not [line for line in log_lines(capsys.readouterr().out) if line["level"] == "WARNING"]


# numbers and texts that would become something else


def reading(world: World, expression: str, of: str = "farm_nm") -> None:
    world.staging(
        f"SELECT f.farm_identifier AS farm_id, {expression} AS {of} FROM `fsa-{{env}}-cars-cdc`.`farm` f"
        " WHERE f.dart_filedate = '{ETL_START_DATE}'"
    )


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array([1]), "bigint"),
        (pa.array([1], pa.uint8()), "smallint"),
        (pa.array([True]), "boolean"),
        (pa.array([date(2025, 3, 1)]), "date"),
        (pa.array([1.0]), "double"),
        (pa.array([Decimal(1)]), "decimal(1,0)"),
        (pa.array([datetime(2025, 3, 1)]), "timestamp"),  # noqa: DTZ001
    ],
)
def test_what_is_no_text_never_becomes_one_for_a_text_column(world: World, values: Any, kind: str) -> None:
    reading(world, "f.state", "st_cd")
    column(world, "state", values)
    message = refused(world)
    assert 'STG/FARM/incremental/FARM.sql: cars_stg."farm".st_cd is' in message
    assert kind in message


def test_a_number_becomes_a_text_where_the_script_says_so(world: World) -> None:
    reading(world, "CAST(f.state AS STRING)", "st_cd")
    column(world, "state", pa.array([7]))
    assert loaded(world, "st_cd") == [("7",)]


@pytest.mark.parametrize(
    "expression",
    ["NULL", "CASE WHEN f.state = '01' THEN NULL END", "COALESCE(NULL, NULL)", "q.x"],
)
def test_null_is_a_text_and_any_other_type(world: World, expression: str) -> None:
    reading(world, expression)
    if expression == "q.x":
        world.staging("SELECT q.x AS farm_nm FROM (SELECT NULL AS x FROM `fsa-{env}-cars-cdc`.`farm` f) q")
    column(world, "state", pa.array(["01"]))
    assert loaded(world, "farm_nm") == [(None,)]


@pytest.mark.parametrize("year", [1, 9999])
def test_dates_with_years_of_four_digits_become_texts(world: World, year: int) -> None:
    reading(world, "CAST(f.created AS STRING)")
    column(world, "created", pa.array([date(year, 12, 31)]))
    assert loaded(world, "farm_nm") == [(f"{year:04}-12-31",)]


@pytest.mark.parametrize(("days", "shown"), [(2_932_897, "10000-01-01"), (-719_163, "0001-12-31 (BC)")])
def test_dates_with_other_years_are_refused_as_texts(world: World, days: int, shown: str) -> None:
    reading(world, "CONCAT(CAST(f.created AS STRING), '!')")
    stored: Any = pa.array([days], pa.int32()).cast(pa.date32())
    column(world, "created", stored)
    assert f"value '{shown}' is not a date of the years 1 to 9999" in refused(world)


# INT96 with nanoseconds


def int96(world: World, *nanos: int | None, spark: bool = False) -> None:
    stored: Any = pa.array(nanos, pa.timestamp("ns"))
    keys = {"version": "3.5.6"} if spark else {}
    legacy(world, farm_rows(len(nanos), created=stored), keys, int96=True)


def test_int96_of_whole_microseconds_is_read(world: World) -> None:
    int96(world, 1_700_000_000_123_456_000, None, -1_000_000_000_000_001_000)
    assert loaded(world, "cre_dt::text") == [
        ("2023-11-14 22:13:20.123456",),
        (None,),
        ("1938-04-24 22:13:19.999999",),
    ]


def test_int96_finer_than_a_microsecond_is_refused_with_file_column_row_and_value(world: World) -> None:
    int96(world, 5000, None, 1_700_000_000_123_456_700)
    message = refused(world)
    assert message.endswith(
        "/1.parquet: column created, row 3: value 2023-11-14 22:13:20.123456700 is finer than a microsecond"
    )


@pytest.mark.parametrize("nanos", [1, -1, 1_700_000_000_123_456_700])
def test_nanoseconds_with_a_zone_are_refused_unless_they_are_whole_microseconds(
    world: World, nanos: int
) -> None:
    world.changes(farm_rows(2, created=pa.array([None, -1000], pa.timestamp("ns", "UTC"))))
    world.release()
    assert loaded(world, "cre_dt::text") == [(None,), ("1969-12-31 23:59:59.999999",)]
    world.changes(farm_rows(3, created=pa.array([0, None, nanos], pa.timestamp("ns", "America/Chicago"))))
    assert "column created, row 3: value" in refused(world)


def test_int96_that_no_script_reads_is_not_looked_at(world: World) -> None:
    int96(world, 1)
    reading(world, "f.name")
    world.release()
    assert loaded(world, "farm_nm") == [("farm 0",)]
