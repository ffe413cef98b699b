"""The result as JUnit: a case for each scenario and engine, group of branches, and check."""

from collections.abc import Iterator
from xml.etree import ElementTree

from stepfunctions_local_test.checks.finding import CHECKS
from stepfunctions_local_test.coverage import GROUPS, Coverage
from stepfunctions_local_test.result import Compared, Result

Element = ElementTree.Element


def junit(result: Result) -> Element:
    """The root element of the file."""
    root = ElementTree.Element("testsuites", name="states")
    _suite(root, "states.scenarios", [case for one in result.compared for case in _scenario(one)])
    _suite(root, "states.engines", [_skipped(one.engine, one.reason, one.required) for one in result.skipped])
    _suite(
        root,
        "states.coverage",
        [case for one in result.coverages for case in _coverage(one, result.partial)],
    )
    _suite(root, "states.checks", list(_checks(result)))
    return root


def _suite(root: Element, name: str, cases: list[Element]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=name, tests=str(len(cases)))
    for case in cases:
        case.set("classname", f"{name}.{case.attrib.pop('machine')}")
        suite.append(case)
    for kind in ("failure", "skipped"):
        suite.set(f"{kind}s" if kind == "failure" else kind, str(len(suite.findall(f"*/{kind}"))))
    suite.set("errors", "0")


def _case(machine: str, name: str, problems: list[str], seconds: float = 0.0) -> Element:
    case = ElementTree.Element("testcase", machine=machine, name=name, time=f"{seconds:.3f}")
    if problems:
        failure = ElementTree.SubElement(case, "failure", message=problems[0].splitlines()[0])
        failure.text = "\n".join(problems)
    return case


def _scenario(one: Compared) -> Iterator[Element]:
    between = [text for engine, text in one.problems if engine is None]
    for outcome in one.outcomes:
        own = [text for engine, text in one.problems if engine == outcome.engine]
        name = f"{one.scenario.name} [{outcome.engine}]"
        yield _case(one.machine, name, own + between, outcome.real)


def _skipped(engine: str, reason: str, required: bool) -> Element:
    case = _case(engine, f"engine {engine} runs", [reason] if required else [])
    if not required:
        ElementTree.SubElement(case, "skipped", message=reason)
    return case


def _coverage(one: Coverage, partial: bool) -> Iterator[Element]:
    for group in GROUPS:
        missing = [item.text for item in one.missing if item.group == group]
        case = _case(one.graph.name, f"{group} are covered", [] if partial else missing)
        if partial:
            ElementTree.SubElement(case, "skipped", message="only some scenarios ran")
        yield case
    yield _case(one.graph.name, "exceptions are right", [] if partial else list(one.problems))


def _checks(result: Result) -> Iterator[Element]:
    for coverage in result.coverages:
        for check in CHECKS:
            name = coverage.graph.name
            found = [str(one) for one in result.findings if (one.check, one.machine) == (check, name)]
            yield _case(name, check, found)
