"""The function as a whole, against (emulated) S3: event in, answer out, what is logged, how long it loads."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from aws_lambda_powertools import Logger
from moto import mock_aws

from edv_build_processing_plan import handler as module
from edv_build_processing_plan.errors import BadEvent, BadRelease, EmptyPlan, PlanError
from edv_build_processing_plan.s3 import client

OBJECTS = {
    "current.json": '{"release": "abc"}',
    "releases/abc/metadata/stg_tables.csv": "tbl\r\nTRACT\r\n",
    "releases/abc/metadata/dv_tables.csv": "\ufeffETL_DV_TBL_ID|DV_TBL_NM\n10|TR_H\n",
    "releases/abc/metadata/dv_tbl_dpnds.csv": "etl_dv_tbl_id|rqr_etl_dv_tbl_id\n10|351\n",
    "releases/abc/STG/TRACT/incremental/TRACT.sql": "select 1 as a_secret_column",
    "releases/abc/EDV/TR_H/2_DV_INSERT.sql": "insert",
}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "CONFIG_BUCKET": "configs",
        "CONFIG_PREFIX": "/cars/_configs/",
    }.items():
        monkeypatch.setenv(name, value)
    client.cache_clear()
    with mock_aws():
        made = boto3.client("s3")
        made.create_bucket(Bucket="configs")
        for name, text in OBJECTS.items():
            made.put_object(Bucket="configs", Key=f"cars/_configs/{name}", Body=text.encode())
        yield made
    client.cache_clear()


def test_a_plan_is_made_of_the_current_release(s3: Any) -> None:
    answer = module.handler({"data_src_nm": "cars", "env": "dev"}, None)
    assert json.loads(json.dumps(answer)) == {
        "stgTables": ["TRACT"],
        "dvGroups": [["TR_H"]],
        "counts": {"stg": 1, "dv": 1, "dvGroups": 1},
        "data_src_nm": "CARS",
        "run_type": "incremental",
        "start_date": datetime.now(UTC).date().isoformat(),
        "env": "dev",
        "release": "abc",
        "warnings": ["dv_tbl_dpnds.csv: ids of other sources, taken as loaded: 351 (needed by TR_H)"],
    }


def test_the_other_run_type_needs_its_own_script(s3: Any) -> None:
    with pytest.raises(
        BadRelease, match=r"1 listed tables have no script for initial: STG/TRACT/initial/TRACT\.sql;"
    ):
        module.handler({"data_src_nm": "cars", "env": "dev", "run_type": "initial"}, None)


def test_an_empty_release_needs_permission(s3: Any) -> None:
    for name, text in {"stg_tables": "tbl", "dv_tables": "etl_dv_tbl_id|dv_tbl_nm"}.items():
        s3.put_object(
            Bucket="configs", Key=f"cars/_configs/releases/abc/metadata/{name}.csv", Body=text.encode()
        )
    s3.put_object(
        Bucket="configs",
        Key="cars/_configs/releases/abc/metadata/dv_tbl_dpnds.csv",
        Body=b"etl_dv_tbl_id|rqr_etl_dv_tbl_id",
    )
    with pytest.raises(EmptyPlan):
        module.handler({"data_src_nm": "cars", "env": "dev"}, None)
    answer = module.handler({"data_src_nm": "cars", "env": "dev", "allow_empty": True}, None)
    assert answer["counts"] == {"stg": 0, "dv": 0, "dvGroups": 0}


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    stream = io.StringIO()
    monkeypatch.setattr(module, "logger", Logger(service=f"test-{id(stream)}", stream=stream, level="INFO"))
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_the_log_names_execution_and_tables_and_has_neither_sql_nor_rows(
    s3: Any, output: Callable[[], list[dict[str, Any]]]
) -> None:
    module.handler({"data_src_nm": "cars", "env": "dev", "execution": "nightly-1"}, None)
    built, warning = output()
    assert built["message"] == "plan built"
    assert built["release"] == "abc"
    assert built["counts"] == {"stg": 1, "dv": 1, "dvGroups": 1}
    assert (built["stgTables"], built["dvGroups"]) == (["TRACT"], [["TR_H"]])
    assert (built["execution"], warning["execution"]) == ("nightly-1", "nightly-1")
    assert "a_secret_column" not in json.dumps([built, warning])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"run_type": "initial"}, "BadRelease"),
        ({"start_date": "soon"}, "BadEvent"),
    ],
)
def test_the_log_of_a_refused_plan_names_the_execution(
    s3: Any, output: Callable[[], list[dict[str, Any]]], change: dict[str, str], error: str
) -> None:
    with pytest.raises(PlanError) as caught:
        module.handler({"data_src_nm": "cars", "env": "dev", "execution": "nightly-1", **change}, None)
    [line] = output()
    assert (line["level"], line["execution"], line["error"]) == ("ERROR", "nightly-1", error)
    assert line["reason"] == str(caught.value)


def test_a_missing_setting_is_named(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONFIG_BUCKET")
    with pytest.raises(BadEvent, match="environment variable CONFIG_BUCKET is not set"):
        module.handler({"data_src_nm": "cars", "env": "dev"}, None)


def test_importing_the_handler_makes_no_client_and_needs_no_boto3() -> None:
    code = "import sys; import edv_build_processing_plan.handler; print('boto3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
