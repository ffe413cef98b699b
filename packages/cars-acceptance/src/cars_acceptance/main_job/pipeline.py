"""The steps of the main job, in the order in which they run."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from cars_acceptance.main_job import account, marts, names, schemas, targets, vault, vault_model
from cars_acceptance.main_job.answers import does_not_compile, refuse_changes, summary
from cars_acceptance.main_job.check import check, late_rows_missing, unchanged
from cars_acceptance.main_job.clients import Clients
from cars_acceptance.main_job.commands import Deployer
from cars_acceptance.main_job.database import connect
from cars_acceptance.main_job.errors import MainJobError
from cars_acceptance.main_job.options import Options
from cars_acceptance.main_job.progress import Progress, Step
from cars_acceptance.main_job.proof import Proof, proof_of
from cars_acceptance.main_job.release import MARTS, Release, read_release
from cars_acceptance.main_job.report import Pass, RunReport
from cars_acceptance.source import published, schema, zones
from cars_acceptance.source.controls import ControlTotals
from cars_acceptance.source.farms import farms_per_area
from cars_acceptance.source.generator import Generator
from cars_acceptance.source.load import Expected, Load

NOTHING_TO_DO, CHANGES_PENDING = 0, 2
Start = Callable[[ExitStack], Mapping[str, str]]


@dataclass
class MainJob:
    """One main job: its options, the local AWS and Postgres, the generated source, and the report so far."""

    options: Options
    progress: Progress
    report: RunReport
    generator: Generator
    schema: schema.Schema
    model: vault_model.VaultModel
    environment: Mapping[str, str] = field(default_factory=dict)
    release: Release = field(default_factory=lambda: Release((), ()))
    delivered: dict[date, Expected] = field(default_factory=dict)

    def run(self, start: Start, running: ExitStack) -> None:
        """Run all steps; raises MainJobError when one fails. Differences go into the report and do not stop the job."""
        self.check_tree()
        with self.progress.step("start local AWS and Postgres"):
            self.environment = start(running)
        with self.progress.step("create buckets, secret and Glue connection"):
            account.prepare(self.client, self.environment)
        self.deploy()
        self.create_tables()
        last = self.load_day(self.generator.initial_load())
        for _ in range(self.options.days):
            last = self.load_day(self.generator.next_day())
        self.repeat(last)
        self.catch_up(last)

    def check_tree(self) -> None:
        """Compile the tree before anything starts, and read from its manifest what it loads."""
        with self.progress.step("compile the SQL tree") as step:
            self.options.manifest.parent.mkdir(parents=True, exist_ok=True)
            tree, to = f"--source={self.options.car_configs}", f"--manifest={self.options.manifest}"
            try:
                step.note = self.deployer().call("configs", "check", names.ENVIRONMENT, tree, to)[-1]
            except MainJobError as error:
                raise does_not_compile(self.options.car_configs, error) from error
            self.release = read_release(self.options.manifest)
            targets.require_sources(self.release, self.schema, self.options.car_configs)

    def create_tables(self) -> None:
        """Run the tree's DDL and the given SQL, then create what the tree takes to exist."""
        with self.progress.step("create schemas and tables") as step:
            schemas.create(self.client("glue"), self.glue_job(), self.options.day, schemas=self.release.ddl)
            tree, ddl = self.options.car_configs, self.options.own_tree / "DDL"
            with self.connection() as connection:
                if self.options.database_sql:
                    targets.run_file(connection, self.options.database_sql)
                made = targets.complete(connection, self.release, tree, ddl)
                self.report.proof = proof_of(self.release, self.model, vault.columns(connection))
            step.note = f"{len(made)} tables without DDL in the tree were created from {ddl}" if made else ""

    def deploy(self) -> None:
        """Plan, deploy, check that a second deploy changes nothing, push the config release."""
        build = f"--build-dir={self.options.build_dir}"
        with self.progress.step("plan") as step:
            plan = self.deployer().ask(
                "plan", names.ENVIRONMENT, build, accept=(NOTHING_TO_DO, CHANGES_PENDING)
            )
            step.note = summary(plan)
        with self.progress.step("deploy") as step:
            applied = self.deployer().ask(
                "deploy", names.ENVIRONMENT, "--yes", build, f"--outputs={self.options.outputs}"
            )
            step.note = summary(applied)
        with self.progress.step("deploy again: nothing to do"):
            refuse_changes(self.deployer().ask("deploy", names.ENVIRONMENT, "--yes", build))
        with self.progress.step("push the config release") as step:
            source = f"--source={self.options.car_configs}"
            step.note = "".join(self.deployer().call("configs", "push", names.ENVIRONMENT, source)[-1:])

    def glue_job(self) -> str:
        """The name of the deployed Glue job, from the outputs of the deploy."""
        outputs = json.loads(self.options.outputs.read_text(encoding="utf-8"))
        name: str = outputs["glueJob"]["name"]
        return name

    def load_day(self, load: Load) -> Load:
        """Write a day of the source, run the pipeline for it, compare the vault."""
        kind = "initial" if load.initial else "incremental"
        with self.progress.step(f"write {kind} day {load.day}") as step:
            written = zones.write(self.client("s3"), self.zones(), load)
            step.note = f"{written.rows} rows in {written.files} files"
        self.delivered[load.day] = load.expected
        self.run_and_check(f"{kind} run of {load.day}", load.day, load.expected, initial=load.initial)
        return load

    def run_and_check(self, title: str, day: date, expected: Expected, *, initial: bool = False) -> None:
        """Run the pipeline of a day and compare the vault with `expected`."""
        with self.connection() as connection:
            mark = vault.ledger_mark(connection)
        step = self.pipeline(title, day, initial=initial)
        with self.progress.step(f"compare after the {title}") as comparison, self.connection() as connection:
            checked = check(connection, self.proof, day, expected, self.generator.control.names, mark=mark)
            self.report.passes.append(Pass(title, step.seconds, checked))
            self.report.differences += checked.differences
            comparison.note = f"{checked.totals} control totals, {len(checked.differences)} differences"

    def pipeline(self, title: str, day: date, *, initial: bool = False) -> Step:
        """Run the state machine once and show its progress live."""
        flags = ["--initial"] if initial else []
        with self.progress.step(title) as step:
            self.deployer(listener=self.progress.line).call("run", names.ENVIRONMENT, f"--date={day}", *flags)
        self.load_marts(title, day, initial=initial)
        return step

    def load_marts(self, title: str, day: date, *, initial: bool) -> None:
        """Load the marts of the tree, if it has some; the EDV pipeline ends with the vault."""
        if self.release.of(*MARTS):
            with self.progress.step(f"marts after the {title}") as step:
                count = marts.load(self.client("glue"), self.glue_job(), self.release, day, initial=initial)
                step.note = f"{count} marts"

    def repeat(self, last: Load) -> None:
        """Run the last day again with the same key; no row may change."""
        before = self.fingerprints()
        self.pipeline(f"repeated run of {last.day}", last.day, initial=last.initial)
        with self.progress.step("compare all rows with those before the repeated run") as step:
            differences = unchanged(before, self.fingerprints())
            self.report.differences += differences
            step.note = f"{len(before)} tables, {len(differences)} changed"

    def catch_up(self, last: Load) -> None:
        """Load a day again after its late files arrived: they become history, current rows stay."""
        if not self.options.late or self.proof.late_missing:
            return
        for day, tables in last.late.items():
            first = self.delivered[day].delivered
            late = {table: sum(map(len, files)) for table, files in tables.items()}
            delivered = {table: rows + late.get(table, 0) for table, rows in first.items()}
            expected = replace(last.expected, delivered=delivered)
            self.run_and_check(f"run of {day} with {last.late_rows} late rows", day, expected)
            with self.connection() as connection:
                self.report.differences += late_rows_missing(connection, last)

    def fingerprints(self) -> dict[str, str]:
        """A digest of every table that a run writes."""
        with self.connection() as connection:
            return vault.fingerprints(connection, self.release.targets)

    @property
    def proof(self) -> Proof:
        """What can be compared; known when the tables are there."""
        if self.report.proof is None:
            raise MainJobError("the tables were not created yet")
        return self.report.proof

    def deployer(self, **listening: Any) -> Deployer:
        """The deployer's command line against the local endpoint."""
        options = self.options
        return Deployer(options.deployer_python, options.root, self.environment, **listening)

    def zones(self) -> zones.Zones:
        """The zones to which the generator writes."""
        return zones.Zones(names.FINAL_BUCKET, names.APP, self.schema)

    def client(self, service: str) -> Any:
        """A boto3 client of the local endpoint."""
        return self.clients(service)

    @cached_property
    def clients(self) -> Clients:
        """Clients of the local endpoint."""
        return Clients(self.environment)

    @contextmanager
    def connection(self) -> Iterator[vault.Connection]:
        """A reading connection to the local Postgres."""
        with connect(self.environment) as connection:
            yield connection


