"""The deployer under exactly the policies that it prints: it does everything with them, and needs every part of them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from support.account import network, trusting_role
from support.administrator import Hands
from support.build_output import write_builds, write_glue, write_lambda
from support.environments import ACCOUNT
from support.policy_users import Asked, Chapter, Life, mutants
from support.sandbox import TODAY

from deployer.blueprint.specs import SPECS
from deployer.preflight import checks
from deployer.required_permissions.documents import Document
from deployer.required_permissions.grants import Grant, Task
from local_aws.access.documents import parse
from local_aws.access.evaluation import Need, Policies, evaluate

if TYPE_CHECKING:
    from local_aws.server import LocalAws

CHECK = "lambda-edv-check-results"
PLAN = """
def handler(event, context):
    empty = {"stg": 0, "dv": 0, "dvGroups": 0}
    run = {"data_src_nm": "CARS", "run_type": "incremental", "start_date": "2026-06-01", "env": "cert"}
    return {**run, "release": "r", "stgTables": [], "dvGroups": [], "counts": empty}
"""
# Parts of statements that no step below uses, each with the reason why it is printed all the same.
UNUSED: Mapping[tuple[Task, str, str], str] = {
    (Task.DESTROY, "DeleteOwned", f"arn:aws:iam::{ACCOUNT}:role/cars-machines-ENV"): (
        "the machine's role where it was before the file gave it a path, when destroy comes before the next deploy"
    ),
}


def answering(word: str) -> str:
    return f"def handler(event, context):\n    return '{word}'\n"


@pytest.fixture(scope="module")
def fresh(furnished_aws: "LocalAws", tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Life, Life]]:
    """Two environments that nobody has deployed yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checks, "today", lambda: TODAY)
        built = write_builds(tmp_path_factory.mktemp("built"))
        write_lambda(built, "lambda-edv-build-processing-plan", PLAN)
        one, other = (
            Life(furnished_aws, tmp_path_factory.mktemp(name), built, name) for name in ("NEEDA", "NEEDB")
        )
        yield one, other


@pytest.fixture(scope="module")
def lived(fresh: tuple[Life, Life]) -> tuple[Life, Life]:
    """Both environments lived through, each step by a person with the policies for that task and no others."""
    rich, lean = fresh
    _live_with_everything(rich, Hands(rich))
    _live_with_given_roles(lean)
    return fresh


def _live_with_everything(life: Life, hands: Hands) -> None:
    """Made roles, one with a path, a VPC, a layer, a schedule, connections, later a key: from first deploy to destroy."""
    role = f"arn:aws:iam::{ACCOUNT}:role/{{}}/cars-machines-{life.deploy_env}"
    made = network(life.client, f"CARS-{life.deploy_env}")
    life.configure(
        strparams={"customLayerArnParam": hands.layer()},
        stepFunctions={"roleArn": role.format("first"), "createRoleIfMissing": "true"},
        GlueJobParameters={"Connections": [{"ConnectionName": "FSA-CERT-PG-DART114"}, made]},
        tags={"team": "a", "kind": "b"},
    )
    _first_deploys(life)
    key = hands.key()
    hands.encrypt(key)
    life.configure(
        kmsKeyArn=key,
        schedule="cron(0 10 * * ? *)",
        tags={"team": "b"},
        logRetentionDays=30,
    )
    _changes(life, hands)
    _uses(life)
    moved = {"roleArn": role.format("second"), "createRoleIfMissing": "true"}
    life.configure(schedule=None, stepFunctions=moved)
    life.built(Task.DEPLOY, "deploy", "--yes", "--max-deletes", "4")
    hands.disown()
    hands.leave_behind()
    life(Task.DESTROY, "destroy", "other", "--yes", "--max-deletes", "99")
    hands.encrypt_no_more()
    life.close()


def _first_deploys(life: Life) -> None:
    life.built(Task.PLAN, "plan", code=2)
    life.built(Task.DEPLOY, "deploy", "--yes")
    assert "nothing to do" in life.built(Task.DEPLOY, "deploy", "--yes")
    life(Task.PLAN, "drift", "other")


def _changes(life: Life, hands: Hands) -> None:
    hands.edit()
    left = hands.leave_behind()
    for name in ("lambda-download-zip", CHECK):
        write_lambda(life.build_dir, name, answering("second"))
    write_glue(life.build_dir, "print('second')\n")
    life(Task.PLAN, "drift", "other", code=3)
    life.built(Task.PLAN, "plan", code=2)
    life.built(Task.DEPLOY, "deploy", "--yes", "--max-deletes", str(left))
    life(Task.DEPLOY, "rollback", "other", "--yes")
    write_lambda(life.build_dir, CHECK, answering("third"))
    life.built(Task.DEPLOY, "deploy", "--yes", "--canary", "10")
    hands.publish()
    assert "pruned" in life.built(Task.DEPLOY, "deploy", "--yes", "--keep", "1")
    life.built(Task.PLAN, "plan")
    life(Task.PLAN, "releases", "other")
    hands.spoil_lock()
    life(Task.DEPLOY, "unlock", "other", "--yes", "--force")


