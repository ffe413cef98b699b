"""Landing plans: the tables of the target schema in batches, against (emulated) S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from edv_build_processing_plan import handler as module
from edv_build_processing_plan.errors import BadEvent, BadSchema, EmptyPlan
from edv_build_processing_plan.events import parse
from edv_build_processing_plan.landing import build_landing_plan, tables_of
from edv_build_processing_plan.s3 import client

FIRST, SECOND = "cars/_configs/cars_target_schema.json", "cars/etl-jobs/cars_target_schema.json"
EVENT = {"layer": "LANDING", "data_src_nm": "cars", "env": "dev", "start_date": "2026-06-01", "batches": 2}


def schema(*names: str) -> str:
    tables = [{"source_table": f"tbl{name}", "target_table": name, "columns": []} for name in names]
    return json.dumps({"tables": tables})


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "TARGET_SCHEMA_FILES": f"s3://final/{FIRST} s3://landing/{SECOND}",
    }.items():
        monkeypatch.setenv(name, value)
    client.cache_clear()
    with mock_aws():
        made = boto3.client("s3")
        for bucket in ("final", "landing"):
            made.create_bucket(Bucket=bucket)
        yield made
    client.cache_clear()


def put(s3: Any, text: str, bucket: str = "landing", key: str = SECOND) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=text.encode())


def test_the_tables_of_the_schema_are_dealt_into_batches(s3: Any) -> None:
    put(s3, "\ufeff" + schema("FARM", "FIELD", "CROP"))
    answer = module.handler(EVENT, None)
    assert json.loads(json.dumps(answer)) == {
        "batches": ["FARM,CROP", "FIELD"],
        "counts": {"stg": 3, "dv": 0, "dvGroups": 0, "batches": 2},
        "data_src_nm": "CARS",
        "run_type": "incremental",
        "start_date": "2026-06-01",
        "env": "dev",
        "warnings": [],
    }


def test_the_schema_of_the_final_bucket_comes_first(s3: Any) -> None:
    put(s3, schema("OLD"))
    put(s3, schema("NEW"), "final", FIRST)
    assert module.handler(EVENT, None)["batches"] == ["NEW"]


@pytest.mark.parametrize("asked", [["tblcrop", "FARM", "farm"], "tblcrop, FARM,farm"])
def test_asked_tables_are_found_by_target_or_source_in_any_case(s3: Any, asked: object) -> None:
    put(s3, schema("FARM", "FIELD", "CROP"))
    assert module.handler({**EVENT, "tables": asked, "batches": 9}, None)["batches"] == ["CROP", "FARM"]


def test_a_table_that_the_schema_lacks_is_refused_with_those_it_has(s3: Any) -> None:
    put(s3, schema("FARM"))
    with pytest.raises(BadEvent, match=r"has TRACT, which s3://landing/\S+ does not list; it lists FARM"):
        module.handler({**EVENT, "tables": ["TRACT"]}, None)


def test_a_missing_schema_names_both_places(s3: Any) -> None:
    with pytest.raises(BadSchema, match=rf"s3://final/{FIRST} and s3://landing/{SECOND}"):
        module.handler(EVENT, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no target schema"),
        ('{"tables": [{"target_table": "A"}]}', "source_table"),
        (schema("A,B"), "letters, digits and _, got A,B"),
        (schema("farm", "FARM"), "lists tables twice: FARM, farm"),
    ],
)
def test_a_wrong_schema_is_refused_with_its_place(s3: Any, text: str, message: str) -> None:
    put(s3, text)
    with pytest.raises(BadSchema, match=message) as caught:
        module.handler(EVENT, None)
    assert f"s3://landing/{SECOND}" in str(caught.value)


def test_a_schema_without_tables_is_an_empty_plan_only_when_allowed(s3: Any) -> None:
    put(s3, schema())
    with pytest.raises(EmptyPlan, match="lists no table"):
        module.handler(EVENT, None)
    answer = module.handler({**EVENT, "allow_empty": True}, None)
    assert (answer["batches"], answer["counts"]["stg"]) == ([], 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batches": 0}, r"event\['batches'\] must be a whole number from 1 to 100, got 0"),
        ({"batches": 101}, "got 101"),
        ({"layer": "STG"}, r"event\['layer'\] must be 'LANDING'"),
        ({"tables": [1]}, r"event\['tables'\] must be a list of table names"),
    ],
)
def test_a_wrong_event_is_refused(s3: Any, change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadEvent, match=message):
        module.handler({**EVENT, **change}, None)


def test_without_places_the_way_out_is_named(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGET_SCHEMA_FILES", "cars.json")
    with pytest.raises(
        BadEvent, match=r"TARGET_SCHEMA_FILES must hold s3:// addresses, got 'cars\.json'; deploy"
    ):
        module.handler(EVENT, None)


@given(tables=st.integers(1, 300), batches=st.integers(1, 100))
def test_every_table_is_in_one_batch_and_batches_are_even(tables: int, batches: int) -> None:
    request = parse({**EVENT, "batches": batches}, today=date(2026, 6, 1))
    names = [f"T{number}" for number in range(tables)]
    found = tables_of(schema(*names).encode(), "s3://x/y")
    answer = build_landing_plan(request, found, "s3://x/y")
    dealt = [batch.split(",") for batch in answer["batches"]]
    assert sorted(name for batch in dealt for name in batch) == sorted(names)
    assert len(dealt) == answer["counts"]["batches"] == min(tables, batches)
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1