def prepare(options: Options, progress: Progress) -> MainJob:
    """Read and check all input before anything starts: control totals, model, number of farms."""
    if not options.car_configs.is_dir():
        raise MainJobError(
            f"--car-configs is not a directory: {options.car_configs}; name the folder that holds STG/, EDV/, metadata/"
        )
    control = control_totals(options)
    farms_per_area(control.acres, options.farms)
    generator = Generator(control, farms=options.farms, day=options.day, seed=options.seed)
    settings = {
        "SQL tree": str(options.car_configs),
        "date": str(options.day),
        "incremental days": str(options.days),
        "farms": str(options.farms),
        "seed": str(options.seed),
        "control totals": str(options.control_totals or "built in"),
        "engine": options.engine,
    }
    return MainJob(
        options,
        progress,
        RunReport(settings, control.names, progress.steps),
        generator,
        schema.read(options.car_configs, options.own_tree),
        vault_model.read(_with_model(options)),
    )


def _with_model(options: Options) -> Path:
    """The tree whose model says what the vault must hold: the given one, or the repository's when it has none."""
    given = options.car_configs
    return given if (given / vault_model.VAULT).is_file() else options.own_tree


def control_totals(options: Options) -> ControlTotals:
    """The control totals of the options."""
    return published.read(options.control_totals) if options.control_totals else published.builtin()
