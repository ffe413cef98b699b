"""Deletes published versions that no recent release uses."""

from collections.abc import Iterable

from deployer.aws.account import Account
from deployer.aws.machine_versions import has_running_execution
from deployer.code_release.manifest import Manifest
from deployer.deploying.deployment import Deployment, Prepared
from deployer.model.resources import (
    LIVE,
    FunctionAlias,
    FunctionVersion,
    MachineAlias,
    MachineVersion,
    Resource,
)

Version = FunctionVersion | MachineVersion


def prune(prepared: Prepared, keep: int) -> list[str]:
    """Deletes versions that belong to none of the newest `keep` releases; returns their names.

    A release in which an execution still runs is kept, with its versions.
    """
    deployment, account = prepared.deployment, prepared.account
    published = _published(account)
    if _versions(prepared.plan.wanted).issuperset(published):
        return []  # there is no other release
    manifests = deployment.manifests.all()
    old = [manifest for manifest in manifests[keep:] if not _is_running(deployment, manifest)]
    kept = [manifest for manifest in manifests if manifest not in old]
    used = _versions(resource for manifest in kept for resource in manifest.resources)
    unused = _not_in_force(account, [version for version in published if version not in used])
    # Versions go last: they show the next deploy that there is something to prune, should this one be killed.
    for manifest in old:
        deployment.manifests.delete(manifest)
    for version in unused:
        account.adapters[type(version)].delete(version)
    return [version.name for version in unused]


def _versions(resources: Iterable[Resource]) -> set[Version]:
    return {resource for resource in resources if isinstance(resource, FunctionVersion | MachineVersion)}


def _published(account: Account) -> list[Version]:
    functions = (
        FunctionVersion(f, digest) for f in account.functions for digest in account.function_numbers.of(f)
    )
    machines = (
        MachineVersion(m, digest) for m in account.machines for digest in account.machine_numbers.of(m)
    )
    return [*machines, *functions]


def _not_in_force(account: Account, versions: list[Version]) -> list[Version]:
    """Versions that no alias points to, whatever the manifests say."""
    if not versions:
        return []
    found: set[Version] = set()
    for function in account.functions:
        alias = account.adapters[FunctionAlias].read(f"{function}:{LIVE}")
        found |= {FunctionVersion(function, alias.digest)} if alias else set()
    for machine in account.machines:
        alias = account.adapters[MachineAlias].read(f"{machine}:{LIVE}")
        found |= {MachineVersion(machine, digest) for digest in alias.routes} if alias else set()
    return [version for version in versions if version not in found]


def _is_running(deployment: Deployment, manifest: Manifest) -> bool:
    names = deployment.names
    numbers = {machine: manifest.numbers.get(machine) for machine in names.machines}
    versions = [f"{names.machine_arn(machine)}:{number}" for machine, number in numbers.items() if number]
    return any(has_running_execution(deployment.clients, version) for version in versions)
