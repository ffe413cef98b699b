"""The diff: pure, complete, and refusing what is too destructive."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployer.errors import PlanRefused
from deployer.model.digests import flatten
from deployer.model.names import Names, Place
from deployer.model.resources import Code, Document, Function, LogGroup, Resource, Vpc, key_of, ownership
from deployer.planning.plan import Create, Delete, Plan, Update, diff, refuse_excess_deletes

TAGS = ownership("CERT")
NAMES = Names("FSA-CERT", Place("aws", "111122223333", "us-east-1"))
FUNCTION = Function(
    name="f",
    role="arn:aws:iam::111122223333:role/r",
    runtime="python3.13",
    architecture="x86_64",
    handler="a.b",
    memory_mb=128,
    timeout_seconds=3,
    tracing="Active",
    environment={"A": "1"},
    vpc=Vpc(),
    layers=(),
    code=Code("d1"),
    tags=TAGS,
)

groups = st.builds(LogGroup, st.sampled_from("abcdef"), st.sampled_from([1, 7, 90, None]), st.just(TAGS))
sets = st.lists(groups, unique_by=lambda group: group.name)


@given(sets, sets)
def test_applying_the_diff_gives_the_wanted(wanted: list[LogGroup], existing: list[LogGroup]) -> None:
    world: dict[object, Resource] = {key_of(resource): resource for resource in existing}
    for change in diff(wanted, {key_of(resource): resource for resource in existing}).changes:
        match change:
            case Create(want) | Update(_, want):
                world[change.key] = want
            case Delete():
                del world[change.key]
    assert world == {key_of(resource): resource for resource in wanted}


@given(sets)
def test_equal_worlds_need_no_change(wanted: list[LogGroup]) -> None:
    assert diff(wanted, {key_of(resource): resource for resource in wanted}).changes == ()


def test_update_names_only_the_fields_that_differ() -> None:
    have = dataclasses.replace(FUNCTION, memory_mb=64, environment={"A": "0", "B": "2"}, code=Code("d0"))
    (change,) = diff([FUNCTION], {key_of(have): have}).changes
    assert isinstance(change, Update)
    assert [(field.path, field.old, field.new) for field in change.fields] == [
        ("code.digest", "d0", "d1"),
        ("environment.A", "0", "1"),
        ("environment.B", "2", None),
        ("memory_mb", 64, 128),
    ]


def test_documents_are_compared_by_what_they_say() -> None:
    assert Document('{"a": 1, "b": [2]}') == Document('{"b":[2],"a":1}')
    assert Document('{"a": 1}') != Document('{"a": 2}')
    assert flatten(Document(json.dumps({"States": {"X": {"Retry": [{"Max": 1}]}}}))) == {
        "States.X.Retry.0.Max": 1
    }


def test_deletes_beyond_the_limit_are_refused_with_the_way_out() -> None:
    plan = Plan((Delete(LogGroup("FSA-CERT-x", 1, TAGS)), Delete(LogGroup("FSA-CERT-y", 1, TAGS))))
    message = (
        "plan deletes 2 resources but --max-deletes is 0: FSA-CERT-x, FSA-CERT-y; "
        + "rerun with --max-deletes 2 to accept"
    )
    with pytest.raises(PlanRefused, match=message):
        refuse_excess_deletes(plan, 0)
    refuse_excess_deletes(plan, 2)
