"""After an apply nothing is left to plan, whatever default values AWS answers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from support.account import network
from support.sandbox import Sandbox

from deployer.aws import default_values
from deployer.aws.default_values import ECHOED_ONLY, with_defaults

# Where in an answer the settings are, and the table they are read through.
SECTIONS: Mapping[str, tuple[str, default_values.Defaults]] = {
    "GetFunction": ("Configuration", default_values.FUNCTION),
    "GetJob": ("Job", default_values.JOB),
    "DescribeStateMachine": ("", default_values.STATE_MACHINE),
    "DescribeLogGroups": ("logGroups", default_values.LOG_GROUP),
    "GetRole": ("Role", default_values.ROLE),
    "GetConnection": ("Connection", default_values.CONNECTION),
    "GetDatabase": ("Database", default_values.DATABASE),
    "GetQueueAttributes": ("Attributes", default_values.QUEUE),
    "GetSchedule": ("", default_values.SCHEDULE),
}


@contextmanager
def echoing(sandbox: Sandbox, *, nulls: bool) -> Iterator[set[str]]:
    """Answers in AWS's form: with every default and with additional facts, or with nulls instead."""
    seen: set[str] = set()

    def echo(parsed: Any, model: Any, **_: Any) -> None:
        if model.name not in SECTIONS or "Error" in parsed:
            return
        seen.add(model.name)
        name, defaults = SECTIONS[model.name]
        found = parsed[name] if name else parsed
        for item in found if isinstance(found, list) else [found]:
            item.update(with_defaults(defaults, item) | {**ECHOED_ONLY[model.name], **item})
            if nulls:
                item.update(
                    {key: None for key, value in item.items() if value == defaults.get(key, object())}
                )

    clients = sandbox.clients
    made: list[Any] = [clients.functions, clients.glue, clients.states, clients.logs, clients.iam]
    made += [clients.sqs, clients.scheduler]
    for client in made:
        client.meta.events.register("after-call", echo)
    try:
        yield seen
    finally:
        for client in made:
            client.meta.events.unregister("after-call", echo)


@pytest.mark.parametrize("nulls", [False, True])
def test_what_was_applied_and_is_read_back_through_the_echoes_needs_no_change(
    sandbox: Sandbox, nulls: bool
) -> None:
    connection = network(sandbox.client, sandbox.name("PG"))
    sandbox.changes = {"GlueJobParameters": {"Connections": [connection]}}
    sandbox.deploy()
    with echoing(sandbox, nulls=nulls) as seen:
        assert sandbox.prepare().plan.changes == ()
    assert seen == SECTIONS.keys()


def test_a_setting_that_is_no_default_is_not_hidden_by_the_table(sandbox: Sandbox) -> None:
    sandbox.deploy()
    sandbox.client("lambda").update_function_configuration(
        FunctionName=sandbox.name("DownloadZip"), EphemeralStorage={"Size": 1024}
    )
    with echoing(sandbox, nulls=False):
        (change,) = sandbox.prepare().plan.changes
    assert [field.path for field in change.fields] == ["storage_mb"]  # type: ignore[union-attr]


def test_sections_are_filled_key_by_key() -> None:
    defaults: default_values.Defaults = {"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []}, "Tags": {}}
    assert with_defaults(defaults, {"VpcConfig": {"SubnetIds": ["a"]}, "Other": 1}) == {
        "VpcConfig": {"SubnetIds": ["a"], "SecurityGroupIds": []},
        "Tags": {},
        "Other": 1,
    }
