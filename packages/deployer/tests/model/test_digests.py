"""Digests and stamps: what counts as a change of a resource, and what does not."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from deployer.model.digests import content_digest, digest_of, edited, flatten, stamp_of, stamped
from deployer.model.resources import (
    APPLIED,
    Artifact,
    Document,
    LogGroup,
    MachineVersion,
    Role,
    Statement,
    ownership,
)
from deployer.planning.fields import changed

GROUP = LogGroup("g", 90, ownership("CERT"))
ROLE = Role("r", "/", Document('{"a": 1, "b": 2}'), {"Read": Statement(("s3:GetObject",), ("*",))}, {})

names = st.text("abc", min_size=1, max_size=3)
groups = st.builds(LogGroup, names, st.sampled_from([1, 7, 90]), st.dictionaries(names, names, max_size=2))


@given(groups, groups)
def test_digests_are_equal_exactly_where_the_resources_are(one: LogGroup, other: LogGroup) -> None:
    assert (digest_of(one) == digest_of(other)) == (one == other)


@given(groups)
def test_a_stamp_is_the_digest_of_the_rest_and_stamping_twice_changes_nothing(group: LogGroup) -> None:
    once = stamped(group)
    assert stamp_of(once) == digest_of(group) == digest_of(once)
    assert stamped(once) == once
    assert not edited(once)


def test_a_change_under_the_same_stamp_is_manual() -> None:
    ours = stamped(GROUP)
    assert isinstance(ours, LogGroup)
    assert edited(dataclasses.replace(ours, retention_days=1))
    assert not edited(GROUP)


def test_what_a_later_deployer_knows_too_leaves_the_digest_as_it_was() -> None:
    more = dataclasses.make_dataclass(
        "LogGroup", [("name", str), ("retention_days", int), ("tags", dict), ("key", str, "")], frozen=True
    )
    assert digest_of(more("g", 90, GROUP.tags)) == digest_of(GROUP)
    assert digest_of(more("g", 90, GROUP.tags, "k")) != digest_of(GROUP)


def test_a_document_is_compared_by_value() -> None:
    other = dataclasses.replace(ROLE, trust=Document('{"b":2,"a":1}'))
    assert digest_of(other) == digest_of(ROLE)


def test_versions_hold_what_a_resource_is_without_its_tags() -> None:
    assert content_digest(GROUP) == content_digest(stamped(GROUP))
    assert content_digest(GROUP) == content_digest(dataclasses.replace(GROUP, tags={"team": "x"}))
    assert content_digest(GROUP) != content_digest(dataclasses.replace(GROUP, retention_days=1))


def test_kinds_without_tags_hold_no_stamp() -> None:
    for resource in (Artifact("b", "k", "d"), MachineVersion("m", "0")):
        assert stamped(resource) is resource
        assert stamp_of(resource) is None


def test_differences_are_leaves_by_path() -> None:
    other = dataclasses.replace(ROLE, policy={"Read": Statement(("s3:GetObject",), ("a", "b"))})
    fields = changed(flatten(ROLE), flatten(other))
    assert [(field.path, field.old, field.new) for field in fields] == [
        ("policy.Read.resources", ("*",), ("a", "b"))
    ]
    assert all(APPLIED not in path for path in flatten(ROLE))


def test_reasons_of_statements_move_no_digest_and_are_no_field() -> None:
    told = dataclasses.replace(
        ROLE, policy={"Read": dataclasses.replace(ROLE.policy["Read"], reason="reads it")}
    )
    assert told == ROLE
    assert (digest_of(told), content_digest(told)) == (digest_of(ROLE), content_digest(ROLE))
    assert flatten(told) == flatten(ROLE)
