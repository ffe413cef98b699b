"""Our deployer beside others: the same functions, state machine and roles, to the same local endpoint, in turns.

    python benchmarks/deploy.py [--repeat 3] [--only deployer ansible ...] [--latency 50] [--build-dir build]

Needs what `nox -s build` wrote. Each deployer gets a fresh endpoint of its own each time, with the buckets, the secret
and the Glue connection in it, and deploys three times, as whole processes: to nothing; again; with one function changed.
Calls are counted at the endpoint, by a proxy. What was deployed is checked before its time counts: each function has its
code and settings and answers, the state machine has its definition, roles have their policies. The median counts, the
span is shown. With `--latency` everything is measured once more, and each call takes so many milliseconds longer, as the
way to AWS does. Ours has figures to reach; one that is missed makes the exit code 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from _estate import Estate, marks, problems, read_estate
from _measure import CommandError, run
from _prerequisites import make_prerequisites
from _recorder import Recorder
from _report import Run, failed_figures, print_tables, write_json
from _rivals import Deployer, Workspace, deployers
from _tools import ROOT, ToolError
from _workspace import change_function, copy_build
from botocore.exceptions import ClientError

from local_aws.server import LocalAws

REPORT = ROOT / "build" / "reports" / "bench-deploy.json"
# Reads that make the endpoint load a service, which takes up to a second, before anybody's time runs. One that finds
# nothing loads more than a list that is empty.
_WARM: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("cloudformation", "list_stacks", {}),
    ("glue", "get_job", {"JobName": "none"}),
    ("iam", "get_role", {"RoleName": "none"}),
    ("lambda", "get_function", {"FunctionName": "none"}),
    ("logs", "describe_log_groups", {}),
    ("s3", "list_buckets", {}),
    ("scheduler", "list_schedules", {}),
    ("secretsmanager", "list_secrets", {}),
    ("sqs", "list_queues", {}),
    ("stepfunctions", "list_state_machines", {}),
    ("sts", "get_caller_identity", {}),
)


@dataclass(frozen=True)
class Place:
    """A fresh endpoint and the proxy in front of it."""

    aws: LocalAws
    recorder: Recorder

    def environment(self, deployer: Deployer) -> dict[str, str]:
        """What a deployer sees: credentials, the proxy as the endpoint, and variables of its own."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        # by name: the endpoint's CloudFormation finds templates in S3 only at an address with "localhost" in it
        endpoint = self.recorder.url.replace("127.0.0.1", "localhost")
        return {**inherited, **self.aws.env, "AWS_ENDPOINT_URL": endpoint, **deployer.environment}


@contextmanager
def endpoint(latency: int) -> Iterator[Place]:
    """A local AWS with what is there before anybody deploys."""
    with LocalAws() as aws, Recorder(aws.endpoint_url, latency / 1000) as recorder:
        make_prerequisites(aws.client)
        for service, operation, arguments in _WARM:
            with suppress(ClientError):
                getattr(aws.client(service), operation)(**arguments)
        yield Place(aws, recorder)


def main() -> int:
    options = _options()
    known = deployers()
    chosen = [known[name] for name in options.only]
    try:
        estate = _shown(known["deployer"], options.build_dir)
    except CommandError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    runs: list[Run] = []
    for latency in dict.fromkeys((0, options.latency)):
        runs += _in_turns(chosen, estate, options, latency)
    print_tables(runs, chosen)
    write_json(runs, REPORT)
    return 1 if failed_figures(runs) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = list(deployers())
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--latency", type=int, default=50, help="milliseconds per call, 0 for none")
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--build-dir", type=Path, default=ROOT / "build")
    return parser.parse_args()


def _in_turns(
    chosen: list[Deployer], estate: Estate, options: argparse.Namespace, latency: int
) -> Iterator[Run]:
    """A B C, A B C, ...; one that fails is not run again."""
    out: set[str] = set()
    repeat = 1 if latency else options.repeat
    for number in range(repeat):
        for deployer in (deployer for deployer in chosen if deployer.name not in out):
            print(f"{deployer.name}, {latency} ms, {number + 1} of {repeat}", file=sys.stderr, flush=True)
            found = _measured(deployer, estate, options.build_dir, latency)
            out |= {deployer.name} if found.failed else set()
            yield found


def _measured(deployer: Deployer, estate: Estate, build: Path, latency: int) -> Run:
    found = Run(deployer.name, latency)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-deploy-") as folder, endpoint(latency) as place:
            work = Workspace(Path(folder), copy_build(build, Path(folder) / "build"), estate)
            _three_deploys(deployer, work, place, found)
    except (CommandError, ToolError) as error:
        found.failed = str(error)
    return found


def _three_deploys(deployer: Deployer, work: Workspace, place: Place, found: Run) -> None:
    commands = deployer.commands(work)
    for name in ("first", "unchanged", "changed"):
        if name == "changed":
            change_function(work.build)
        before = {} if name == "first" else marks(place.aws.client, work.shown)
        place.recorder.forget()
        usage = run(commands, ROOT, place.environment(deployer))
        calls = list(place.recorder.calls)
        wrong = problems(place.aws.client, work.shown, work.build, glue=deployer.glue)
        if wrong:
            raise CommandError(f"{name} deploy: {'; '.join(wrong[:3])}")
        after = marks(place.aws.client, work.shown)
        touched = [function for function in after if before.get(function) != after[function]]
        found.add(name, usage, calls, touched)


def _shown(deployer: Deployer, build: Path) -> Estate:
    """What ours deploys, read back: the others have to deploy the same. Raises CommandError."""
    with tempfile.TemporaryDirectory(prefix="bench-deploy-") as folder, endpoint(0) as place:
        run(deployer.commands(Workspace(Path(folder), build)), ROOT, place.environment(deployer))
        return read_estate(place.aws.client, build)


if __name__ == "__main__":
    sys.exit(main())
