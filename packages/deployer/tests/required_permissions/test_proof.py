"""The deployer with exactly the policies that it prints: they suffice for everything, and every part is needed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from support.account import network, trusting_role
from support.administrator import Administrator
from support.build_output import write_builds, write_glue, write_lambda
from support.environments import ACCOUNT
from support.policy_users import CheckedPermission, Lifecycle, Period, mutants
from support.sandbox import TODAY

from deployer.blueprint.specs import SPECS
from deployer.cli.configs import releases
from deployer.preflight import checks
from deployer.required_permissions.documents import Document
from deployer.required_permissions.grants import Grant, Task
from local_aws.access.documents import parse
from local_aws.access.evaluation import Permission, Policies, evaluate

if TYPE_CHECKING:
    from local_aws.server import LocalAws

CHECK = "lambda-edv-check-results"
PLAN = """
def handler(event, context):
    empty = {"stg": 0, "dv": 0, "dvGroups": 0}
    run = {"data_src_nm": "CARS", "run_type": "incremental", "start_date": "2026-06-01", "env": "cert"}
    return {**run, "release": "r", "stgTables": [], "dvGroups": [], "batches": [], "counts": empty}
"""
# Parts of statements that no step below uses, each with the reason why it is in the policy.
UNUSED: Mapping[tuple[Task, str, str], str] = {
    (Task.DESTROY, "DeleteOwned", f"arn:aws:iam::{ACCOUNT}:role/cars-machines-ENV"): (
        "the machine's role where it was before the file gave it a path, when destroy comes before the next deploy"
    ),
}


def answering(word: str) -> str:
    return f"def handler(event, context):\n    return '{word}'\n"


@pytest.fixture(scope="module")
def fresh(
    furnished_aws: "LocalAws", tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Lifecycle, Lifecycle]]:
    """Two environments that are not deployed yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "today", lambda: TODAY)
        built = write_builds(tmp_path_factory.mktemp("built"))
        write_lambda(built, "lambda-edv-build-processing-plan", PLAN)
        one, other = (
            Lifecycle(furnished_aws, tmp_path_factory.mktemp(name), built, name)
            for name in ("NEEDA", "NEEDB")
        )
        yield one, other


@pytest.fixture(scope="module")
def lived(fresh: tuple[Lifecycle, Lifecycle]) -> tuple[Lifecycle, Lifecycle]:
    """Both environments from first deploy to destroy, each step by a user with the policies of its task only."""
    rich, lean = fresh
    _live_with_everything(rich, Administrator(rich))
    _live_with_given_roles(lean)
    return fresh


def _live_with_everything(lifecycle: Lifecycle, administrator: Administrator) -> None:
    """Made roles, one with a path, a VPC, a layer, a schedule, connections, later a key: from first deploy to destroy."""
    role = f"arn:aws:iam::{ACCOUNT}:role/{{}}/cars-machines-{lifecycle.deploy_env}"
    made = network(lifecycle.client, f"CARS-{lifecycle.deploy_env}")
    lifecycle.configure(
        strparams={"customLayerArnParam": administrator.layer()},
        stepFunctions={"roleArn": role.format("first"), "createRoleIfMissing": "true"},
        GlueJobParameters={"Connections": [{"ConnectionName": "FSA-CERT-PG-DART114"}, made]},
        tags={"team": "a", "kind": "b"},
    )
    _first_deploys(lifecycle)
    key = administrator.key()
    administrator.encrypt(key)
    lifecycle.configure(
        kmsKeyArn=key,
        schedule="cron(0 10 * * ? *)",
        landing={"schedule": "cron(0 8 * * ? *)"},
        tags={"team": "b"},
        logRetentionDays=30,
    )
    _changes(lifecycle, administrator)
    _uses(lifecycle)
    _prunes_configs(lifecycle, administrator)
    moved = {"roleArn": role.format("second"), "createRoleIfMissing": "true"}
    lifecycle.configure(schedule=None, landing=None, stepFunctions=moved)
    lifecycle.built(Task.DEPLOY, "deploy", "--yes", "--max-deletes", "5")
    administrator.disown()
    administrator.leave_behind()
    lifecycle(Task.DESTROY, "destroy", "other", "--yes", "--max-deletes", "99")
    administrator.encrypt_no_more()
    lifecycle.close()


def _first_deploys(lifecycle: Lifecycle) -> None:
    lifecycle.built(Task.PLAN, "plan", code=2)
    lifecycle.built(Task.DEPLOY, "deploy", "--yes")
    assert "nothing to do" in lifecycle.built(Task.DEPLOY, "deploy", "--yes")
    lifecycle(Task.PLAN, "drift", "other")


def _changes(lifecycle: Lifecycle, administrator: Administrator) -> None:
    administrator.edit()
    left = administrator.leave_behind()
    for name in ("lambda-download-zip", CHECK):
        write_lambda(lifecycle.build_dir, name, answering("second"))
    write_glue(lifecycle.build_dir, "print('second')\n")
    lifecycle(Task.PLAN, "drift", "other", code=3)
    lifecycle.built(Task.PLAN, "plan", code=2)
    lifecycle.built(Task.DEPLOY, "deploy", "--yes", "--max-deletes", str(left))
    lifecycle(Task.DEPLOY, "rollback", "other", "--yes")
    write_lambda(lifecycle.build_dir, CHECK, answering("third"))
    lifecycle.built(Task.DEPLOY, "deploy", "--yes", "--canary", "10")
    administrator.publish()
    assert "pruned" in lifecycle.built(Task.DEPLOY, "deploy", "--yes", "--keep", "1")
    lifecycle.built(Task.PLAN, "plan")
    lifecycle(Task.PLAN, "releases", "other")
    administrator.spoil_lock()
    lifecycle(Task.DEPLOY, "unlock", "other", "--yes", "--force")


