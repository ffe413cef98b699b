"""The steps of the main job, in the order in which they run."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from cars_acceptance.main_job import account, names, schemas, vault, vault_model
from cars_acceptance.main_job.check import Difference, check, unchanged
from cars_acceptance.main_job.clients import Clients
from cars_acceptance.main_job.commands import Deployer
from cars_acceptance.main_job.database import connect
from cars_acceptance.main_job.errors import MainJobError
from cars_acceptance.main_job.options import Options
from cars_acceptance.main_job.progress import Progress, Step
from cars_acceptance.main_job.report import Pass, RunReport
from cars_acceptance.source import published, schema, zones
from cars_acceptance.source.controls import ControlTotals
from cars_acceptance.source.farms import farms_per_area
from cars_acceptance.source.generator import Generator
from cars_acceptance.source.load import Expected, Load

NOTHING_TO_DO, CHANGES_PENDING = 0, 2
PLAN_TABLE = "agricultural_production_plan"
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
    delivered: dict[date, Expected] = field(default_factory=dict)

    def run(self, start: Start, running: ExitStack) -> None:
        """Run all steps; raises MainJobError when one fails. Differences go into the report and do not stop the job."""
        with self.progress.step("start local AWS and Postgres"):
            self.environment = start(running)
        with self.progress.step("create buckets, secret and Glue connection"):
            account.prepare(self.client, self.environment)
        self.deploy()
        with self.progress.step("create the schemas"):
            schemas.create(self.client("glue"), self.glue_job(), self.options.day)
        last = self.load_day(self.generator.initial_load())
        for _ in range(self.options.days):
            last = self.load_day(self.generator.next_day())
        self.repeat(last)
        self.catch_up(last)

    def deploy(self) -> None:
        """Plan, deploy, check that a second deploy changes nothing, push the config release."""
        build = f"--build-dir={self.options.build_dir}"
        with self.progress.step("plan") as step:
            plan = self.deployer().ask(
                "plan", names.ENVIRONMENT, build, accept=(NOTHING_TO_DO, CHANGES_PENDING)
            )
            step.note = _summary(plan)
        with self.progress.step("deploy") as step:
            applied = self.deployer().ask(
                "deploy", names.ENVIRONMENT, "--yes", build, f"--outputs={self.options.outputs}"
            )
            step.note = _summary(applied)
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
            checked = check(connection, self.model, day, expected, self.generator.control.names, mark=mark)
            self.report.passes.append(Pass(title, step.seconds, checked))
            self.report.differences += checked.differences
            comparison.note = f"{checked.totals} control totals, {len(checked.differences)} differences"

    def pipeline(self, title: str, day: date, *, initial: bool = False) -> Step:
        """Run the state machine once and show its progress live."""
        flags = ["--initial"] if initial else []
        with self.progress.step(title) as step:
            self.deployer(listener=self.progress.line).call("run", names.ENVIRONMENT, f"--date={day}", *flags)
        return step

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
        if not self.options.late:
            return
        for day, tables in last.late.items():
            first = self.delivered[day].delivered
            late = {table: sum(map(len, files)) for table, files in tables.items()}
            delivered = {table: rows + late.get(table, 0) for table, rows in first.items()}
            expected = replace(last.expected, delivered=delivered)
            self.run_and_check(f"run of {day} with {last.late_rows} late rows", day, expected)
            self.report.differences += self.late_rows_missing(last)

    def late_rows_missing(self, last: Load) -> Iterator[Difference]:
        """Late states that are missing from the history of their plan."""
        for files in (tables[PLAN_TABLE] for tables in last.late.values()):
            for row in (row for rows in files for row in rows):
                plan, changed = row["agricultural_production_plan_identifier"], row["last_change_date"]
                with self.connection() as connection:
                    found = vault.closed_versions(connection, plan, changed)
                if found != 1:
                    yield Difference("late row in history", f"plan {plan} of {changed}", "1", str(found))

    def fingerprints(self) -> dict[str, str]:
        """A digest of every staging and vault table."""
        with self.connection() as connection:
            staging = vault.fingerprints(connection, vault.STAGING, self.model.staging)
            held = vault.fingerprints(connection, vault.VAULT, self.model.tables)
        return {f"{vault.STAGING}.{name}": value for name, value in staging.items()} | {
            f"{vault.VAULT}.{name}": value for name, value in held.items()
        }

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


def _summary(plan: Mapping[str, Any]) -> str:
    """`25 create, 0 update, 0 delete` of a plan as the deployer's JSON has it."""
    return ", ".join(f"{count} {action}" for action, count in plan["summary"].items())


def refuse_changes(plan: Mapping[str, Any]) -> None:
    """Raise MainJobError when the second deploy changed something."""
    if plan["changes"]:
        changes = [f"{change['action']} {change['kind']} {change['name']}" for change in plan["changes"]]
        raise MainJobError(
            f"a second deploy changed {len(changes)} resources",
            details="\n".join(changes),
            hint="an adapter reads a value that differs from what it wrote: packages/deployer/src/deployer/aws",
        )


def prepare(options: Options, progress: Progress) -> MainJob:
    """Read and check all input before anything starts: control totals, model, number of farms."""
    control = control_totals(options)
    farms_per_area(control.acres, options.farms)
    generator = Generator(control, farms=options.farms, day=options.day, seed=options.seed)
    settings = {
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
        schema.read(options.car_configs),
        vault_model.read(options.car_configs),
    )


def control_totals(options: Options) -> ControlTotals:
    """The control totals of the options."""
    return published.read(options.control_totals) if options.control_totals else published.builtin()
