"""The steps of a proof: read, check, run on every engine, compare, count coverage."""

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stepfunctions_local_test.checks import (
    ChecksError,
    Contracts,
    Finding,
    Resources,
    check_definition,
    load_accepted,
    load_contracts,
)
from stepfunctions_local_test.checks.finding import CONTRACTS, DRAWING
from stepfunctions_local_test.coverage import Coverage, count
from stepfunctions_local_test.drawing import draw_documentation
from stepfunctions_local_test.engines import Engine, engine_of
from stepfunctions_local_test.errors import StatesError
from stepfunctions_local_test.graph import Graph
from stepfunctions_local_test.history.reading import LIMIT, compact_size
from stepfunctions_local_test.result import Result, Skipped, compared
from stepfunctions_local_test.running import Outcome, run
from stepfunctions_local_test.scenarios import Suite, load
from stepfunctions_local_test.suggestions import suggest

REQUIRED = "REQUIRE_ENGINE"
Listener = Callable[[Outcome], None]


@dataclass(frozen=True)
class Machines:
    """Definitions by name, and the resources that they may call."""

    definitions: Mapping[str, Mapping[str, Any]]
    resources: Resources | None


@dataclass(frozen=True)
class Options:
    """The input files and the engines of a proof. `only` names scenarios (empty: all); `drawings` is the folder of the
    documentation's drawings, which must be up to date.
    """

    machines: Path
    scenarios: Path
    engines: tuple[str, ...]
    only: tuple[str, ...] = ()
    drawings: Path | None = None


def prove(options: Options, listener: Listener) -> Result:
    """Run the proof. Raises StatesError for files or options that cannot be used."""
    began = time.monotonic()
    machines = read_machines(options.machines)
    findings = [
        finding for name in machines.definitions for finding in _checked(name, machines, options.scenarios)
    ]
    broken = {finding.machine for finding in findings if finding.check in ("schema", "links")}
    if broken:  # no graph, so no scenario can be read or run
        return Result((), (), (), tuple(findings), partial=True, seconds=time.monotonic() - began)
    graphs = [Graph.of(name, body) for name, body in machines.definitions.items()]
    suites = load(options.scenarios, graphs)
    findings += [
        finding
        for suite in suites
        for finding in unkept(suite, _promised(suite.graph.name, options.scenarios))
    ]
    findings += stale(machines, options.drawings, options.scenarios) if options.drawings else ()
    suites = [_chosen(suite, options.only) for suite in suites]
    _refuse_unknown(options.only, suites)
    ready, skipped = _engines(options.engines)
    outcomes, seconds = _run(suites, ready, listener)
    coverages = tuple(_covered(suite, outcomes) for suite in suites)
    return Result(
        engines=tuple(engine.name for engine in ready),
        compared=compared(outcomes),
        coverages=coverages,
        findings=tuple(findings),
        suggestions=() if options.only else tuple(_suggested(coverages)),
        skipped=tuple(skipped),
        partial=bool(options.only),
        seconds=time.monotonic() - began,
        engine_seconds=seconds,
    )


def read_machines(file: Path) -> Machines:
    """The file that `deployer machines ENV --json` prints. Raises StatesError."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        definitions = content["machines"]
        resources = content.get("resources")
        return Machines(definitions, Resources.of(resources) if resources else None)
    except OSError as error:
        raise StatesError(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StatesError(
            f"{file} must hold {{'machines': {{name: definition}}}}, as `deployer machines ENV --json` prints it: "
            f"{type(error).__name__} {error}"
        ) from error


def _checked(name: str, machines: Machines, scenarios: Path) -> Iterable[Finding]:
    folder = _folder(name, scenarios)
    try:
        accepted = load_accepted(folder / "_accepted.yaml") if folder else ()
    except ChecksError as error:
        raise StatesError(str(error)) from error
    return check_definition(
        name, machines.definitions[name], machines.resources, _promised(name, scenarios), accepted
    )


def _folder(name: str, scenarios: Path) -> Path | None:
    return next((path for path in scenarios.glob("*/") if f"-{name}".endswith(f"-{path.name}")), None)


def _promised(name: str, scenarios: Path) -> Contracts | None:
    """The contracts of a machine's tasks; None without a file."""
    folder = _folder(name, scenarios)
    if folder is None or not (folder / "_contracts.yaml").exists():
        return None
    try:
        return load_contracts(folder / "_contracts.yaml")
    except ChecksError as error:
        raise StatesError(str(error)) from error