def _uses(life: Life) -> None:
    build = ("--build-dir", str(life.build_dir))
    pushed = life(Task.CONFIGS, "configs", "push", "other", *build)
    release = pushed.partition("release ")[2].split()[0]
    life(Task.CONFIGS, "configs", "rollback", "other", release)
    life(Task.RUN, "run", "other", "--date", "2026-06-01")
    event = life.folder / "event.json"
    event.write_text("{}")
    for spec in SPECS:
        code = 1 if spec.suffix == "UploadConfig" else 0  # it wants an event
        life(Task.INVOKE, "invoke", "other", spec.suffix, str(event), code=code)


def _live_with_given_roles(life: Life) -> None:
    """Given roles, no VPC, no key; the machine's role is made, moves, and everything goes while it has a schedule."""
    roles = {
        service: trusting_role(life.client, f"{life.deploy_env}-{service}", f"{service}.amazonaws.com")
        for service in ("lambda", "glue", "scheduler")
    }
    name = f"cars-machines-{life.deploy_env}"
    life.configure(
        strparams={"etlRoleArnParam": roles["lambda"], "glueJobRoleArnParam": roles["glue"]},
        schedule={"expression": "rate(1 day)", "roleArn": roles["scheduler"]},
        stepFunctions={"roleName": name, "createRoleIfMissing": "true"},
        GlueJobParameters={"Connections": [network(life.client, f"FSA-{life.deploy_env}-PG")]},
        lambdaVpc=None,
        artifacts={"prefix": "lean/"},  # the other environment's objects lie under its key
        configUpload={"outputPrefix": "lean/_configs"},
    )
    _first_deploys(life)
    moved = f"arn:aws:iam::{ACCOUNT}:role/cars/{name}"
    life.configure(stepFunctions={"roleArn": moved, "roleName": "", "createRoleIfMissing": "true"})
    life.built(Task.DEPLOY, "deploy", "--yes", "--max-deletes", "1")
    life(Task.DESTROY, "destroy", "other", "--yes", "--max-deletes", "99")
    assert "nothing to do" in life(Task.DESTROY, "destroy", "other", "--yes")
    life.close()


def test_nothing_was_refused(lived: tuple[Life, Life]) -> None:
    asked = [item for life in lived for chapter in life.chapters for item in chapter.asked]
    assert [item for item in asked if not item.allowed] == []
    assert len(asked) > 1000


def test_every_action_and_every_resource_is_needed(lived: tuple[Life, Life]) -> None:
    """Without any one of them something that was done would have been denied; what nobody used survives as well."""
    killed: dict[tuple[Task, str, str], bool] = {}
    for life in lived:
        for task, sid, part, died in (fate for chapter in life.chapters for fate in _fates(chapter)):
            key = task, sid, part.replace(life.deploy_env, "ENV").replace("/lean/", "/cars/")
            killed[key] = killed.get(key, False) or died
    assert {key for key, died in killed.items() if not died} == set(UNUSED)
    assert len(killed) > 400


def _fates(chapter: Chapter) -> Iterator[tuple[Task, str, str, bool]]:
    """Every action and resource of every statement, and whether something is denied without it."""
    for grant in chapter.grants:
        asked = [item for item in chapter.asked if grant.sid in item.sids]
        for part, mutant in mutants(grant):
            grants = tuple(mutant if item is grant else item for item in chapter.grants)
            yield chapter.task, grant.sid, part, not _suffices(grants, asked)


def _suffices(grants: tuple[Grant, ...], asked: list[Asked]) -> bool:
    policies = Policies((parse("mutant", Document(grants).text),))
    return all(evaluate(policies, Need(item.action, item.resource), item.context).allowed for item in asked)


def test_every_condition_keeps_something_out(lived: tuple[Life, Life]) -> None:
    """What was allowed is denied when a condition's key has another value."""
    conditions, held = set(), set()
    for chapter in (chapter for life in lived for chapter in life.chapters):
        for grant in chapter.grants:
            keys = {(grant.sid, key) for tests in grant.conditions.values() for key in tests}
            conditions |= keys
            held |= {(sid, key) for sid, key in keys if _keeps_out(chapter, sid, key.lower())}
    assert held == conditions
    assert len(held) >= 15


def _keeps_out(chapter: Chapter, sid: str, key: str) -> bool:
    """Whether calls that this statement alone allowed are all denied with another value."""
    asked = [item for item in chapter.asked if item.sids == {sid} and key in item.context]
    others = [replace(item, context={**item.context, key: ("other",)}) for item in asked]
    return bool(others) and not any(_suffices(chapter.grants, [item]) for item in others)
