"""The staging layer end to end: Parquet on S3 becomes the content of a Postgres table, and says so in the ledger."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harness import DAY, STAGING, World, farm_rows, log_lines

from datamart_exec.errors import DatamartError

FINAL = STAGING.replace("cars-cdc`", "cars`").replace(" WHERE f.dart_filedate = '{ETL_START_DATE}'", "")


def dated(rows: pa.Table, day: int = 20_000) -> pa.Table:
    """Rows of the final zone, which carry their date."""
    return rows.append_column("dart_filedate", pa.array([day] * len(rows), pa.date32()))


def loaded(world: World, columns: str = "farm_id, farm_nm") -> list[tuple[object, ...]]:
    return world.rows(f"SELECT {columns} FROM cars_stg.farm ORDER BY farm_id")


def failing(world: World, table: str = "FARM") -> str:
    """The message of a staging run that fails, with what it promises: one line, in the ledger, no change."""
    before = loaded(world)
    with pytest.raises(DatamartError) as caught:
        world.run("STG", table)
    message = str(caught.value)
    assert len(message) <= 400
    assert "\n" not in message
    assert world.ledger(table)[-1] == ("Failed", None, message)
    assert loaded(world) == before
    return message


def test_rows_of_the_day_replace_the_table(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.changes(farm_rows(3))
    world.changes(farm_rows(5), day="2025-02-28")
    world.release()
    world.execute("INSERT INTO cars_stg.farm (farm_id) VALUES (99)")
    world.run("STG", "FARM")
    columns = "farm_id, pgm_yr, acres::text, farm_nm, cdc_oper_cd, cdc_dt::text, load_dt::text"
    assert loaded(world, columns) == [
        (index, 2025, f"{index}.2500", f"farm {index}", "I", DAY, f"{DAY} 00:00:00") for index in range(3)
    ]
    assert world.ledger("FARM") == [("Complete", 3, None)]
    done = log_lines(capsys.readouterr().out)[-1]
    assert done["message"] == "table done"
    assert (done["rows"], done["table"], done["layer"], done["execution"]) == (3, "FARM", "STG", f"run-{DAY}")


def test_logs_hold_neither_rows_nor_sql(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.changes(farm_rows(2, name=pa.array(["secret farm", "other"])))
    world.release()
    world.run("STG", "FARM")
    output = capsys.readouterr().out
    assert "secret farm" not in output
    assert "SELECT" not in output


def test_the_same_inputs_again_change_nothing_and_say_so(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.changes(farm_rows(3))
    world.release()
    world.run("STG", "FARM")
    before = world.rows("SELECT ctid::text, xmin::text FROM cars_stg.farm")
    world.run("STG", "FARM", execution="again")
    assert world.rows("SELECT ctid::text, xmin::text FROM cars_stg.farm") == before
    assert world.ledger("FARM") == [("Complete", 3, None)]
    messages = [line["message"] for line in log_lines(capsys.readouterr().out)]
    assert "already loaded, nothing changed" in messages


def test_a_late_file_of_the_day_is_loaded_by_the_next_run(world: World) -> None:
    world.changes(farm_rows(3))
    world.release()
    world.run("STG", "FARM")
    world.changes(farm_rows(1, farm_identifier=pa.array([77], pa.int64())), name="late")
    world.run("STG", "FARM")
    assert [row[0] for row in loaded(world)] == [0, 1, 2, 77]


def test_a_day_without_files_empties_the_table(world: World) -> None:
    world.changes(farm_rows(3))
    world.release()
    world.run("STG", "FARM")
    world.run("STG", "FARM", day="2025-03-02")
    assert loaded(world) == []
    assert world.ledger("FARM") == [("Complete", 3, None), ("Complete", 0, None)]


def test_a_table_without_any_change_yet_takes_its_columns_from_the_final_zone(world: World) -> None:
    world.final(dated(farm_rows(3)))
    world.release()
    world.run("STG", "FARM")
    assert loaded(world) == []


def test_a_source_that_is_nowhere_is_named(world: World) -> None:
    world.release()
    message = failing(world)
    assert "STG/FARM/incremental/FARM.sql: source table" in message
    assert f"`fsa-test-{world.app}-cdc`.`farm` has no Parquet file" in message


def test_a_final_table_without_files_is_named_and_not_taken_for_empty(world: World) -> None:
    world.changes(farm_rows(3))
    world.staging(FINAL)
    world.release()
    assert f"`fsa-test-{world.app}`.`farm` has no Parquet file under s3://" in failing(world)


def test_a_full_load_without_operation_column_is_all_inserts(world: World) -> None:
    world.staging(FINAL)
    world.final(dated(farm_rows(2, op=None)), name="LOAD1")
    world.final(
        dated(farm_rows(1, op=pa.array(["U"]), farm_identifier=pa.array([9], pa.int64()))), name="change"
    )
    world.release()
    world.run("STG", "FARM")
    assert loaded(world, "farm_id, cdc_oper_cd") == [(0, "I"), (1, "I"), (9, "UN")]


def test_a_missing_column_is_named_with_table_and_file(world: World) -> None:
    world.changes(farm_rows(2, acres=None))
    world.release()
    message = failing(world)
    assert f"column acres is missing in `fsa-test-{world.app}-cdc`.`farm`" in message
    assert f"dart_filedate={DAY}/1.parquet" in message


def test_a_column_that_only_some_files_have_is_null_in_the_others_and_logged(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.changes(farm_rows(1, acres=None, farm_identifier=pa.array([5], pa.int64())), name="1")
    world.changes(farm_rows(1), name="2")
    world.release()
    world.run("STG", "FARM")
    assert loaded(world, "farm_id, acres") == [(0, Decimal("0.2500")), (5, None)]
    (drift,) = [line for line in log_lines(capsys.readouterr().out) if line["level"] == "WARNING"]
    assert drift["files_without_column"] == {"acres": 1}


def test_an_extra_column_is_ignored_and_logged(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.changes(farm_rows(2, extra=pa.array([[1], [2]])))
    world.release()
    world.run("STG", "FARM")
    assert len(loaded(world)) == 2
    (source,) = [line for line in log_lines(capsys.readouterr().out) if line["message"] == "source"]
    assert source["columns_ignored"] == 1


def test_numbers_that_arrive_as_text_are_cast(world: World) -> None:
    world.changes(farm_rows(2, program_year=pa.array(["2024", "2025"]), acres=pa.array(["1.5", "2.25000"])))
    world.release()
    world.run("STG", "FARM")
    assert loaded(world, "pgm_yr, acres") == [(2024, Decimal("1.5000")), (2025, Decimal("2.2500"))]


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("program_year", pa.array(["2025", "20x5"]), "\"farm\".pgm_yr: value '20x5' is not integer"),
        (
            "program_year",
            pa.array([2025, 2**31], pa.int64()),
            "\"farm\".pgm_yr: value '2147483648' is not integer",
        ),
        ("program_year", pa.array([2025.0, 2025.5]), "\"farm\".pgm_yr: value '2025.5' is not integer"),
        (
            "acres",
            pa.array(["1", "123456789012345.5"]).cast(pa.decimal128(20, 4)),
            "\"farm\".acres: value '123456789012345.5000' is not decimal(18,4)",
        ),
        (
            "acres",
            pa.array(["1", "1.00001"]).cast(pa.decimal128(19, 5)),
            "\"farm\".acres: value '1.00001' is not decimal(18,4)",
        ),
        (
            "state",
            pa.array(["01", "001"]),
            "\"farm\".st_cd: value '001' is not a text of at most 2 characters",
        ),
        (
            "name",
            pa.array(["ok", "bad\0name"]),
            "\"farm\".farm_nm: value 'bad\\x00name' holds a NUL character",
        ),
        (
            "created",
            pa.array(["2025-03-01", "2025-02-30"]),
            "value '2025-02-30' is not timestamp in the form YYYY",
        ),
        ("created", pa.array([[1], [2]]), "column created of"),
        (
            "created",
            pa.array([0, -(2**62)], pa.timestamp("us")),
            '"farm".cre_dt: value -4611686018427387904 microseconds from 1970-01-01 is outside what Postgres',
        ),
        (
            "acres",
            pa.array(["1", "1"]).cast(pa.decimal256(50, 4)),
            "1.parquet, which staging cannot read",
        ),
        ("farm_identifier", pa.array([True, False]), '"farm".farm_id is boolean and cannot become bigint'),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_column(
    world: World, column: str, values: Any, expected: str
) -> None:
    world.execute("INSERT INTO cars_stg.farm (farm_id, farm_nm) VALUES (99, 'before')")
    world.changes(farm_rows(2, **{column: values}))
    world.release()
    assert expected in failing(world)


def test_files_of_different_types_for_one_column_are_named(world: World) -> None:
    world.changes(farm_rows(2), name="1")
    world.changes(farm_rows(2, program_year=pa.array(["2024", "2025"])), name="2")
    world.release()
    message = failing(world)
    assert "column program_year of" in message
    assert "is varchar in s3://" in message
    assert "but integer in its other files" in message


def test_timestamps_of_every_unit_and_zone_arrive_in_utc(world: World) -> None:
    units = [
        pa.timestamp("ms", tz="UTC"),
        pa.timestamp("ns"),
        pa.timestamp("us", tz="UTC"),
        pa.timestamp("s"),
    ]
    for number, unit in enumerate(units):
        created: Any = pa.array([1_700_000_000], pa.timestamp("s")).cast(unit)
        world.changes(farm_rows(1, created=created), name=str(number))
    world.release()
    world.run("STG", "FARM")
    assert set(loaded(world, "cre_dt::text")) == {("2023-11-14 22:13:20",)}


def test_two_columns_of_one_name_are_refused_and_a_name_with_a_number_is_not(world: World) -> None:
    numbered: Any = farm_rows(2).append_column("name_1", pa.array(["x", "y"]))
    world.changes(numbered)
    world.release()
    world.run("STG", "FARM")
    assert loaded(world, "farm_nm") == [("farm 0",), ("farm 1",)]
    world.changes(farm_rows(2).append_column("NAME", pa.array(["x", "y"])))
    assert failing(world).endswith("1.parquet has two columns named name")


def test_a_damaged_file_is_named(world: World) -> None:
    world.put(f"{world.app}/_cdc/farm/dart_filedate={DAY}/1.parquet", b"PAR1 this is not Parquet PAR1")
    world.release()
    assert f"dart_filedate={DAY}/1.parquet" in failing(world)


def test_columns_that_do_not_fit_the_table_are_named_on_both_sides(world: World) -> None:
    world.execute("ALTER TABLE cars_stg.farm ADD COLUMN needed integer NOT NULL")
    world.staging("SELECT farm_identifier AS farm_id, 1 AS other FROM `fsa-{env}-cars-cdc`.`farm`")
    world.changes(farm_rows(1))
    world.release()
    message = failing(world)
    assert (
        'does not fit cars_stg."farm": the script does not produce needed; the table cannot take other'
        in message
    )


def test_columns_with_a_default_may_be_left_to_it(world: World) -> None:
    world.execute("ALTER TABLE cars_stg.farm ADD COLUMN loaded_by text NOT NULL DEFAULT 'job'")
    world.changes(farm_rows(1))
    world.release()
    world.run("STG", "FARM")
    assert loaded(world, "loaded_by") == [("job",)]


def test_a_missing_target_table_is_named(world: World) -> None:
    world.staging(name="NOWHERE")
    world.changes(farm_rows(1))
    world.release()
    assert 'table cars_stg."nowhere" does not exist in the database; run the layer DDL first' in failing(
        world, "NOWHERE"
    )


def test_a_trigger_that_changes_a_value_is_noticed_by_the_checksum(world: World) -> None:
    world.execute(
        "CREATE FUNCTION bend() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.farm_id = 1 THEN NEW.farm_nm := 'farm X'; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER bend BEFORE INSERT ON cars_stg.farm FOR EACH ROW EXECUTE FUNCTION bend()"
    )
    world.changes(farm_rows(3))
    world.release()
    assert 'cars_stg."farm" does not hold what was sent: column farm_nm has another checksum' in failing(
        world
    )


def test_joins_read_the_parents_of_the_final_zone(world: World) -> None:
    world.staging(
        "SELECT f.farm_identifier AS farm_id, p.name AS farm_nm FROM `fsa-{env}-cars-cdc`.`farm` f"
        " LEFT JOIN `fsa-{env}-cars`.`parent` p ON p.farm_identifier = f.farm_identifier"
        " WHERE f.dart_filedate = '{ETL_START_DATE}'"
    )
    world.changes(farm_rows(2))
    world.final(farm_rows(1, name=pa.array(["parent"])), table="parent")
    world.release()
    world.run("STG", "FARM")
    assert loaded(world) == [(0, "parent"), (1, None)]


def test_rows_beyond_one_batch_all_arrive(world: World) -> None:
    count = 50_000
    world.changes(farm_rows(count))
    world.release()
    world.run("STG", "FARM")
    assert world.rows("SELECT count(*), sum(farm_id) FROM cars_stg.farm") == [
        (count, count * (count - 1) // 2)
    ]


def test_a_text_of_megabytes_arrives(world: World) -> None:
    text = "farm \u00e9" * 1_200_000
    world.changes(farm_rows(2, name=pa.array([text, "short"])))
    world.release()
    world.run("STG", "FARM")
    assert loaded(world) == [(0, text), (1, "short")]


def test_objects_that_nobody_reads_are_named_in_log_and_ledger(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.changes(farm_rows(1))
    strange = [f"{world.app}/_cdc/farm/1.parquet", f"{world.app}/_cdc/farm/dart_filedate={DAY}/2.csv"]
    for key in strange:
        world.put(key, b"a,b")
    world.release()
    world.run("STG", "FARM")
    (line,) = [each for each in log_lines(capsys.readouterr().out) if each["level"] == "WARNING"]
    assert (line["objects"], line["keys"]) == (2, strange)
    assert world.rows(
        "SELECT log_type, data_obj_nm, layer_nm, execution_nm, log_message FROM dart_process_control.data_ppln_oper_log"
    ) == [
        (
            *("WARNING", "FARM", "STG", f"run-{DAY}"),
            f"`fsa-test-{world.app}-cdc`.`farm`: 2 objects that are no Parquet or in no partition were not read: "
            + ", ".join(strange),
        )
    ]


def test_a_load_that_failed_leaves_no_warning_in_the_ledger(world: World) -> None:
    world.changes(farm_rows(1, state=pa.array(["001"])))
    world.put(f"{world.app}/_cdc/farm/1.parquet", b"a,b")
    world.release()
    with pytest.raises(DatamartError):
        world.run("STG", "FARM")
    assert world.rows("SELECT * FROM dart_process_control.data_ppln_oper_log") == []


@pytest.mark.parametrize("name", ["LOAD_abcde_0", "1.parq", "1.parquet.snappy", "1.parquet.gz", "1"])
def test_parquet_under_any_name_is_loaded(world: World, name: str) -> None:
    buffer = io.BytesIO()
    pq.write_table(farm_rows(2), buffer)
    world.put(f"{world.app}/_cdc/farm/dart_filedate={DAY}/{name}", buffer.getvalue())
    world.release()
    world.run("STG", "FARM")
    assert len(loaded(world)) == 2


@pytest.mark.parametrize(
    ("column", "values", "source"),
    [
        ("program_year", ["2025", "2026", "20x5"], "program_year"),
        ("acres", ["1", "2", "1.00001"], "acres"),
        ("state", ["01", "02", "001"], "state"),
        ("name", ["ok", "fine", "bad\0name"], "name"),
        ("created", ["2025-03-01", "2025-03-02", "2025-02-30"], "created"),
    ],
)
def test_a_bad_value_is_named_with_file_column_and_row(
    world: World, column: str, values: list[str], source: str
) -> None:
    good = farm_rows(3, **{column: pa.array([values[0]] * 3)})
    world.changes(good, name="1")
    world.changes(farm_rows(3, **{column: pa.array(values)}), name="2")
    world.release()
    assert f"/2.parquet: column {source}, row 3)" in failing(world)


def test_a_bad_value_of_a_file_that_is_read_otherwise_is_found(world: World) -> None:
    world.changes(farm_rows(1, acres=pa.array(["1.00001"]).cast(pa.decimal128(19, 5))), name="1")
    world.changes(farm_rows(1, acres=pa.array(["1.0000001"]).cast(pa.decimal128(19, 7))), name="2")
    world.release()
    message = failing(world)
    assert "value '1.00001" in message
    assert ".parquet: column acres, row 1)" in message


def test_nanoseconds_are_named_with_their_row(world: World) -> None:
    world.changes(farm_rows(3, created=pa.array([1000, 2000, 2001], pa.timestamp("ns"))))
    world.release()
    assert failing(world).endswith(
        "1.parquet: column created: value 1970-01-01 00:00:00.000002001 is finer than a microsecond (row 3)"
    )


def test_a_page_that_cannot_be_read_is_named_with_its_file_and_column(world: World) -> None:
    buffer = io.BytesIO()
    encoding = {"acres": "BYTE_STREAM_SPLIT"}
    pq.write_table(farm_rows(3), buffer, use_dictionary=False, column_encoding=encoding)
    world.changes(farm_rows(3), name="1")
    world.put(f"{world.app}/_cdc/farm/dart_filedate={DAY}/2.parquet", buffer.getvalue())
    world.release()
    message = failing(world)
    assert "BYTE_STREAM_SPLIT" in message
    assert "cannot read column acres of s3://" in message
    assert "/2.parquet, write the file again in another encoding" in message
