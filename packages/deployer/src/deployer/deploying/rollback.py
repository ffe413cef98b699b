"""Plans an earlier release as the wanted state; a rollback needs no build."""

from dataclasses import replace

from deployer.aws.account import Account, read_existing
from deployer.blueprint.release import aliases
from deployer.code_release.manifest import Manifest, ManifestError, find, previous
from deployer.deploying.deployment import Deployment, Prepared, live_manifest, release_in_force
from deployer.model.resources import KINDS, Artifact, FunctionAlias, MachineAlias, Resource, key_of, ownership
from deployer.planning.plan import Delete, Plan, diff


def prepare_rollback(deployment: Deployment, asked: str | None) -> Prepared:
    """The plan that makes the release `asked` live again, by default the one that was live before.

    Resources that came later and are not part of it stay. Raises ManifestError when the release is not
    known, or its code is gone.
    """
    last = deployment.last_deploy()
    account = deployment.account()
    target = choose(deployment, account, asked)
    wanted = whole(target)
    owner = deployment.environment.config.deploy_env
    existing = read_existing(account, map(key_of, wanted), deployment.names, owner)
    live = live_manifest(deployment, existing)
    plan = diff(wanted, existing, live.by_key if live else None)
    _refuse_lost_code(plan, target)
    plan = _without_deletes(plan, target)
    plan = replace(plan, notes=(*last.notes, *plan.notes))
    return Prepared(deployment, account, plan, existing, target.packages, live, last)


def choose(deployment: Deployment, account: Account, asked: str | None) -> Manifest:
    """The release to go back to."""
    manifests = deployment.manifests.all()
    if asked:
        return find(manifests, asked)
    return previous(manifests, release_in_force(deployment, account))


def whole(manifest: Manifest) -> list[Resource]:
    """The content of the release, with all traffic on its own versions even if its manifest records a canary."""
    content = [item for item in manifest.resources if not isinstance(item, FunctionAlias | MachineAlias)]
    return [*content, *aliases(content, ownership(manifest.deploy_env))]


def _refuse_lost_code(plan: Plan, target: Manifest) -> None:
    lost = [change.key.name for change in plan.changes if change.key.kind == KINDS[Artifact].name]
    if lost:
        raise ManifestError(
            f"release {target.release} cannot be restored: {len(lost)} of its artifacts were deleted or replaced "
            f"by hand: {', '.join(lost)}; check out its source and deploy that"
        )


def _without_deletes(plan: Plan, target: Manifest) -> Plan:
    notes = [f"{delete.key} is no part of release {target.release} and stays" for delete in plan.deletes]
    kept = tuple(change for change in plan.changes if not isinstance(change, Delete))
    return replace(plan, changes=kept, notes=(*plan.notes, *notes, *_config_note(target)))


def _config_note(target: Manifest) -> list[str]:
    if not target.config_release:
        return []
    return [
        f"config release {target.config_release} was current when release {target.release} was deployed; "
        f"configs are rolled back by themselves: nox -s configs -- rollback ENV {target.config_release}"
    ]
