"""Every task of the repository; `nox -l` lists them."""

from __future__ import annotations

import argparse
import functools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "ci"))

from monorepo import arrows, checking, comparison, environments, jenkinsfile, results  # noqa: E402
from monorepo import gate as versions  # noqa: E402
from monorepo.building import Built, artefacts, build_all, build_package, report  # noqa: E402
from monorepo.image import build_image  # noqa: E402
from monorepo.packages import CI, MonorepoError, named  # noqa: E402
from monorepo.targets import Target, local_target, named_environment, target_of  # noqa: E402
from monorepo.tools import call, clean_environment, tool  # noqa: E402

nox.needs_version = ">=2024.4"
nox.options.sessions = ["lint", "types"]
nox.options.default_venv_backend = "none"
BUILD = ROOT / "build"
ACCEPTANCE = "cars-acceptance"  # its environment has the local AWS and both Step Functions engines


def task(function: Callable[[nox.Session], None]) -> Callable[[nox.Session], None]:
    """A session that ends with one message, not with a traceback, when the repository or a tool has a problem."""

    @functools.wraps(function)
    def reported(session: nox.Session) -> None:
        try:
            function(session)
        except MonorepoError as error:
            session.error(str(error))

    registered: Callable[[nox.Session], None] = nox.session(reported)
    return registered


@task
def lint(session: nox.Session) -> None:
    """Check style with ruff and imports with import-linter (`-- [PACKAGE ...] [--fix]`: ruff fixes what it can)."""
    ruff = tool("ruff")
    names = [word for word in session.posargs if word != "--fix"]
    _refuse_unknown(session, names)
    places = [place for name in names for place in _places(name)] or ["."]
    if "--fix" in session.posargs:
        session.run(ruff, "check", "--fix", *places, external=True)
        session.run(ruff, "format", *places, external=True)
        return
    session.run(ruff, "check", *places, external=True)
    session.run(ruff, "format", "--check", *places, external=True)
    failed = [run.name for run in arrows.check_imports(names) if run.code]
    if failed:
        session.error(
            f"imports that are not allowed: {', '.join(failed)}; contracts are in ci/monorepo/arrows.py and each pyproject"
        )


@task
def types(session: nox.Session) -> None:
    """Check types with mypy --strict, package by package (`-- PACKAGE ...` for some; `ci` is the build code)."""
    _refuse_unknown(session, session.posargs)
    failed = [run.failed for run in checking.check_types(session.posargs) if run.failed]
    if failed:
        session.error(f"type check failed in {', '.join(failed)}")


@task
def test(session: nox.Session) -> None:
    """Run the tests: `-- [PACKAGE ...] [--affected [--since REF]] [--skipped] [--slowest N] [pytest arguments]`."""
    options, words = _test_options(session.posargs)
    names, arguments = checking.split_arguments(words)
    if options.affected:
        if names:
            session.error(f"--affected chooses the packages itself, got {', '.join(names)} as well")
        names = [*comparison.compare(options.since).impact().affected, CI]
        session.log("affected: %s", ", ".join(names))
    _refuse_unknown(session, names)
    run = checking.run_skipped if options.skipped else checking.run_tests
    _report(session, run(names, arguments), options.slowest)


@task
def exhaustive(session: nox.Session) -> None:
    """Run the tests that try every case, marked `exhaustive`: `-- [PACKAGE ...] [--slowest N] [pytest arguments]`."""
    _refuse(session, [word for word in session.posargs if word in ("--affected", "--skipped")])
    options, words = _test_options(session.posargs)
    names, arguments = checking.split_arguments(words)
    _report(session, checking.run_exhaustive(names, arguments), options.slowest)


@task
def spark(session: nox.Session) -> None:
    """Compare the staging load with real Spark over random files: `-- [--files 3000] [--seed 0] [pytest arguments]`."""
    words = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    words.add_argument("--files", type=int, default=3000)
    words.add_argument("--seed", type=int, default=0)
    options, arguments = words.parse_known_args(session.posargs)
    session.log("about %d random files, seed %d", options.files, options.seed)
    _report(session, checking.run_spark(options.files, options.seed, arguments), 0)


@task
def affected(session: nox.Session) -> None:
    """List the packages that changed or that use a changed package, with reasons: `-- --since origin/main [--json]`."""
    since, rest = _since(session.posargs)
    _refuse(session, [word for word in rest if word != "--json"])
    found = comparison.compare(since)
    print(comparison.as_json(found) if "--json" in rest else comparison.as_text(found))


@task
def gate(session: nox.Session) -> None:
    """Fail when what a package ships changed without a higher version and a changelog entry: `-- --since origin/main`."""
    since, rest = _since(session.posargs)
    _refuse(session, rest)
    verdicts = comparison.compare(since).verdicts()
    print(versions.report(verdicts))
    failed = [verdict.name for verdict in verdicts if verdict.missing]
    if failed:
        session.error(f"{', '.join(failed)} changed without a version or its changelog entry")


