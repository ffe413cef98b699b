from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cars_acceptance.main_job import targets, vault
from cars_acceptance.main_job.errors import MainJobError
from cars_acceptance.main_job.release import Release, Table
from cars_acceptance.source import schema
from local_aws.pytest_plugin import Database

TREE = Path("/team/tree")
HUB = Table("EDV", "TR_H", ("edv.tr_h",), ("cars_stg.tr",))
OWN = Table("EDV", "WELL_H", ("edv.well_h",), ("cars_stg.tr", "ebv.cnty_ref"))


@pytest.fixture
def connection(database: Database) -> Iterator[vault.Connection]:
    """An empty database."""
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        yield connection


def test_tables_of_the_cars_model_are_created_with_the_ddl_of_the_repository(
    connection: vault.Connection, tree: Path
) -> None:
    release = Release((HUB,), ())
    assert targets.complete(connection, release, TREE, tree / "DDL") == ["edv.tr_h", "cars_stg.tr"]
    assert {"tr_h_id", "load_dt"} <= vault.columns(connection)["edv.tr_h"]
    assert targets.complete(connection, release, TREE, tree / "DDL") == []


def test_tables_that_nobody_creates_are_named_with_who_uses_them(
    connection: vault.Connection, tree: Path
) -> None:
    with pytest.raises(
        MainJobError, match=r"no DDL creates 2 tables .*: edv\.well_h, ebv\.cnty_ref$"
    ) as caught:
        targets.complete(connection, Release((HUB, OWN), ()), TREE, tree / "DDL")
    assert caught.value.details == "edv.well_h: EDV/WELL_H\nebv.cnty_ref: EDV/WELL_H"
    assert "/team/tree/DDL/{SCHEMA}/{n}_{TABLE}.sql, for example DDL/EDV/1_WELL_H.sql" in caught.value.hint
    assert "--database-sql FILE" in caught.value.hint


def test_a_table_of_another_team_comes_from_the_given_sql(
    connection: vault.Connection, tree: Path, tmp_path: Path
) -> None:
    file = tmp_path / "others.sql"
    file.write_text(
        "create schema ebv; create table ebv.cnty_ref (); create schema edv; create table edv.well_h ()"
    )
    targets.run_file(connection, file)
    assert targets.complete(connection, Release((OWN,), ()), TREE, tree / "DDL") == ["cars_stg.tr"]


@pytest.mark.parametrize(("text", "message"), [("create tabel x ()", "syntax error"), (None, "No such file")])
def test_sql_that_cannot_be_run_is_named_with_its_file(
    connection: vault.Connection, tmp_path: Path, text: str | None, message: str
) -> None:
    file = tmp_path / "others.sql"
    if text is not None:
        file.write_text(text)
    with pytest.raises(MainJobError, match=rf"--database-sql .*others\.sql: .*{message}"):
        targets.run_file(connection, file)


def test_source_tables_that_are_not_generated_are_named_before_anything_starts(tree: Path) -> None:
    reads = ("fsa-{env}-cars.weather", "fsa-{env}-cars-cdc.weather", "fsa-{env}-cars.tract")
    staged = Release((Table("STG", "WEATHER", ("cars_stg.weather",), reads),), ())
    with pytest.raises(MainJobError, match=r"lacks 1 table that staging scripts read: weather$") as caught:
        targets.require_sources(staged, schema.read(tree), TREE)
    assert caught.value.details == "weather: STG/WEATHER"
    assert "/team/tree/metadata/model/sources.yaml" in caught.value.hint


def test_a_source_table_that_the_tree_declares_is_delivered_without_rows(tree: Path, tmp_path: Path) -> None:
    path = tmp_path / schema.SOURCES
    path.parent.mkdir(parents=True)
    path.write_text("every_table: {op: varchar(2)}\ntables: {weather: {columns: {rain: 'decimal(9,2)'}}}")
    declared = schema.read(tmp_path, tree)
    assert declared.tables["weather"].names == ["rain", "op"]
    assert declared.without("weather", "op").names == ["rain"]
    assert declared.tables.keys() - {"weather"} == schema.read(tree).tables.keys()
    staged = Release((Table("STG", "WEATHER", ("cars_stg.weather",), ("fsa-{env}-cars.weather",)),), ())
    targets.require_sources(staged, declared, tmp_path)
