"""A saved plan is applied as it was reviewed, or refused by name."""

import dataclasses
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from support.environments import environment
from support.prepared_plans import ENVIRONMENT, FUNCTION, NAMES, TAGS, prepared

from deployer.code_release.manifest import Package
from deployer.deploying.deployment import Prepared
from deployer.errors import PlanRefused
from deployer.model.digests import digest_of
from deployer.model.names import names_of
from deployer.model.resources import LogGroup, Resource
from deployer.views.description import describe
from deployer.views.document import document, dumped
from deployer.views.saved_plan import SavedPlan, read_saved, refuse_changed, refuse_other_place

GROUP = LogGroup("g", 90, TAGS)
OLD_GROUP = LogGroup("g", 7, TAGS)
BUILD = (Package("p", "0.1.0", "1" * 64, {}),)


def world(
    wanted: Iterable[Resource] = (FUNCTION, GROUP), existing: Iterable[Resource] = (OLD_GROUP,)
) -> Prepared:
    return prepared(wanted, existing, packages=BUILD)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    path.write_text(dumped(document(describe(world()))))
    return path


@pytest.fixture
def saved(file: Path) -> SavedPlan:
    return read_saved(file)


def refusal(saved: SavedPlan, now: Prepared) -> str:
    with pytest.raises(PlanRefused) as caught:
        refuse_changed(saved, describe(now))
    return str(caught.value)


def test_the_same_world_and_build_are_accepted(saved: SavedPlan) -> None:
    refuse_changed(saved, describe(world()))


def test_a_resource_that_moved_is_named_with_what_it_was_and_is(saved: SavedPlan) -> None:
    moved = dataclasses.replace(OLD_GROUP, retention_days=14)
    text = refusal(saved, world(existing=[moved]))
    assert text.splitlines() == [
        "the saved plan no longer holds, nothing was changed:",
        f"  log group g: was {digest_of(OLD_GROUP)} when planned, is {digest_of(moved)} now",
        "plan again, have it reviewed, and deploy that",
    ]


def test_a_resource_that_came_or_went_is_named(saved: SavedPlan) -> None:
    stranger = dataclasses.replace(FUNCTION, memory_mb=1)
    assert f"function {FUNCTION.name}: was absent when planned, is {digest_of(stranger)} now" in refusal(
        saved, world(existing=[OLD_GROUP, stranger])
    )
    assert f"log group g: was {digest_of(OLD_GROUP)} when planned, is absent now" in refusal(
        saved, world(existing=[])
    )


def test_another_configuration_is_named(saved: SavedPlan) -> None:
    other = dataclasses.replace(FUNCTION, memory_mb=512)
    text = refusal(saved, world(wanted=[other, GROUP]))
    assert f"wanted function {FUNCTION.name}: was {digest_of(FUNCTION)} when planned" in text
    assert "(the configuration or the build differs)" in text


def test_another_build_is_named(saved: SavedPlan) -> None:
    other = dataclasses.replace(world(), packages=(Package("p", "0.2.0", "2" * 64, {}),))
    assert "build of p: was 0.1.0 (111111111111) when planned, is 0.2.0 (222222222222) now" in refusal(
        saved, other
    )
    assert "build of p: was 0.1.0 (111111111111) when planned, is absent now" in refusal(
        saved, dataclasses.replace(world(), packages=())
    )


def test_what_the_plan_itself_has_done_already_is_no_move(saved: SavedPlan) -> None:
    refuse_changed(saved, describe(world(existing=[GROUP])))
    refuse_changed(saved, describe(world(existing=[GROUP, FUNCTION])))
    with pytest.raises(PlanRefused, match="is absent now"):
        refuse_changed(saved, describe(world(existing=[FUNCTION])))


def test_a_deletion_that_is_done_is_no_move(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(dumped(document(describe(world(wanted=[FUNCTION])))))
    refuse_changed(read_saved(path), describe(world(wanted=[FUNCTION], existing=[])))


def test_another_place_is_refused(saved: SavedPlan) -> None:
    refuse_other_place(saved, ENVIRONMENT, NAMES)
    other = environment("prod", deployEnv="PROD", env="prod", GlueJobParameters={"JobParameters": {}})
    with pytest.raises(PlanRefused) as caught:
        refuse_other_place(saved, other, names_of(other, "aws", "444455556666"))
    assert str(caught.value) == (
        "the saved plan is for environment cert, not prod; deployEnv CERT, not PROD; "
        "account 111122223333, not 444455556666; plan again, have it reviewed, and deploy that"
    )


def doctored(change: Callable[[Any], object]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        found = json.loads(path.read_text())
        change(found)
        path.write_text(json.dumps(found))

    return write


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: path.write_text("{"), "is not a plan: it is not a JSON object"),
        (lambda path: path.write_text("[]"), "is not a plan: it is not a JSON object"),
        (doctored(lambda plan: plan.update(format=2)), "has format 2, this deployer applies format 1"),
        (doctored(lambda plan: plan.pop("world")), "is not a plan: world: "),
        (doctored(lambda plan: plan["wanted"][0].pop("digest")), "is not a plan: wanted.0.digest: "),
    ],
)
def test_what_is_no_plan_is_refused(file: Path, write: Callable[[Path], None], message: str) -> None:
    write(file)
    with pytest.raises(PlanRefused, match=re.escape(message)) as caught:
        read_saved(file)
    assert str(file) in str(caught.value)


def test_a_plan_with_changed_changes_is_refused(file: Path) -> None:
    doctored(lambda plan: plan["changes"].pop(0))(file)
    text = refusal(read_saved(file), world())
    assert text.startswith(
        f"the changes in the saved plan do not follow from its resources: function {FUNCTION.name};"
    )


def test_a_plan_with_changed_values_is_refused(file: Path) -> None:
    doctored(lambda plan: plan["changes"][1]["fields"][0].update(new=1))(file)
    assert "do not follow from its resources: log group g;" in refusal(read_saved(file), world())


def test_a_plan_with_additional_changes_is_refused(file: Path) -> None:
    more = {"action": "delete", "kind": "role", "name": "r", "fields": []}
    doctored(lambda plan: plan["changes"].append(more))(file)
    assert "do not follow from its resources: role r;" in refusal(read_saved(file), world())