def stale(machines: Machines, drawings: Path, scenarios: Path) -> Iterable[Finding]:
    """Findings for missing and stale drawings of the documentation."""
    for name, definition in machines.definitions.items():
        for path in draw_documentation({name: definition}, drawings, names_of(scenarios), check=True):
            yield Finding(DRAWING, name, "", f"{path} is stale or missing; `--draw` updates it")


def names_of(scenarios: Path) -> tuple[str, ...]:
    """Machine names without an environment's prefix: the names of the scenario folders."""
    return tuple(path.name for path in sorted(scenarios.glob("*/")))


def unkept(suite: Suite, contracts: Contracts | None) -> Iterable[Finding]:
    """Findings for scenario answers that break their contracts; a run with such an answer proves nothing."""
    seen: set[tuple[str, str]] = set()
    for scenario in suite.scenarios if contracts else ():
        for state, name in scenario.answers.items():
            if (state, name) not in seen:
                seen.add((state, name))
                yield from _broken(suite, state, name, contracts or Contracts())


def _broken(suite: Suite, state: str, name: str, contracts: Contracts) -> Iterable[Finding]:
    for number, attempt in suite.responses[name].items():
        for text in contracts.broken(state, attempt["Return"]) if _arrives(attempt) else ():
            message = f"the response {name} (attempt {number}) breaks the contract: {text}"
            yield Finding(CONTRACTS, suite.graph.name, state, message)


def _arrives(attempt: Mapping[str, Any]) -> bool:
    """Whether an attempt's answer enters the state data; an answer over the size limit is an error instead."""
    return "Return" in attempt and compact_size(json.dumps(attempt["Return"])) <= LIMIT


def _chosen(suite: Suite, only: Sequence[str]) -> Suite:
    if not only:
        return suite
    return replace(suite, scenarios=tuple(one for one in suite.scenarios if one.name in only))


def _refuse_unknown(only: Sequence[str], suites: Sequence[Suite]) -> None:
    known = {scenario.name for suite in suites for scenario in suite.scenarios}
    for name in only:
        if name not in known:
            raise StatesError(
                f"no scenario is called {name!r}; scenarios are named after their files, without .yaml"
            )


def _engines(names: Sequence[str]) -> tuple[list[Engine], list[Skipped]]:
    """The engines that can run, and the reasons for the others."""
    required = [name.strip() for name in os.environ.get(REQUIRED, "").split(",") if name.strip()]
    ready: list[Engine] = []
    skipped: list[Skipped] = []
    for name in dict.fromkeys(names):
        engine = engine_of(name)
        reason = engine.missing()
        if reason is None:
            ready.append(engine)
        else:
            skipped.append(Skipped(name, reason, required=name in required))
    return ready, skipped


def _run(
    suites: Sequence[Suite], engines: Sequence[Engine], listener: Listener
) -> tuple[list[Outcome], dict[str, float]]:
    outcomes: list[Outcome] = []
    seconds: dict[str, float] = {}
    for engine in engines:
        began = time.monotonic()
        outcomes += run(suites, engine, listener)
        seconds[engine.name] = time.monotonic() - began
    return outcomes, seconds


def _covered(suite: Suite, outcomes: Sequence[Outcome]) -> Coverage:
    own = [(one.name, one.covered) for one in outcomes if one.machine == suite.graph.name]
    return count(suite.graph, own, suite.exceptions)


def _suggested(coverages: Sequence[Coverage]) -> Iterable[Any]:
    for coverage in coverages:
        for item in coverage.missing:
            yield coverage.graph.name, suggest(coverage.graph, item)
