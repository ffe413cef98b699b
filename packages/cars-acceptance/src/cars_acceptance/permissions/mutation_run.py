"""The mutation run of one environment: which permissions are used, and which scenario fails without each."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from cars_acceptance.permissions.policies import Policies
from cars_acceptance.permissions.policy_mutations import Permission, RolePolicy, used
from cars_acceptance.permissions.scenario_context import Scenario, ScenarioContext, ScenarioError
from local_aws.errors import LocalAwsError

Listener = Callable[[str], None]


@dataclass(frozen=True)
class Mutant:
    """The policies without one permission; `scenario` killed the mutant with `failure`, or is empty when it survived."""

    permission: Permission
    scenario: str = ""
    failure: str = ""
    seconds: float = 0.0

    @property
    def survived(self) -> bool:
        return not self.scenario


@dataclass(frozen=True)
class ScenarioCoverage:
    """One scenario with all permissions: its duration and the permissions that it used."""

    scenario: Scenario
    seconds: float
    used: frozenset[Permission]


@dataclass
class MutationRun:
    """Coverage and mutants of one environment."""

    environment: str
    policies: Sequence[RolePolicy] = ()
    coverage: list[ScenarioCoverage] = field(default_factory=list)
    mutants: list[Mutant] = field(default_factory=list)

    @property
    def permissions(self) -> list[Permission]:
        """All granted permissions."""
        return [permission for policy in self.policies for permission in policy.permissions]

    @property
    def statements(self) -> int:
        return sum(len(policy.statements) for policy in self.policies)

    @property
    def unused(self) -> list[Permission]:
        """Granted permissions that no scenario uses."""
        known = frozenset[Permission]().union(*(item.used for item in self.coverage))
        return [permission for permission in self.permissions if permission not in known]

    @property
    def survivors(self) -> list[Permission]:
        """Permissions without which every scenario still succeeds."""
        return [mutant.permission for mutant in self.mutants if mutant.survived]


def cover(
    context: ScenarioContext,
    policies: Sequence[RolePolicy],
    scenarios: Iterable[Scenario],
    listener: Listener,
) -> MutationRun:
    """Run every scenario with all permissions and record what it uses; raises ScenarioError when one fails."""
    run = MutationRun(context.environment.name, policies)
    for scenario in scenarios:
        context.record.reset()
        began = time.monotonic()
        try:
            scenario.run(context)
        except ScenarioError as error:
            raise ScenarioError(f"{context.environment.name}: {scenario.name}: {error}") from error
        seconds = time.monotonic() - began
        run.coverage.append(
            ScenarioCoverage(scenario, seconds, used(run.permissions, context.record.read().decided))
        )
        listener(f"{scenario.name}: {seconds:.1f} s")
    return run


def mutate(context: ScenarioContext, iam: Policies, run: MutationRun, listener: Listener) -> None:
    """Remove each permission in turn; run the scenarios that use it, quickest first, until one fails for lack of it."""
    for policy in run.policies:
        for permission in policy.permissions:
            candidates = sorted(
                (item for item in run.coverage if permission in item.used), key=lambda item: item.seconds
            )
            with iam.without(policy, permission):
                mutant = _test_mutant(context, permission, candidates)
            run.mutants.append(mutant)
            if mutant.survived:
                listener(f"survivor: {policy.role_name} {permission.sid} {permission.text}")


def _test_mutant(
    context: ScenarioContext, permission: Permission, candidates: Iterable[ScenarioCoverage]
) -> Mutant:
    began = time.monotonic()
    for item in candidates:
        context.record.reset()
        try:
            item.scenario.run(context)
        except (ScenarioError, LocalAwsError, ClientError) as error:
            if any(permission.explains_denial(decided) for decided in context.record.read().decided):
                return Mutant(permission, item.scenario.name, str(error), time.monotonic() - began)
    return Mutant(permission, seconds=time.monotonic() - began)


def failures(run: MutationRun) -> list[str]:
    """All unused and surviving permissions, one message each."""
    unused = run.unused
    survivors = (permission for permission in run.survivors if permission not in unused)
    return [
        *(f"granted but unused: {described(permission)}" for permission in unused),
        *(f"nothing fails without it: {described(permission)}" for permission in survivors),
    ]


def described(permission: Permission) -> str:
    """A permission in one line."""
    where = f" of {permission.key}" if permission.key else ""
    return f"{permission.role.rpartition('/')[2]} {permission.sid}: {permission.kind.value}{where} {permission.text}"
