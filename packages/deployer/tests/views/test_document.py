"""The plan document: its published schema holds for real plans and nothing else."""

import copy
import dataclasses
import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support.build_output import write_lambda
from support.prepared_plans import FUNCTION, TAGS, applied, manifest, prepared
from support.sandbox import Sandbox

from deployer.blueprint.policies import statement, trust
from deployer.code_release.manifest import Package
from deployer.model.digests import digest_of
from deployer.model.resources import Code, LogGroup, Resource, Role
from deployer.views.description import describe
from deployer.views.document import FORMAT, document, dumped

SCHEMA = json.loads(files("deployer").joinpath("schemas/plan.schema.json").read_text("utf-8"))
CHECK = "lambda-edv-check-results"


def problems(found: Any) -> list[str]:
    return [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(found)
    ]


def example() -> dict[str, Any]:
    def role(path: str, *actions: str) -> Role:
        condition = {"StringLike": {"s3:prefix": ["a/*"]}}
        policy = {
            action: statement(action, "arn:aws:s3:::b", condition=condition, reason="reads")
            for action in actions
        }
        return Role(f"role{path}", path, trust("lambda.amazonaws.com"), policy, TAGS)

    old = Package(CHECK, "0.1.0", "1" * 64, {"a.py": "1", "x-1.dist-info/METADATA": "1"})
    new = Package(CHECK, "0.2.0", "2" * 64, {"a.py": "2", "x-2.dist-info/METADATA": "2"})
    before = applied(FUNCTION)
    live = dataclasses.replace(before, layers=("arn:layer:1",), environment={"A": "1", "TOKEN": "hunter1"})
    want = dataclasses.replace(live, code=Code("2" * 64), environment={"A": "1", "TOKEN": "hunter2"})
    moved = role("/", "s3:ListBucket")
    have: list[Resource] = [live, dataclasses.replace(moved, path="/old/"), LogGroup("gone", 1, TAGS)]
    wanted: list[Resource] = [applied(want), moved, role("/new/", "s3:ListBucket")]
    return document(describe(prepared(wanted, have, manifest([before], (old,)), (new,), canary=10)))


def test_the_schema_is_a_schema_and_closed_everywhere() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    def objects(part: Any) -> list[Any]:
        children = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        inner = [found for child in children for found in objects(child)]
        return [part, *inner] if isinstance(part, dict) and "properties" in part and "type" in part else inner

    found = objects(SCHEMA)
    assert len(found) > 10
    assert all(item["additionalProperties"] is False for item in found)
    assert all(set(item["required"]) == set(item["properties"]) for item in found)
    assert SCHEMA["properties"]["format"]["const"] == FORMAT


def test_a_document_with_everything_in_it_is_valid() -> None:
    found = example()
    assert problems(found) == []
    changes = {change["name"]: change for change in found["changes"]}
    function = changes[FUNCTION.name]
    assert function["cause"] == "both"
    assert function["accepted"] == [{"field": "layers", "applied": [], "live": ["arn:layer:1"]}]
    assert function["package"]["changed"] == ["a.py"]
    assert function["package"]["dependencies"] == [{"name": "x", "old": "1", "new": "2"}]
    assert changes["role/"]["forcedBy"] == ["path"]
    gained = changes["role/new/"]["privileges"]["gained"]
    assert gained[0]["condition"] == {"StringLike": {"s3:prefix": ["a/*"]}}
    assert gained[1]["principal"] == "lambda.amazonaws.com"
    assert found["summary"] == {"create": 1, "update": 1, "replace": 1, "delete": 1}
    assert "hunter" not in dumped(found)


def doctor(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(found: Any) -> None:
        *way, last = path.split(".")
        for name in way:
            found = found[int(name) if name.isdigit() else name]
        found[last] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        doctor("format", 2),
        doctor("approved", True),
        doctor("account", "1"),
        doctor("canary", 100),
        doctor("summary.other", 1),
        doctor("changes.0.action", "adopt"),
        doctor("changes.0.forcedBy", ["memory_mb"]),
        doctor("changes.0.cause", "weather"),
        doctor("changes.0.package.size", 1),
        doctor("changes.0.fields.0.why", ""),
        doctor("world.0.digest", "x"),
        doctor("wanted.0.stamp", None),
        lambda found: found.pop("world"),
        lambda found: found["changes"][0].pop("privileges"),
    ],
)
def test_a_doctored_document_is_invalid(change: Callable[[dict[str, Any]], object]) -> None:
    found = copy.deepcopy(example())
    change(found)
    assert problems(found) != []


def test_world_and_wanted_say_what_was_looked_at() -> None:
    found = example()
    world = {item["name"]: item for item in found["world"]}
    assert set(world) == {FUNCTION.name, "role/", "gone"}
    assert world[FUNCTION.name]["stamp"] == digest_of(FUNCTION)
    assert world[FUNCTION.name]["digest"] != digest_of(FUNCTION)
    assert [item["name"] for item in found["wanted"]] == [FUNCTION.name, "role/", "role/new/"]


def test_real_plans_are_valid_and_the_same_each_time(sandbox: Sandbox) -> None:
    first = sandbox.prepare()
    text = dumped(document(describe(first)))
    assert problems(json.loads(text)) == []
    assert dumped(document(describe(sandbox.prepare()))) == text
    sandbox.apply(first)
    write_lambda(sandbox.build_dir, CHECK, "def handler(event, context):\n    return 'second'\n")
    found = json.loads(dumped(document(describe(sandbox.prepare(10)))))
    assert problems(found) == []
    assert (found["fromRelease"], found["canary"]) == (first.release, 10)
    (package,) = (change["package"] for change in found["changes"] if change["package"])
    assert package["changed"] == ["edv_check_results/handler.py"]
