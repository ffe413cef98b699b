"""The landing pipeline as deployed: its definition, what job and plan may do for it, and the keys of `landing`."""

import fnmatch
import json
from pathlib import Path
from typing import Any

import pytest
from support.environments import ACCOUNT, BUCKETS, environment

from deployer.blueprint import blueprint
from deployer.blueprint.release import released
from deployer.blueprint.specs import PACKAGES
from deployer.build_output.reading import load_builds
from deployer.errors import ConfigError
from deployer.model.names import names_of
from deployer.model.resources import Document, Function, GlueJob, MachineAlias, Resource, Role, StateMachine

LANDING, _, FINAL, _ = BUCKETS
JOB, PLAN = "FSA-CERT-DATAMART-EXEC-DB-SQL", "FSA-CERT-edv-build-processing-plan"


def wanted(build_dir: Path, **changes: Any) -> list[Resource]:
    found = environment(**changes)
    names = names_of(found, "aws", ACCOUNT)
    base = blueprint(found, names, load_builds(build_dir, found.runtime, "5.1", PACKAGES))
    return released(base.resources, found, names)


def policy(resources: list[Resource], name: str) -> Any:
    return next(one.policy for one in resources if isinstance(one, Role) and one.name == f"{name}-role")


def definition(resources: list[Resource]) -> Any:
    machines = [one for one in resources if isinstance(one, StateMachine)]
    return next(one for one in machines if one.name == "FSA-CERT-CARS-Landing-Pipeline").definition.value()


def test_the_machine_deals_the_configured_batches_and_keeps_to_the_job_s_concurrency(
    build_dir: Path,
) -> None:
    states = definition(wanted(build_dir, GlueJobParameters={"MaxConcurrency": 5}))["States"]
    assert '"batches":3' in states["Get Incremental Table list From S3"]["Parameters"]["Payload.$"]
    assert states["Map"]["MaxConcurrency"] == 5


def test_its_alias_is_live_with_the_release_of_the_other_machine(build_dir: Path) -> None:
    edv, landing = [one for one in wanted(build_dir) if isinstance(one, MachineAlias)]
    assert (edv.machine, landing.machine) == ("FSA-CERT-CARS-EDV-Pipeline", "FSA-CERT-CARS-Landing-Pipeline")
    assert edv.tags["cars:release"] == landing.tags["cars:release"]


def test_the_plan_knows_both_places_of_the_target_schema_and_may_read_only_those(build_dir: Path) -> None:
    resources = wanted(build_dir)
    function = next(one for one in resources if isinstance(one, Function) and one.name == PLAN)
    assert function.environment["TARGET_SCHEMA_FILES"] == (
        f"s3://{FINAL}/cars/_configs/cars_target_schema.json "
        f"s3://{LANDING}/cars/etl-jobs/cars_target_schema.json"
    )
    found = policy(resources, PLAN)
    file = f"arn:aws:s3:::{LANDING}/cars/etl-jobs/cars_target_schema.json"
    assert found["ReadTargetSchema"].resources == (file,)
    assert found["ListTargetSchema1"].resources == (f"arn:aws:s3:::{LANDING}",)


def test_the_plan_reads_the_final_bucket_s_place_where_config_releases_are_elsewhere(
    build_dir: Path,
) -> None:
    found = policy(wanted(build_dir, configUpload={"outputBucket": BUCKETS[3]}), PLAN)
    assert found["ReadTargetSchema"].resources == (
        f"arn:aws:s3:::{FINAL}/cars/_configs/cars_target_schema.json",
        f"arn:aws:s3:::{LANDING}/cars/etl-jobs/cars_target_schema.json",
    )


@pytest.mark.parametrize(
    "key",
    [
        "cars/FARM/data/0a1b.parquet",
        "cars/FARM/metadata/00001-a.metadata.json",
        "cars/FARM/metadata/snap-1.avro",
        "cars/_cdc/FARM/dart_filedate=2026-06-01/20260601-1.parquet",
        "cars/_rejects/FARM/20260601-1.parquet",
    ],
)
def test_the_job_writes_and_deletes_what_zones_consist_of(build_dir: Path, key: str) -> None:
    found = policy(wanted(build_dir), JOB)
    arn = f"arn:aws:s3:::{FINAL}/{key}"
    assert found["WriteZones"].actions == ("s3:DeleteObject", "s3:PutObject")
    assert any(fnmatch.fnmatchcase(arn, pattern) for pattern in found["WriteZones"].resources)


@pytest.mark.parametrize(
    "key",
    [
        "cars/_configs/current.json",
        "cars/_configs/cars_target_schema.json",
        "cars/_configs/releases/0a/manifest.json",
        "cars/_configs/releases/0a/metadata/stg_tables.csv",
        "cars/_configs/releases/0a/EDV/DATA/data/1_DV_UPDATE.sql",
        "cars/_rejects/FARM/x.json",
        "other/FARM/data/0a1b.parquet",
    ],
)
def test_the_job_writes_nothing_that_a_config_release_consists_of(build_dir: Path, key: str) -> None:
    found = policy(wanted(build_dir), JOB)
    writable = [
        pattern
        for item in found.values()
        if {"s3:PutObject", "s3:DeleteObject"} & set(item.actions)
        for pattern in item.resources
    ]
    assert not any(fnmatch.fnmatchcase(f"arn:aws:s3:::{FINAL}/{key}", pattern) for pattern in writable)


def test_the_job_reads_two_folders_of_the_landing_bucket(build_dir: Path) -> None:
    found = policy(wanted(build_dir), JOB)
    folders = ("cars/dbo/*", "cars/etl-jobs/*")
    assert found["ReadLanding"].resources == tuple(f"arn:aws:s3:::{LANDING}/{each}" for each in folders)
    assert found["ListLanding"].condition == Document(json.dumps({"StringLike": {"s3:prefix": folders}}))


def test_the_job_keeps_tables_in_the_database_of_the_final_zone_only(build_dir: Path) -> None:
    tables = policy(wanted(build_dir), JOB)["FinalZoneTables"]
    arns = [f"arn:aws:glue:us-east-1:{ACCOUNT}:{what}" for what in ("catalog", "database/fsa-cert-cars")]
    assert tables.resources == (*arns, f"arn:aws:glue:us-east-1:{ACCOUNT}:table/fsa-cert-cars/*")
    assert not [action for action in tables.actions if "Delete" in action]


def test_without_the_key_the_job_has_its_own_defaults(build_dir: Path) -> None:
    resources = wanted(build_dir, landing=None)
    job = next(one for one in resources if isinstance(one, GlueJob))
    assert not [name for name in job.arguments if name in {"--reject_percent", "--keep_dates"}]
    assert '"batches":4' in json.dumps(definition(resources)).replace('\\"', '"')


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("batches", 0, "job runs of a landing, 1 to 100"),
        ("rejectPercent", "200", "a percentage from 0 to 100"),
        ("onUnreadable", "skip", "fail or continue"),
        ("onMissingColumn", "drop", "fail or null"),
        ("keepDates", "ten", "a whole number from 1"),
        ("bathces", 4, "bathces"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_expected(key: str, value: object, expected: str) -> None:
    with pytest.raises(ConfigError, match="landing") as caught:
        environment(landing={key: value})
    assert expected in str(caught.value)