def _uses(lifecycle: Lifecycle) -> None:
    build = ("--build-dir", str(lifecycle.build_dir))
    pushed = lifecycle(Task.CONFIGS, "configs", "push", "other", *build)
    release = pushed.partition("release ")[2].split()[0]
    lifecycle(Task.CONFIGS, "configs", "rollback", "other", release)
    lifecycle(Task.RUN, "run", "other", "--date", "2026-06-01")
    lifecycle(Task.RUN, "run", "other", "--date", "2026-06-01", "--landing")
    event = lifecycle.folder / "event.json"
    event.write_text("{}")
    for spec in SPECS:
        code = 1 if spec.suffix == "UploadConfig" else 0  # it wants an event
        lifecycle(Task.INVOKE, "invoke", "other", spec.suffix, str(event), code=code)


def _prunes_configs(lifecycle: Lifecycle, administrator: Administrator) -> None:
    """While an execution runs, at a time when what a dead push left behind is old."""
    left, running = administrator.leave_config_release(), administrator.run_pinned("r")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(releases, "now", lambda: tomorrow)
        assert f"release {left} is pruned" in lifecycle(Task.CONFIGS, "configs", "prune", "other")
    assert "live" in lifecycle(Task.CONFIGS, "configs", "releases", "other")
    lifecycle(Task.CONFIGS, "configs", "diff", "other")
    lifecycle.client("stepfunctions").stop_execution(executionArn=running)


def _live_with_given_roles(lifecycle: Lifecycle) -> None:
    """Given roles, no VPC, no key; the machine's role is made and moved, and destroy finds schedules."""
    roles = {
        service: trusting_role(
            lifecycle.client, f"{lifecycle.deploy_env}-{service}", f"{service}.amazonaws.com"
        )
        for service in ("lambda", "glue", "scheduler")
    }
    name = f"cars-machines-{lifecycle.deploy_env}"
    lifecycle.configure(
        strparams={"etlRoleArnParam": roles["lambda"], "glueJobRoleArnParam": roles["glue"]},
        schedule={"expression": "rate(1 day)", "roleArn": roles["scheduler"]},
        landing={"schedule": {"expression": "rate(1 day)", "roleArn": roles["scheduler"]}},
        stepFunctions={"roleName": name, "createRoleIfMissing": "true"},
        GlueJobParameters={"Connections": [network(lifecycle.client, f"FSA-{lifecycle.deploy_env}-PG")]},
        lambdaVpc=None,
        artifacts={"prefix": "lean/"},  # the other environment encrypts objects with its key
        configUpload={"outputPrefix": "lean/_configs"},
    )
    _first_deploys(lifecycle)
    moved = f"arn:aws:iam::{ACCOUNT}:role/cars/{name}"
    lifecycle.configure(stepFunctions={"roleArn": moved, "roleName": "", "createRoleIfMissing": "true"})
    lifecycle.built(Task.DEPLOY, "deploy", "--yes", "--max-deletes", "1")
    lifecycle(Task.DESTROY, "destroy", "other", "--yes", "--max-deletes", "99")
    assert "nothing to do" in lifecycle(Task.DESTROY, "destroy", "other", "--yes")
    lifecycle.close()


def test_nothing_was_refused(lived: tuple[Lifecycle, Lifecycle]) -> None:
    asked = [item for lifecycle in lived for period in lifecycle.periods for item in period.asked]
    assert [item for item in asked if not item.allowed] == []
    assert len(asked) > 1000


def test_every_action_and_every_resource_is_needed(lived: tuple[Lifecycle, Lifecycle]) -> None:
    """Without any one of them a call would have been denied; unused ones are in a table."""
    killed: dict[tuple[Task, str, str], bool] = {}
    for lifecycle in lived:
        for task, sid, part, died in (fate for period in lifecycle.periods for fate in _fates(period)):
            key = task, sid, part.replace(lifecycle.deploy_env, "ENV").replace("/lean/", "/cars/")
            killed[key] = killed.get(key, False) or died
    assert {key for key, died in killed.items() if not died} == set(UNUSED)
    assert len(killed) > 400


def _fates(period: Period) -> Iterator[tuple[Task, str, str, bool]]:
    """Every action and resource of every statement, and whether something is denied without it."""
    for grant in period.grants:
        asked = [item for item in period.asked if grant.sid in item.sids]
        for part, mutant in mutants(grant):
            grants = tuple(mutant if item is grant else item for item in period.grants)
            yield period.task, grant.sid, part, not _suffices(grants, asked)


def _suffices(grants: tuple[Grant, ...], asked: list[CheckedPermission]) -> bool:
    policies = Policies((parse("mutant", Document(grants).text),))
    return all(
        evaluate(policies, Permission(item.action, item.resource), item.context).allowed for item in asked
    )


def test_every_condition_keeps_something_out(lived: tuple[Lifecycle, Lifecycle]) -> None:
    """What was allowed is denied when a condition's key has another value."""
    conditions, held = set(), set()
    for period in (period for lifecycle in lived for period in lifecycle.periods):
        for grant in period.grants:
            keys = {(grant.sid, key) for tests in grant.conditions.values() for key in tests}
            conditions |= keys
            held |= {(sid, key) for sid, key in keys if _keeps_out(period, sid, key.lower())}
    assert held == conditions
    assert len(held) >= 15


def _keeps_out(period: Period, sid: str, key: str) -> bool:
    """Whether calls that this statement alone allowed are all denied with another value."""
    asked = [item for item in period.asked if item.sids == {sid} and key in item.context]
    others = [replace(item, context={**item.context, key: ("other",)}) for item in asked]
    return bool(others) and not any(_suffices(period.grants, [item]) for item in others)
