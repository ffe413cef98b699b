"""The steps of the proof: start AWS and Postgres, deploy each environment, run the scenarios, mutate, run them again."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from cars_acceptance.main_job import options as job_options
from cars_acceptance.main_job.clients import Clients
from cars_acceptance.main_job.commands import Deployer
from cars_acceptance.main_job.progress import Progress
from cars_acceptance.permissions import functions, jobs, landings, machine, schedules
from cars_acceptance.permissions.deployment import Team, deliver, deploy
from cars_acceptance.permissions.environments import Client, Environment, create_prerequisites
from cars_acceptance.permissions.mutation_run import MutationRun, cover, mutate
from cars_acceptance.permissions.policies import Policies
from cars_acceptance.permissions.scenario_context import Scenario, ScenarioContext
from cars_acceptance.source import published, schema
from cars_acceptance.source.generator import Generator
from cars_acceptance.source.load import Load
from local_aws.access.decisions import DecisionRecord

Start = Callable[[ExitStack], Mapping[str, str]]


def scenarios(context: ScenarioContext) -> Iterator[Scenario]:
    """The scenarios of an environment."""
    for module in (functions, jobs, landings, machine, schedules):
        yield from module.scenarios(context)


def run(
    options: job_options.Options, environments: Iterable[Environment], progress: Progress, start: Start
) -> list[MutationRun]:
    """Deploy and prove each environment; returns one mutation run per environment."""
    load, tables = source(), schema.read(options.car_configs)
    with ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        with progress.step("start local AWS and Postgres"):
            variables = start(running)
        client = Clients(variables)
        runs = []
        for environment in environments:
            deployer = Deployer(options.deployer_python, options.root, variables)
            with progress.step(f"{environment.name}: deploy with the deployer's permissions only") as step:
                made = create_prerequisites(client, environment, variables)
                team = Team(environment, Path(folder), deployer, client)
                outputs = deploy(team, environment.file(made), options.build_dir, options.car_configs)
                deliver(client, environment, tables, load)
                step.note = f"{team.policies} policies of {len(team.users)} users"
            record = DecisionRecord(variables["AWS_ENDPOINT_URL"])
            context = ScenarioContext(environment, outputs, variables, client, record)
            runs.append(prove(context, client, progress))
    return runs


def prove(context: ScenarioContext, client: Client, progress: Progress) -> MutationRun:
    """Run the scenarios, mutate the policies, and run the scenarios again: every permission must be restored."""
    name, iam = context.environment.name, Policies(client("iam"), context.environment.deploy_env)
    policies, listed = iam.read(), tuple(scenarios(context))
    with progress.step(f"{name}: {len(listed)} scenarios with all permissions"):
        found = cover(context, policies, listed, progress.line)
    with progress.step(f"{name}: remove each permission in turn") as step:
        mutate(context, iam, found, progress.line)
        step.note = f"{len(found.mutants)} mutants, {len(found.survivors)} survivors"
    with progress.step(f"{name}: all scenarios again"):
        cover(context, policies, listed, lambda _: None)
    return found


def source() -> Load:
    """The smallest source that meets its control totals."""
    control = published.builtin()
    farms = len({key.line.area for key in control.acres})
    return Generator(
        control, farms=farms, day=job_options.DEFAULT_DATE, seed=job_options.DEFAULT_SEED
    ).initial_load()
