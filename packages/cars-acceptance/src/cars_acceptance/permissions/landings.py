"""Scenarios of landings: the plan from the target schema, a landing by the job, and the landing pipeline as a whole."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from cars_acceptance.main_job import names
from cars_acceptance.permissions import functions, jobs, machine
from cars_acceptance.permissions.scenario_context import Scenario, ScenarioContext, require

SCHEMA = f"{names.APP}/etl-jobs/{names.APP}_target_schema.json"
COLUMNS = (("farm_identifier", "int", pa.int32()), ("farm_name", "varchar(20)", pa.string()))
ORPHANS = ("data/left.parquet", "metadata/left.avro", "metadata/left.metadata.json")


def scenarios(_: ScenarioContext) -> Iterator[Scenario]:
    """All scenarios, the cheapest first."""
    yield Scenario("a landing is planned", planned)
    yield Scenario("a missing target schema is reported", missing_schema)
    yield Scenario("a job lands a table", landed)
    yield Scenario("a landing run lands its tables", run)


def planned(context: ScenarioContext) -> None:
    with table(context) as name:
        answer = functions.invoke(context, "edv-build-processing-plan", _event(context))
    require(answer["batches"] == [name], f"{answer}")


def missing_schema(context: ScenarioContext) -> None:
    error = functions.invoke(context, "edv-build-processing-plan", _event(context), fails=True)
    require("there is no target schema" in error["errorMessage"], f"{error}")


def landed(context: ScenarioContext) -> None:
    """A full load and its changes; files in the table's folder that no state needs are deleted."""
    day, final = context.fresh_day(), context.outputs["buckets"]["final"]
    with table(context) as name:
        left = [f"{names.APP}/{name}/{orphan}" for orphan in ORPHANS]
        for key in left:
            context.put(final, key, b"left by nobody")
        _deliver(context, name, "LOAD00000001", day, [(1, "one", None)])
        _deliver(context, name, f"{day.replace('-', '')}-1", day, [(1, "uno", "U"), (2, "two", "I")])
        ended = jobs.finished(context, jobs.arguments(context, "LANDING", name) | {"--start_date": day})
    require(ended["JobRunState"] == "SUCCEEDED", f"{name}: {ended.get('ErrorMessage')}")
    kept = [key for key in left if context.exists(final, key)]
    require(not kept, f"files that nobody needs were not deleted: {kept}")
    _in_catalog(context, name)


def run(context: ScenarioContext) -> None:
    day, arn = context.fresh_day(), context.outputs["stateMachines"]["landing"]["arn"]
    with table(context) as name:
        _deliver(context, name, "LOAD00000001", day, [(1, "one", None)])
        started = context.client("stepfunctions").start_execution(
            stateMachineArn=f"{arn}:{machine.LIVE}", input=json.dumps({"JobId": 1, "start_date": day})
        )
        execution = machine.ended(context, started["executionArn"])
    require(execution["status"] == "SUCCEEDED", f"{execution['status']}: {execution.get('cause')}")
    require(json.loads(execution["output"])["status"] == "SUCCESS", execution["output"])
    _in_catalog(context, name)


@contextmanager
def table(context: ScenarioContext) -> Iterator[str]:
    """A target schema with one table that no scenario has landed."""
    name, bucket = context.fresh_name(), context.outputs["buckets"]["landing"]
    columns = [
        {"src_col_nm": column, "target_column_name": column, "data_type": kind} for column, kind, _ in COLUMNS
    ]
    declared = {
        "source_table": name,
        "target_table": name,
        "columns": columns,
        "primary_key": COLUMNS[0][0],
        "dedupe_key": COLUMNS[0][0],
    }
    context.put(bucket, SCHEMA, json.dumps({"tables": [declared]}).encode())
    try:
        yield name
    finally:
        context.client("s3").delete_object(Bucket=bucket, Key=SCHEMA)


def _event(context: ScenarioContext) -> dict[str, Any]:
    return {"layer": "LANDING", "data_src_nm": names.DATA_SOURCE, "env": context.environment.name}


def _deliver(context: ScenarioContext, table: str, name: str, day: str, rows: list[tuple[Any, ...]]) -> None:
    """A landing object: the columns, `op` and `dart_filedate`."""
    fields = [pa.field(column, kind) for column, _, kind in COLUMNS]
    shape = pa.schema([*fields, pa.field("op", pa.string()), pa.field("dart_filedate", pa.date32())])
    columns = zip(*((*row, date.fromisoformat(day)) for row in rows), strict=True)
    content = pa.Table.from_arrays(
        [pa.array(list(column), field.type) for column, field in zip(columns, shape, strict=True)], shape
    )
    sink = io.BytesIO()
    pq.write_table(content, sink)
    bucket = context.outputs["buckets"]["landing"]
    context.put(bucket, f"{names.APP}/dbo/{table}/{name}.parquet", sink.getvalue())


def _in_catalog(context: ScenarioContext, table: str) -> None:
    database = f"fsa-{context.environment.name}-{names.APP}"
    try:
        context.client("glue").get_table(DatabaseName=database, Name=table)
    except ClientError as error:
        require(False, f"{table} is not in {database}: {error}")
