"""Versions and aliases of state machines."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, tags_as_text, tags_from_text
from deployer.aws.clients import Clients
from deployer.aws.state_machines import ABSENT
from deployer.aws.version_digests import VersionNumbers, description_of, digest_in
from deployer.errors import DeployerError
from deployer.model.names import Names
from deployer.model.permissions import Permission
from deployer.model.resources import MachineAlias, MachineVersion

_AT_ONCE = 8
_GONE = {"ResourceNotFound", ABSENT}


# Step Functions checks versions and aliases on the ARN of their machine.
PERMISSIONS = (
    Permission(
        "ReadMachine",
        "states:DescribeStateMachine states:DescribeStateMachineAlias states:ListStateMachineVersions",
        lambda scope: [scope.prefixed("states", "stateMachine:")],
    ),
    Permission(
        "WriteMachine",
        "states:CreateStateMachineAlias states:DeleteStateMachineVersion states:ListExecutions "
        "states:PublishStateMachineVersion states:UpdateStateMachine states:UpdateStateMachineAlias",
        lambda scope: scope.machines,
    ),
    Permission("DeleteAliases", "states:DeleteStateMachineAlias", lambda scope: scope.machines),
)


def machine_numbers(clients: Clients, names: Names) -> VersionNumbers:
    """Versions by machine name; only DescribeStateMachine answers with the description of a version."""

    def describe(arn: str) -> str | None:
        return digest_in(clients.states.describe_state_machine(stateMachineArn=arn).get("description"))

    def read(machine: str) -> Mapping[str, str]:
        arns = list(_versions(clients, names.machine_arn(machine)))
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            digests = list(pool.map(describe, arns))
        oldest_first = reversed(list(zip(digests, arns, strict=True)))
        return {digest: number_in(arn) for digest, arn in oldest_first if digest}

    return VersionNumbers(read)


def number_in(arn: str) -> str:
    """The number at the end of a version's ARN."""
    return arn.rpartition(":")[2]


def _versions(clients: Clients, machine_arn: str) -> Iterable[str]:
    """ARNs of a machine's versions, newest first; none where there is no machine."""
    request: dict[str, Any] = {"stateMachineArn": machine_arn}
    while True:
        try:
            page = clients.states.list_state_machine_versions(**request)
        except ClientError as error:
            if code_of(error) == ABSENT:
                return
            raise
        yield from (version["stateMachineVersionArn"] for version in page["stateMachineVersions"])
        if not page.get("nextToken"):
            return
        request["nextToken"] = page["nextToken"]


def has_running_execution(clients: Clients, version_arn: str) -> bool:
    """True when an execution of this version has not ended; False where there is no such version."""
    try:
        page = clients.states.list_executions(
            stateMachineArn=version_arn, statusFilter="RUNNING", maxResults=1
        )
    except ClientError as error:
        if code_of(error) in _GONE:
            return False
        raise
    return bool(page["executions"])


class MachineVersions:
    """Versions of the given machines. They never change; old ones are pruned, a plan never deletes them."""

    def __init__(
        self, clients: Clients, names: Names, numbers: VersionNumbers, machines: Sequence[str]
    ) -> None:
        self._states = clients.states
        self._names = names
        self._numbers = numbers
        self._machines = machines

    def candidates(self, prefix: str) -> Iterable[str]:
        for machine in self._machines:
            yield from (f"{machine}:{digest}" for digest in self._numbers.of(machine))

    def read(self, name: str) -> MachineVersion | None:
        machine, _, digest = name.rpartition(":")
        return MachineVersion(machine, digest) if digest in self._numbers.of(machine) else None

    def create(self, want: MachineVersion) -> None:
        """Publishing is idempotent: Step Functions answers with the existing version of this revision."""
        arn, text = self._names.machine_arn(want.machine), description_of(want.digest)
        made = self._states.publish_state_machine_version(stateMachineArn=arn, description=text)
        version = made["stateMachineVersionArn"]
        found = self._states.describe_state_machine(stateMachineArn=version)
        if digest_in(found.get("description")) != want.digest:
            # Somebody else published this revision: an update makes a new one with the same content.
            anew = self._states.update_state_machine(
                stateMachineArn=arn, roleArn=found["roleArn"], publish=True, versionDescription=text
            )
            version = anew["stateMachineVersionArn"]
        self._numbers.note(want.machine, want.digest, number_in(version))

    def update(self, have: MachineVersion, want: MachineVersion) -> None:
        raise DeployerError(f"state machine version {want.name} cannot be changed; publish another one")

    def delete(self, have: MachineVersion) -> None:
        number = self._numbers.of(have.machine)[have.digest]
        arn = f"{self._names.machine_arn(have.machine)}:{number}"
        self._states.delete_state_machine_version(stateMachineVersionArn=arn)
        self._numbers.forget(have.machine)


class MachineAliases:
    """Aliases with the versions they lead to; their tags are written in the description."""

    def __init__(self, clients: Clients, names: Names, numbers: VersionNumbers) -> None:
        self._states = clients.states
        self._names = names
        self._numbers = numbers

    def candidates(self, prefix: str) -> Iterable[str]:
        return ()

    def read(self, name: str) -> MachineAlias | None:
        machine, _, alias = name.rpartition(":")
        try:
            found = self._states.describe_state_machine_alias(stateMachineAliasArn=self._arn(machine, alias))
        except ClientError as error:
            if code_of(error) in _GONE:
                return None
            raise
        routes = {
            self._digest(machine, number_in(route["stateMachineVersionArn"])): route["weight"]
            for route in found["routingConfiguration"]
            if route["weight"]
        }
        return MachineAlias(machine, routes, tags_from_text(found.get("description")), alias)

    def create(self, want: MachineAlias) -> None:
        self._states.create_state_machine_alias(
            name=want.alias, description=tags_as_text(want.tags), routingConfiguration=self._routes(want)
        )

    def update(self, have: MachineAlias, want: MachineAlias) -> None:
        self._states.update_state_machine_alias(
            stateMachineAliasArn=self._arn(want.machine, want.alias),
            description=tags_as_text(want.tags),
            routingConfiguration=self._routes(want),
        )

    def delete(self, have: MachineAlias) -> None:
        self._states.delete_state_machine_alias(stateMachineAliasArn=self._arn(have.machine, have.alias))

    def _arn(self, machine: str, alias: str) -> str:
        return f"{self._names.machine_arn(machine)}:{alias}"

    def _digest(self, machine: str, number: str) -> str:
        return self._numbers.digest(machine, number) or f"version {number}, not ours"

    def _routes(self, want: MachineAlias) -> list[Any]:
        arn, numbers = self._names.machine_arn(want.machine), self._numbers.of(want.machine)
        missing = [digest for digest in want.routes if digest not in numbers]
        if missing:
            raise DeployerError(
                f"state machine {want.machine} has no version {', '.join(missing)}; run deploy again"
            )
        return [
            {"stateMachineVersionArn": f"{arn}:{numbers[digest]}", "weight": weight}
            for digest, weight in want.routes.items()
        ]
