"""The survey of one deployed environment: what is used, and what fails without each part of each policy."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from cars_acceptance.permissions.policies import Policies
from cars_acceptance.permissions.policy_mutations import Part, RolePolicy, used
from cars_acceptance.permissions.scenario_context import Scenario, ScenarioError, Stage
from local_aws.errors import LocalAwsError

Told = Callable[[str], None]


@dataclass(frozen=True)
class Fate:
    """What happened without a part: the scenario that failed and how, or nothing when it survived."""

    part: Part
    scenario: str = ""
    failure: str = ""
    seconds: float = 0.0

    @property
    def survived(self) -> bool:
        return not self.scenario


@dataclass(frozen=True)
class Walked:
    """A scenario with all permissions: how long it takes and what it uses."""

    scenario: Scenario
    seconds: float
    used: frozenset[Part]


@dataclass
class Survey:
    """Findings about one environment."""

    environment: str
    policies: Sequence[RolePolicy] = ()
    walked: list[Walked] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)

    @property
    def parts(self) -> list[Part]:
        """Everything that is granted."""
        return [part for policy in self.policies for part in policy.parts]

    @property
    def statements(self) -> int:
        return sum(len(policy.statements) for policy in self.policies)

    @property
    def unused(self) -> list[Part]:
        """What is granted and not used by any scenario."""
        known = frozenset[Part]().union(*(item.used for item in self.walked))
        return [part for part in self.parts if part not in known]

    @property
    def survivors(self) -> list[Part]:
        """What is used, and not missed when it is gone."""
        return [fate.part for fate in self.fates if fate.survived]


def walk(stage: Stage, policies: Sequence[RolePolicy], scenarios: Iterable[Scenario], told: Told) -> Survey:
    """Every scenario with all permissions; raises ScenarioError when one fails."""
    survey = Survey(stage.place.name, policies)
    for scenario in scenarios:
        stage.record.reset()
        began = time.monotonic()
        try:
            scenario.run(stage)
        except ScenarioError as error:
            raise ScenarioError(f"{stage.place.name}: {scenario.name}: {error}") from error
        seconds = time.monotonic() - began
        survey.walked.append(Walked(scenario, seconds, used(survey.parts, stage.record.read().decided)))
        told(f"{scenario.name}: {seconds:.1f} s")
    return survey


def mutate(stage: Stage, iam: Policies, survey: Survey, told: Told) -> None:
    """Take every part away in turn and look for a scenario that fails for want of it, the quickest first."""
    for policy in survey.policies:
        for part in policy.parts:
            candidates = sorted(
                (item for item in survey.walked if part in item.used), key=lambda item: item.seconds
            )
            with iam.without(policy, part):
                fate = _fate(stage, part, candidates)
            survey.fates.append(fate)
            if fate.survived:
                told(f"survivor: {policy.role_name} {part.sid} {part.text}")


def _fate(stage: Stage, part: Part, candidates: Iterable[Walked]) -> Fate:
    began = time.monotonic()
    for item in candidates:
        stage.record.reset()
        try:
            item.scenario.run(stage)
        except (ScenarioError, LocalAwsError, ClientError) as error:
            if any(part.was_missed(decided) for decided in stage.record.read().decided):
                return Fate(part, item.scenario.name, str(error), time.monotonic() - began)
    return Fate(part, seconds=time.monotonic() - began)


def failures(survey: Survey) -> list[str]:
    """Everything that is wrong, in words."""
    unused = survey.unused
    survivors = (part for part in survey.survivors if part not in unused)
    return [
        *(f"granted but unused: {described(part)}" for part in unused),
        *(f"nothing fails without it: {described(part)}" for part in survivors),
    ]


def described(part: Part) -> str:
    """A part in a line."""
    where = f" of {part.key}" if part.key else ""
    return f"{part.role.rpartition('/')[2]} {part.sid}: {part.kind.value}{where} {part.text}"
