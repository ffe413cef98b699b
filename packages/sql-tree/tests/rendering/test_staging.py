"""What the staging scripts select, tried on Postgres: the constructs they use mean the same there as in Spark."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlglot

from sql_tree.model.tables import Model

DAY = date(2024, 5, 2)
CHANGED = datetime(2024, 5, 2, 10, 30)  # noqa: DTZ001 - source times carry no zone


class Lake:
    """The two zones as schemas of a database."""

    def __init__(self, conn: psycopg.Connection[Any], root: Path) -> None:
        self.conn = conn
        self.root = root

    def put(self, table: str, *, change: bool = False, **values: Any) -> None:
        row = {"op": "I", "dart_filedate": DAY, "last_change_date": CHANGED, **values}
        names = ", ".join(row)
        places = ", ".join(["%s"] * len(row))
        zone = "fsa-dev-cars-cdc" if change else "fsa-dev-cars"
        self.conn.execute(
            f'INSERT INTO "{zone}"."{table}" ({names}) VALUES ({places})'.encode(), list(row.values())
        )

    def select(self, table: str, run_type: str = "incremental") -> list[dict[str, Any]]:
        text = (self.root / f"STG/{table}/{run_type}/{table}.sql").read_text(encoding="utf-8")
        for token, value in {
            "{env}": "dev", "{ETL_START_DATE}": f"{DAY}", "{ETL_START_TIMESTAMP}": f"{DAY} 00:00:00.000000",
        }.items():  # fmt: skip
            text = text.replace(token, value)
        translated = sqlglot.transpile(text, read="spark", write="postgres")[0]
        cursor = self.conn.execute(translated.encode())
        assert cursor.description is not None
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="module")
def lake_connection(vault_server: str, model: Model) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(vault_server) as conn:
        for zone in ("fsa-dev-cars", "fsa-dev-cars-cdc"):
            conn.execute(f'CREATE SCHEMA "{zone}"'.encode())
            for source in model.sources.values():
                columns = ", ".join(f"{name} {type_name}" for name, type_name in source.columns.items())
                conn.execute(f'CREATE TABLE "{zone}"."{source.name}" ({columns})'.encode())
        yield conn
        conn.rollback()


@pytest.fixture
def lake(lake_connection: psycopg.Connection[Any], tree_root: Path) -> Iterator[Lake]:
    lake_connection.execute("SAVEPOINT empty")
    yield Lake(lake_connection, tree_root)
    lake_connection.execute("ROLLBACK TO SAVEPOINT empty")


def report(lake: Lake, identifier: int = 10, **values: Any) -> None:
    given: Mapping[str, Any] = {
        "program_year": 2024, "farm_number": "77", "state_fsa_code": "01", "county_fsa_code": "003", **values,
    }  # fmt: skip
    lake.put("crop_acreage_report", crop_acreage_report_identifier=identifier, **given)


def test_operations_become_the_vaults(lake: Lake) -> None:
    for number, operation in enumerate(["I", "U", "D"]):
        lake.put("crop_type", change=True, crop_type_identifier=number, op=operation)
    staged = {row["crop_type_id"]: row["cdc_oper_cd"] for row in lake.select("CROP_TYPE")}
    assert staged == {0: "I", 1: "UN", 2: "D"}


def test_only_the_changes_of_the_day_are_staged(lake: Lake) -> None:
    lake.put("crop_type", change=True, crop_type_identifier=1)
    lake.put("crop_type", change=True, crop_type_identifier=2, dart_filedate=date(2024, 5, 1))
    lake.put("crop_type", crop_type_identifier=3)
    assert [row["crop_type_id"] for row in lake.select("CROP_TYPE")] == [1]


def test_an_initial_load_stages_the_final_zone_with_each_rows_own_date(lake: Lake) -> None:
    lake.put("crop_type", crop_type_identifier=3, dart_filedate=date(2024, 4, 1), op=None)
    (row,) = lake.select("CROP_TYPE", "initial")
    assert (row["crop_type_id"], row["cdc_oper_cd"], row["cdc_dt"]) == (3, "I", date(2024, 4, 1))


def test_a_tract_carries_its_own_change_date_not_its_reports(lake: Lake) -> None:
    report(lake, dart_filedate=date(2020, 1, 1))
    lake.put("tract", change=True, tract_identifier=5, crop_acreage_report_identifier=10, tract_number=8)
    lake.put("tract", change=True, tract_identifier=6, crop_acreage_report_identifier=404, tract_number=9)
    staged = {row["tr_id"]: (row["cdc_dt"], row["farm_nbr"]) for row in lake.select("TR")}
    assert staged == {5: (DAY, "77"), 6: (DAY, None)}


def test_a_row_whose_parents_were_deleted_is_staged_once_without_them(lake: Lake) -> None:
    for table in (
        "AG_PROD_PLAN",
        "BUS_PTY",
        "BUS_PTY_SHR",
        "CONT_PLAN_CERT_ELCT",
        "FIELD",
        "TR",
        "TR_BUS_PTY",
    ):
        source = {
            "AG_PROD_PLAN": "agricultural_production_plan", "BUS_PTY": "business_party",
            "BUS_PTY_SHR": "business_party_share", "TR": "tract", "TR_BUS_PTY": "tract_business_party",
            "CONT_PLAN_CERT_ELCT": "continuous_plan_certification_election", "FIELD": "field",
        }[table]  # fmt: skip
        lake.put(source, change=True, op="D")
        assert [(row["cdc_oper_cd"], row["st_fsa_cd"]) for row in lake.select(table)] == [("D", None)], table


@pytest.mark.parametrize(
    "share",
    [
        {"agricultural_production_plan_identifier": 1, "business_party_identifier": 3},
        {"tract_business_party_identifier": 2},
        {"tract_identifier": 5, "business_party_identifier": 3},
        {"tract_identifier": 5, "tract_business_party_identifier": 2},
    ],
    ids=["by plan and party", "by tract party", "by tract and party", "by tract and tract party"],
)
def test_a_share_finds_its_parents_on_every_path(lake: Lake, share: dict[str, int]) -> None:
    report(lake)
    lake.put("tract", tract_identifier=5, crop_acreage_report_identifier=10, tract_number=8)
    lake.put(
        "agricultural_production_plan",
        agricultural_production_plan_identifier=1,
        tract_identifier=5,
        field_number="4",
    )
    lake.put(
        "tract_business_party",
        tract_business_party_identifier=2,
        tract_identifier=5,
        business_party_identifier=3,
    )
    lake.put("business_party", business_party_identifier=3, core_customer_identifier=99)
    lake.put("business_party_share", change=True, business_party_share_identifier=1, **share)
    (row,) = lake.select("BUS_PTY_SHR")
    found = {name: row[name] for name in ("pgm_yr", "farm_nbr", "tr_nbr", "core_cust_id", "st_fsa_cd")}
    assert found == {"pgm_yr": 2024, "farm_nbr": "77", "tr_nbr": 8, "core_cust_id": 99, "st_fsa_cd": "01"}


def test_a_share_without_tract_finds_the_report_of_its_party(lake: Lake) -> None:
    report(lake)
    lake.put(
        "business_party",
        business_party_identifier=3,
        core_customer_identifier=99,
        crop_acreage_report_identifier=10,
    )
    lake.put(
        "business_party_share", change=True, business_party_share_identifier=1, business_party_identifier=3
    )
    (row,) = lake.select("BUS_PTY_SHR")
    assert (row["farm_nbr"], row["tr_nbr"], row["core_cust_id"]) == ("77", None, 99)


def test_an_election_is_joined_through_its_party_and_crop_type(lake: Lake) -> None:
    report(lake)
    lake.put(
        "business_party",
        business_party_identifier=3,
        core_customer_identifier=99,
        crop_acreage_report_identifier=10,
    )
    lake.put("crop_type", crop_type_identifier=6, fsa_crop_code="0041", crop_intended_use_code="GR")
    lake.put(
        "continuous_plan_certification_election",
        change=True,
        crop_type_identifier=6,
        business_party_identifier=3,
    )
    (row,) = lake.select("CONT_PLAN_CERT_ELCT")
    assert (row["farm_nbr"], row["core_cust_id"], row["fsa_crop_cd"], row["crop_intn_use_cd"]) == (
        "77",
        99,
        "0041",
        "GR",
    )


def test_technical_columns_are_the_runs_not_the_clocks(lake: Lake) -> None:
    lake.put("program_year", change=True, program_year=2024)
    (row,) = lake.select("PGM_YR")
    load_dt = row["load_dt"].replace(tzinfo=None)
    assert (row["hash_diff"], row["data_src_nm"], load_dt) == ("", "CARS_STG", datetime(2024, 5, 2))  # noqa: DTZ001
