"""Objects and the target schema from outside: drift, missing and new columns, thresholds, real files, foreign schemas."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harness import FINAL_BUCKET, log_lines
from landing_world import FARM, LANDING_BUCKET, LandingZone, farm_table

from datamart_exec.errors import DatamartError

D1, D2 = date(2026, 6, 1), date(2026, 6, 2)
ONE = (1, "one", Decimal("1.5000"), None, D1)
TWO = (2, "two", Decimal("2.0000"), "I", D2)
NAME = "shared/data/dms_test_table_LOAD00000001.parquet"
SHARED = next((found for above in Path(__file__).parents if (found := above / NAME).exists()), None)


def failure(zone: LandingZone, **more: str) -> str:
    with pytest.raises(DatamartError) as caught:
        zone.land("2026-06-02", **more)
    assert len(str(caught.value)) <= 400
    return str(caught.value)


def warnings(zone: LandingZone) -> list[str]:
    rows = zone.world.rows(
        "SELECT log_message FROM dart_process_control.data_ppln_oper_log"
        " WHERE log_type = 'WARNING' AND layer_nm = 'LANDING'"
    )
    return [text for (text,) in rows]


def test_a_missing_column_fails_or_is_null_by_policy(zone: LandingZone) -> None:
    zone.deliver("20260602-1", farm_table([TWO]).drop_columns(["acres"]))
    message = failure(zone)
    assert message == (
        f"LANDING.farm: {zone.key('20260602-1')} has no column acres, which the target schema declares; correct either,"
        " or set --on_missing_column null"
    )
    zone.land("2026-06-02", on_missing_column="null")
    assert zone.state() == [
        {"farm_identifier": 2, "farm_nm": "two", "acres": None, "op": "I", "dart_filedate": D2}
    ]
    assert zone.table().schema().find_type("acres").__str__() == "decimal(18, 4)"
    assert warnings(zone) == [
        f"{zone.key('20260602-1')}: declared columns that are missing, and NULL now: acres"
    ]


def test_a_new_source_column_is_told_and_left_out(zone: LandingZone) -> None:
    more = farm_table([TWO]).append_column("Owner", pa.array(["somebody"]))
    zone.deliver("20260602-1", more)
    zone.land("2026-06-02")
    assert "Owner" not in zone.state()[0]
    assert warnings(zone) == [f"{zone.key('20260602-1')}: columns that the target schema lacks: Owner"]


def test_files_that_drift_are_merged_under_the_declared_schema(zone: LandingZone) -> None:
    narrow = pa.table(
        {
            "acres": pa.array([Decimal("3.25")], pa.decimal128(9, 2)),
            "FARM_IDENTIFIER": pa.array([3], pa.int32()),
            "op": ["I"],
            "Name": pa.array(["three"], pa.large_string()),
            "dart_filedate": ["2026-06-02"],
        }
    )
    wide = pa.table(
        {
            "farm_identifier": pa.array(["4"]),
            "name": pa.array(["four"]).dictionary_encode(),
            "acres": pa.array([Decimal("4.5")], pa.decimal128(38, 10)),
            "op": ["i "],
            "dart_filedate": pa.array([datetime(2026, 6, 2)], pa.timestamp("ms")),  # noqa: DTZ001
            "later": [1],
        }
    )
    for number, table in enumerate([farm_table([TWO]), narrow, wide], 1):
        zone.deliver(f"20260602-{number}", table)
    zone.land("2026-06-02")
    assert zone.farms() == {2: ("two", "2.0000"), 3: ("three", "3.2500"), 4: ("four", "4.5000")}


def test_the_threshold_of_rejected_rows_is_a_share_of_the_run(zone: LandingZone) -> None:
    good = [(number, "n", Decimal("1.0000"), "I", D2) for number in range(99)]
    zone.deliver("20260602-1", [*good, (500, "x" * 21, None, "I", D2)])
    zone.deliver("20260602-2", [(501, "x" * 22, None, "I", D2)])
    message = failure(zone, reject_percent="1")
    assert "2 of 101 rows do not fit the declared types, more than --reject_percent 1 allows" in message
    zone.withdraw("20260602-2")
    zone.land("2026-06-02", reject_percent="1")
    assert len(zone.state()) == 99
    key = zone.key("20260602-1")
    assert warnings(zone) == [f"{key}: 1 of 100 rows do not fit, left out; see the folder of rejects"]


def test_the_schema_of_another_application_is_refused(zone: LandingZone) -> None:
    zone.deliver("20260602-1", [TWO])
    zone.declare({**FARM, "source_table": "Loan", "target_table": "loan"})
    message = failure(zone)
    assert message.startswith("none of the 1 tables of the target schema (Loan) has a folder in s3://")
    assert f"which has {zone.world.app}/dbo/Farm/" in message


def test_a_schema_with_problems_is_refused_and_all_of_them_are_in_the_log(
    zone: LandingZone, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = [{**FARM["columns"][0], "data_type": f"decimal({number}"} for number in range(30)]
    zone.declare({**FARM, "columns": columns})
    message = failure(zone)
    assert "problems: line 1: tables[0].columns[0].data_type is 'decimal(0'" in message
    logged = [line["message"] for line in log_lines(capsys.readouterr().out) if line["level"] == "ERROR"]
    assert len([text for text in logged if ".data_type is 'decimal(" in text]) >= 30


def test_a_schema_file_in_the_landing_bucket_is_found(zone: LandingZone) -> None:
    app = zone.world.app
    zone.world.s3.delete_object(Bucket=FINAL_BUCKET, Key=f"{app}/_configs/{app}_target_schema.json")
    assert failure(zone).startswith("there is no target schema, looked for s3://")
    body = json.dumps({"tables": [FARM]}).encode()
    zone.world.s3.put_object(Bucket=LANDING_BUCKET, Key=f"{app}/etl-jobs/{app}_target_schema.json", Body=body)
    zone.deliver("20260602-1", [TWO])
    zone.land("2026-06-02")
    assert zone.farms() == {2: ("two", "2.0000")}


def test_weekly_snapshots_without_operation_and_date_replace_the_state(zone: LandingZone) -> None:
    def snapshot(*rows: tuple[int, str]) -> pa.Table:
        return farm_table([(key, name, Decimal("1.0000"), None, None) for key, name in rows]).drop_columns(
            ["op", "dart_filedate"]
        )

    zone.deliver("LOAD00000001", snapshot((1, "one"), (2, "two")))
    zone.land("2026-06-01")
    zone.withdraw("LOAD00000001")
    zone.deliver("LOAD00000001", snapshot((2, "TWO"), (3, "three")))
    zone.land("2026-06-08")
    assert {key: name for key, (name, _) in zone.farms("2026-06-01").items()} == {1: "one", 2: "two"}
    assert {key: name for key, (name, _) in zone.farms().items()} == {2: "TWO", 3: "three"}
    assert zone.changes() == {"2026-06-08": [(1, "one", "D"), (2, "TWO", "U"), (3, "three", "I")]}


DECLARED = {
    "DMS_TIMESTAMP": "nvarchar(30)", "id": "bigint", "my_int": "int", "my_smallint": "smallint",
    "my_numeric": "decimal(15, 2)", "my_real": "real", "my_double": "float", "my_money": "money",
    "my_varchar": "varchar(255)", "my_text": "text", "my_bytea": "varbinary(max)", "my_timestamp": "datetime2(3)",
    "my_uuid": "uniqueidentifier", "my_json": "nvarchar(max)", "my_jsonb": "nvarchar(max)", "my_bool": "bit",
}  # fmt: skip


def plain(value: Any) -> Any:
    """A value of the file as the zone holds it: timestamps without zone, money with four digits."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).replace(tzinfo=None) if value.tzinfo else value
    return value


def test_a_file_that_aws_dms_wrote_lands_as_it_is(zone: LandingZone) -> None:
    if SHARED is None:
        pytest.skip(f"the file that AWS DMS wrote is not above the tests ({NAME})")
    source = pq.read_table(SHARED)
    columns = [
        {"src_col_nm": name, "target_column_name": name.lower(), "data_type": kind}
        for name, kind in DECLARED.items()
    ]
    zone.declare(
        {
            "source_table": "Test",
            "target_table": "test",
            "columns": columns,
            "primary_key": "id",
            "dedupe_key": "my_timestamp",
        }
    )
    zone.deliver("LOAD00000001", SHARED.read_bytes(), table="Test")
    zone.land("2026-06-01")
    expected = sorted(source.to_pylist(), key=lambda row: row["id"])
    found = sorted(zone.state(name="test"), key=lambda row: row["id"])
    assert [{name: row[name.lower()] for name in DECLARED} for row in found] == [
        {name: plain(value) for name, value in row.items()} for row in expected
    ]
    assert {row["op"] for row in found} == {"I"}
