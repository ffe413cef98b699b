import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from moto import mock_aws
from rich.console import Console

from cars_acceptance.main_job import names, pipeline
from cars_acceptance.main_job.commands import Deployer
from cars_acceptance.main_job.errors import MainJobError
from cars_acceptance.main_job.options import Options
from cars_acceptance.main_job.progress import Progress
from cars_acceptance.main_job.release import Release
from cars_acceptance.source import schema
from cars_acceptance.source.errors import SourceError
from cars_acceptance.source.load import Load
from local_aws.postgres import EmbeddedPostgres
from local_aws.pytest_plugin import Database

from . import manifests
from .conftest import LEDGER, Vault
from .loading import Connection, Warehouse
from .manifests import listed

JOB = "FSA-LOCAL-DATAMART-EXEC-DB-SQL"
PENDING = {"summary": {"create": 2}, "changes": [{"action": "create", "kind": "role", "name": "r"}]}
NOTHING: Mapping[str, Any] = {"summary": {"create": 0}, "changes": []}


@dataclass
class FakePipeline:
    """Replaces the deployer: records its commands, and loads the vault when a command runs a day."""

    vault: Vault
    commands: list[str] = field(default_factory=list)
    deploys: list[Mapping[str, Any]] = field(default_factory=lambda: [PENDING, NOTHING])
    tree: Path | None = None
    after_run: Callable[[Connection], object] = lambda connection: None

    def ask(self, *arguments: str, accept: tuple[int, ...] = (0,)) -> Mapping[str, Any]:
        self.commands.append(
            " ".join(word for word in arguments if not word.startswith(("--build", "--outputs")))
        )
        for path in (word.removeprefix("--outputs=") for word in arguments if word.startswith("--outputs=")):
            Path(path).write_text(json.dumps({"glueJob": {"name": JOB}}), encoding="utf-8")
        return self.deploys.pop(0) if arguments[0] == "deploy" else PENDING

    def call(self, *arguments: str) -> list[str]:
        self.commands.append(" ".join(word for word in arguments if not word.startswith("--manifest")))
        for path in (
            word.removeprefix("--manifest=") for word in arguments if word.startswith("--manifest=")
        ):
            manifests.write(self.tree or self.vault.warehouse.tree, Path(path))
        if arguments[0] == "run":
            day = date.fromisoformat(arguments[2].removeprefix("--date="))
            self.vault.warehouse.load(day, initial="--initial" in arguments)
            self.vault.note_loads(day)
            self.after_run(self.vault.connection)
        return ["release abc"]


class JobWithFakes(pipeline.MainJob):
    """The main job with the fake pipeline; a day written to S3 is also written to the source tables."""

    fake: FakePipeline

    def load_day(self, load: Load) -> Load:
        self.fake.vault.warehouse.write(load)
        return super().load_day(load)

    def deployer(self, **listening: Any) -> Deployer:
        return self.fake  # type: ignore[return-value]

    def client(self, service: str) -> Any:
        clients: Any = boto3
        return clients.client(service, "us-east-1", aws_access_key_id="local", aws_secret_access_key="local")


@dataclass
class Prepared:
    """A job with fakes and the PG* variables."""

    job: JobWithFakes
    environment: Mapping[str, str]

    def run(self) -> JobWithFakes:
        with ExitStack() as running:
            self.job.run(lambda _: self.environment, running)
        return self.job


@pytest.fixture
def prepared(
    database: Database,
    postgres_server: EmbeddedPostgres,
    tree: Path,
    release: Release,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Prepared]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with psycopg.connect(database.dsn, autocommit=True) as connection, mock_aws():
        connection.execute(LEDGER)
        made = pipeline.prepare(
            Options(tree, tmp_path, tmp_path, "python", farms=12), Progress(Console(file=io.StringIO()))
        )
        job = JobWithFakes(made.options, made.progress, made.report, made.generator, made.schema, made.model)
        warehouse = Warehouse(connection, tree, schema.read(tree))
        job.fake = FakePipeline(Vault(connection, made.generator, warehouse, made.model, release))
        job.client("glue").create_job(Name=JOB, Role="role", Command={"Name": "glueetl"})
        server = {
            "PGHOST": postgres_server.host,
            "PGPORT": str(postgres_server.port),
            "PGUSER": postgres_server.user,
        }
        secrets = {"PGPASSWORD": postgres_server.password, "PGDATABASE": database.name}
        yield Prepared(job, server | secrets)


def test_the_job_goes_from_an_empty_account_to_a_compared_vault(prepared: Prepared) -> None:
    done = prepared.run()
    assert done.report.result == "ok"
    assert done.fake.commands == [
        f"configs check local --source={done.options.car_configs}",
        "plan local",
        "deploy local --yes",
        "deploy local --yes",
        f"configs push local --source={done.options.car_configs}",
        "run local --date=2026-06-01 --initial",
        "run local --date=2026-06-02",
        "run local --date=2026-06-03",
        "run local --date=2026-06-03",
        "run local --date=2026-06-02",
    ]
    assert [item.title for item in done.report.passes] == [
        "initial run of 2026-06-01",
        "incremental run of 2026-06-02",
        "incremental run of 2026-06-03",
        "run of 2026-06-02 with 5 late rows",
    ]
    assert {step.status for step in done.report.steps} == {"done"}
    notes = {step.title: step.note for step in done.report.steps}
    assert notes["deploy"] == "2 create"
    assert notes["push the config release"] == "release abc"
    assert (
        notes["compare all rows with those before the repeated run"]
        == f"{len(done.release.tables)} tables, 0 changed"
    )