@task
def jenkins(session: nox.Session) -> None:
    """Test ci/Jenkinsfile by executing it (skipped without a JDK and mvn, unless REQUIRE_JENKINS=1)."""
    missing = jenkinsfile.missing_tools()
    if missing and os.environ.get("REQUIRE_JENKINS") != "1":
        session.skip(missing)
    session.log(jenkinsfile.run_tests(session.posargs))


@task
def build(session: nox.Session) -> None:
    """Build wheels, Lambda zips and the Glue bundle (`-- [ENV] [--package NAME]`; `--twice`: prove them reproducible)."""
    environment = named_environment(session.posargs)
    target = target_of(environment, session.posargs) if environment else local_target()
    if "--package" in session.posargs:
        session.log("built %s", _build_one(session, target))
        return
    built = _build(session, target)
    session.log("\n%s", report(built))
    if "--twice" in session.posargs:
        with tempfile.TemporaryDirectory() as other:
            again = build_all(target, Path(other) / "elsewhere")
            first, second = (artefacts(home) for home in (built.home, again.home))
            differing = sorted(
                name for name in first.keys() | second.keys() if first.get(name) != second.get(name)
            )
        if differing:
            session.error(f"two builds differ in {', '.join(differing)}")
        session.log("a second build in another directory gave the same %d files, byte for byte", len(first))


@task
def image(session: nox.Session) -> None:
    """Build the image of Step Functions Local and print its name (needs Docker: `ci/docker/engine`)."""
    _refuse(session, session.posargs)
    print(build_image(BUILD))


@task
def render(session: nox.Session) -> None:
    """Render the SQL of car_configs from its declarative model (`-- --check` only reports what is out of date)."""
    _deployer("configs", "render", *session.posargs)


@task
def local(session: nox.Session) -> None:
    """The main job: build, deploy to a local AWS, run the EDV pipeline, check the result (`-- --help`: options)."""
    if not {"--help", "-h"} & set(session.posargs):
        _build(session, local_target())
    deployer = f"--deployer-python={environments.python_of(named('deployer'))}"
    _program(
        session, ACCEPTANCE, "cars_acceptance.main_job", deployer, f"--build-dir={BUILD}", *session.posargs
    )


@task
def permissions(session: nox.Session) -> None:
    """Prove least privilege: deploy under IAM, use every permission, take each away in turn (`-- --help`)."""
    if not {"--help", "-h"} & set(session.posargs):
        _build(session, local_target())
    deployer = f"--deployer-python={environments.python_of(named('deployer'))}"
    _program(
        session, ACCEPTANCE, "cars_acceptance.permissions", deployer, f"--build-dir={BUILD}", *session.posargs
    )


@task
def states(session: nox.Session) -> None:
    """Prove the state machines: every scenario on two engines, every branch walked (`-- --draw`, `-- --help`)."""
    home = named("statemachine").path
    places = [f"--scenarios={home / 'scenarios'}", f"--drawings={home / 'docs'}", f"--out={BUILD}"]
    machines = BUILD / "machines.json"
    if not {"--help", "-h"} & set(session.posargs):
        _definitions(session, machines)
    _program(
        session,
        "stepfunctions-local-test",
        "stepfunctions_local_test",
        f"--machines={machines}",
        *places,
        *session.posargs,
    )


@task
def serve(session: nox.Session) -> None:
    """Start only the local AWS and Postgres, print the variables a shell needs, run until Ctrl-C or SIGTERM."""
    _program(session, ACCEPTANCE, "local_aws", "serve", "--database=EDV", *session.posargs)


@task
def plan(session: nox.Session) -> None:
    """Show what a deploy would change (exit code 2): `-- prod [--out FILE] [--markdown FILE] [--json] [--needs-iam]`."""
    if "--needs-iam" not in session.posargs:
        _build_for(session)
    _deployer("plan", *session.posargs)


@task
def deploy(session: nox.Session) -> None:
    """Deploy the build as a new release: `-- prod [--yes] [--plan FILE] [--canary 10]`."""
    _build_for(session)
    _deployer("deploy", *session.posargs)


@task
def drift(session: nox.Session) -> None:
    """Show manual changes since the last deploy: `-- prod [--json]` (exit code 3 when there are any)."""
    _deployer("drift", *session.posargs)


@task
def releases(session: nox.Session) -> None:
    """List the releases that a rollback can go back to: `-- prod [--json]`."""
    _deployer("releases", *session.posargs)


@task
def rollback(session: nox.Session) -> None:
    """Go back to an earlier release, by default the previous one: `-- prod [RELEASE] [--yes]`."""
    _deployer("rollback", *session.posargs)


@task
def unlock(session: nox.Session) -> None:
    """Show who holds the deploy lock, and remove a lock that was left behind: `-- prod [--yes] [--force]`."""
    _deployer("unlock", *session.posargs)


@task
def destroy(session: nox.Session) -> None:
    """Delete everything that an environment owns except buckets: `-- dev [--yes --max-deletes N]`."""
    _deployer("destroy", *session.posargs)


@task
def configs(session: nox.Session) -> None:
    """Check, fix, compare, publish, list, restore or prune releases of car_configs: `-- fix [DIR]`, `-- push prod`."""
    _deployer("configs", *session.posargs)


