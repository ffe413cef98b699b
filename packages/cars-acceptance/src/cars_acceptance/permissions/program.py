"""The trip: start AWS and Postgres, deploy each environment with its real build, walk, mutate, walk again."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from cars_acceptance.main_job import options as knobs
from cars_acceptance.main_job.clients import Clients
from cars_acceptance.main_job.commands import Deployer
from cars_acceptance.main_job.progress import Progress
from cars_acceptance.permissions import functions, jobs, machine, schedules
from cars_acceptance.permissions.deployment import Team, deliver, deploy
from cars_acceptance.permissions.environments import Client, Place, furnish
from cars_acceptance.permissions.mutation_run import Survey, mutate, walk
from cars_acceptance.permissions.policies import Policies
from cars_acceptance.permissions.scenario_context import Scenario, Stage
from cars_acceptance.source import published, schema
from cars_acceptance.source.generator import Generator
from cars_acceptance.source.load import Load
from local_aws.access.decisions import DecisionRecord

Start = Callable[[ExitStack], Mapping[str, str]]


def scenarios(stage: Stage) -> Iterator[Scenario]:
    """Everything that an environment does."""
    for module in (functions, jobs, machine, schedules):
        yield from module.scenarios(stage)


def run(options: knobs.Options, places: Iterable[Place], progress: Progress, start: Start) -> list[Survey]:
    """One survey per environment."""
    load, tables = source(), schema.read(options.car_configs)
    with ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        with progress.step("start local AWS and Postgres"):
            environment = start(running)
        client = Clients(environment)
        surveys = []
        for place in places:
            deployer = Deployer(options.deployer_python, options.root, environment)
            with progress.step(f"{place.name}: deploy as a user who may do nothing else") as step:
                made = furnish(client, place, environment)
                team = Team(place, Path(folder), deployer, client)
                outputs = deploy(team, place.file(made), options.build_dir, options.car_configs)
                deliver(client, place, tables, load)
                step.note = f"{team.policies} policies of {len(team.users)} users"
            record = DecisionRecord(environment["AWS_ENDPOINT_URL"])
            stage = Stage(place, outputs, environment, client, record)
            surveys.append(survey(stage, client, progress))
    return surveys


def survey(stage: Stage, client: Client, progress: Progress) -> Survey:
    """Walk, take each part away, walk again: what was taken away is back."""
    name, iam = stage.place.name, Policies(client("iam"), stage.place.deploy_env)
    policies, listed = iam.read(), tuple(scenarios(stage))
    with progress.step(f"{name}: {len(listed)} scenarios with all permissions"):
        found = walk(stage, policies, listed, progress.line)
    with progress.step(f"{name}: every permission taken away in turn") as step:
        mutate(stage, iam, found, progress.line)
        step.note = f"{len(found.fates)} mutants, {len(found.survivors)} survivors"
    with progress.step(f"{name}: all scenarios again"):
        walk(stage, policies, listed, lambda _: None)
    return found


def source() -> Load:
    """The smallest source that meets its control totals."""
    control = published.builtin()
    farms = len({key.line.area for key in control.acres})
    return Generator(control, farms=farms, day=knobs.DEFAULT_DATE, seed=knobs.DEFAULT_SEED).initial_load()