def test_prerequisites_are_those_the_deployer_expects(prepared: Prepared) -> None:
    done = prepared.run()
    buckets = {bucket["Name"] for bucket in done.client("s3").list_buckets()["Buckets"]}
    assert buckets == {f"fsa-local-cars-{zone}" for zone in ("landing", "clean", "final", "artifacts")}
    secret = done.client("secretsmanager").get_secret_value(SecretId="fsa-local/cars/postgres")[
        "SecretString"
    ]
    assert prepared.environment["PGPASSWORD"] in secret
    connection = done.client("glue").get_connection(Name="FSA-LOCAL-PG-DART114")["Connection"]
    assert prepared.environment["PGPORT"] in connection["ConnectionProperties"]["JDBC_CONNECTION_URL"]
    assert prepared.environment["PGPASSWORD"] not in str(connection)


def test_a_tree_without_model_and_ddl_is_run_and_compared_as_far_as_it_goes(
    prepared: Prepared, tree: Path, tmp_path: Path
) -> None:
    job, bare = prepared.job, tmp_path / "bare"
    shutil.copytree(tree, bare, ignore=shutil.ignore_patterns("model", "DDL", "waivers.csv"))
    shutil.rmtree(bare / "EDV/FLD_HS")
    lines = (bare / "metadata/dv_tables.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.upper().endswith("|FLD_HS")]
    (bare / "metadata/dv_tables.csv").write_text("\n".join(kept), encoding="utf-8")
    job.options = replace(job.options, car_configs=bare, home=tree.parent)
    job.fake.tree = bare
    job.fake.vault.connection.execute("drop table edv.farm_h, cars_stg.tr")
    done = prepared.run()
    assert done.report.result == "ok"
    notes = {step.title: step.note for step in done.report.steps}
    assert notes["create schemas and tables"].startswith("2 tables without DDL in the tree were created from")
    everything = len(listed(tree, "stg_tables.csv")) + len(listed(tree, "dv_tables.csv"))
    coverage = done.report.as_dict()["coverage"]
    assert (coverage["tables"], coverage["compared"]) == (everything - 1, everything - 2)
    assert coverage["only_loaded"] == ["EDV/FLD_H"]  # its rows are compared through its satellite
    assert coverage["control_totals_missing"] == ""


def test_a_tree_that_does_not_compile_stops_the_job_with_the_report_before_anything_starts(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: str) -> list[str]:
        raise MainJobError("ended with exit code 1", details="error [clock] a script reads the clock")

    monkeypatch.setattr(prepared.job.fake, "call", refuse)
    with pytest.raises(MainJobError, match="is not a SQL tree that can be run") as caught:
        prepared.run()
    assert "[clock]" in caught.value.details
    assert "nox -s configs -- check" in caught.value.hint
    assert [step.title for step in prepared.job.progress.steps] == ["compile the SQL tree"]


def test_a_second_deploy_that_changes_something_stops_the_job(prepared: Prepared) -> None:
    prepared.job.fake.deploys = [PENDING, PENDING]
    with pytest.raises(MainJobError, match="a second deploy changed 1 resources") as caught:
        prepared.run()
    assert caught.value.details == "create role r"
    assert prepared.job.progress.steps[-1].title == "deploy again: nothing to do"
    assert prepared.job.progress.steps[-1].status == "failed"


def test_a_vault_that_lost_acres_is_a_difference_of_that_run(prepared: Prepared) -> None:
    def lose(connection: Connection) -> None:
        connection.execute(
            "update edv.ag_prod_plan_hs set crop_fld_rpt_qty = crop_fld_rpt_qty - 0.00001 where ag_prod_plan_id = "
            "(select min(ag_prod_plan_id) from edv.ag_prod_plan_hs where load_end_dt = '9999-12-31') "
            "and load_end_dt = '9999-12-31'"
        )

    prepared.job.fake.after_run = lose
    report = prepared.run().report
    assert report.result == "different"
    assert all(item.checked.differences for item in report.passes)
    assert report.passes[0].checked.differences[0].what == "acres"


def test_a_repeated_run_that_touches_a_row_is_a_difference(prepared: Prepared) -> None:
    prepared.job.fake.after_run = lambda connection: connection.execute(
        "update edv.farm_h set data_src_nm = data_src_nm || 'x'"
    )
    differences = prepared.run().report.differences
    assert [(item.what, item.key) for item in differences] == [("changed by a repeated run", "edv.farm_h")]


def test_late_rows_that_do_not_arrive_in_history_are_differences(prepared: Prepared) -> None:
    prepared.job.fake.after_run = lambda connection: connection.execute(
        "delete from edv.ag_prod_plan_hs where src_last_chg_dt = '2026-06-02 23:30:00'"
    )
    whats = [item.what for item in prepared.run().report.differences]
    assert whats == ["late row in history"] * 5


def test_nothing_is_started_when_the_farms_are_too_few_for_the_counties(tree: Path) -> None:
    few = Options(tree, Path("/build"), Path("/reports"), "python", farms=2)
    with pytest.raises(SourceError, match=r"2 farms are too few .* give --farms 4 or more"):
        pipeline.prepare(few, Progress(Console(file=io.StringIO())))


def test_names_are_those_of_the_local_environment() -> None:
    assert names.FINAL_BUCKET in names.BUCKETS
    assert names.SCHEMAS[0] == "DART_PROCESS_CONTROL"