@task
def run(session: nox.Session) -> None:
    """Start the EDV pipeline and follow it live: `-- prod --date 2026-06-01 [--initial]`."""
    _deployer("run", *session.posargs)


@task
def invoke(session: nox.Session) -> None:
    """Invoke one function with an event file: `-- prod edv-check-results event.json [--local]`."""
    if "--local" in session.posargs:
        _build_for(session)
    _deployer("invoke", *session.posargs)


@task
def bench(session: nox.Session) -> None:
    """Run the benchmarks of speed and memory (`-- NAME ...` for some, `-- --list` lists them)."""
    wanted = [word for word in session.posargs if not word.startswith("-")]
    scripts = [
        path for path in sorted(ROOT.glob("packages/*/benchmarks/*.py")) if not path.stem.startswith("_")
    ]
    names = {f"{path.parents[1].name}/{path.stem}": path for path in scripts}
    if "--list" in session.posargs:
        session.log("\n%s", "\n".join(names))
        return
    unknown = [word for word in wanted if not any(word in name for name in names)]
    if unknown:
        session.error(f"no benchmark matches {', '.join(unknown)}; known ones: {', '.join(names)}")
    chosen_ones = [name for name in names if not wanted or any(word in name for word in wanted)]
    if any(name.startswith("deployer/") for name in chosen_ones):
        _build(session, local_target())  # it deploys what is built
    missed = [name for name in chosen_ones if _benchmark(session, names[name])]
    if missed:
        session.error(f"targets were missed in {', '.join(missed)}")


def _benchmark(session: nox.Session, script: Path) -> int:
    package = named(script.parents[1].name)
    groups = ("dev", *(group for group in package.groups if group != "dev"))
    python = environments.python_of(package, groups=groups)
    session.log("%s: %s", package.name, script.stem)
    return call(python, str(script), cwd=package.path)


def _since(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """The ref to compare with and the other arguments."""
    words = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    words.add_argument("--since", default="origin/main")
    known, rest = words.parse_known_args(arguments)
    return known.since, rest


def _refuse(session: nox.Session, words: Sequence[str]) -> None:
    if words:
        session.error(f"{', '.join(words)} is not an argument of this task; `nox -l` lists its arguments")


def _test_options(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Our own options of a test run, and the other words."""
    words = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    words.add_argument("--affected", action="store_true")
    words.add_argument("--since", default="origin/main")
    words.add_argument("--skipped", action="store_true")
    words.add_argument("--slowest", type=int, default=0)
    return words.parse_known_args(arguments)


def _report(session: nox.Session, found: Sequence[results.Result], slowest: int) -> None:
    """Prints what the tests came to, and fails when a package has failed."""
    if not found:
        session.log("no test to run")
        return
    print(f"\n{results.table(found)}\n", flush=True)
    if slowest:
        print(f"{results.slowest(found, slowest)}\n", flush=True)
    failed = [result.failed for result in found if result.failed]
    if failed:
        session.error(f"tests failed in {', '.join(failed)}; JUnit files are in build/junit")


def _places(name: str) -> list[str]:
    return ["ci", "noxfile.py"] if name == CI else [str(named(name).path)]


def _refuse_unknown(session: nox.Session, names: Sequence[str]) -> None:
    known = checking.known_names()
    unknown = [name for name in names if name not in known]
    if unknown:
        session.error(f"no package is called {', '.join(unknown)}; known ones: {', '.join(known)}")


def _build(session: nox.Session, target: Target) -> Built:
    session.log("building for %s and Glue %s", target.runtime, target.glue_version)
    return build_all(target, BUILD)


def _build_one(session: nox.Session, target: Target) -> str:
    words = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    words.add_argument("--package", required=True)
    name = words.parse_known_args(session.posargs)[0].package
    return str(build_package(named(name), target, BUILD).relative_to(ROOT))


def _build_for(session: nox.Session) -> None:
    """Builds for the environment that the first argument names."""
    environment = named_environment(session.posargs)
    if environment and not {"--help", "-h"} & set(session.posargs):
        _build(session, target_of(environment, session.posargs))


def _deployer(*arguments: str) -> None:
    """The deployer's command line; its exit code is the task's (nox alone would turn 2, changes pending, into 1)."""
    python = environments.python_of(named("deployer"))
    code = call(python, "-m", "deployer", *arguments)
    if code:
        raise SystemExit(code)


def _definitions(session: nox.Session, file: Path) -> None:
    """Writes the state machines that a deploy to `local` creates, as the deployer prints them."""
    command = [
        str(environments.python_of(named("deployer"))),
        "-m",
        "deployer",
        "machines",
        "local",
        "--json",
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        if subprocess.run(command, stdout=out, env=clean_environment(), check=False).returncode:
            session.error("the deployer could not print its state machines; its message is above")


def _program(session: nox.Session, package: str, module: str, *arguments: str) -> None:
    """Runs a module in the environment of a package; the module stops its own servers on Ctrl-C and SIGTERM."""
    code = call(environments.python_of(named(package)), "-m", module, *arguments)
    if code:
        session.error(f"{module} ended with {code}")
