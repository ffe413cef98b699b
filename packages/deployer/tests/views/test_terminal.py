"""A plan as people read it on a terminal and in a log."""

import dataclasses
import io
import json
from typing import Any

from rich.console import Console
from support.prepared_plans import FUNCTION, TAGS, applied, manifest, prepared

from deployer.blueprint.policies import statement, trust
from deployer.code_release.manifest import Package
from deployer.deploying.deployment import Prepared
from deployer.deploying.drift import Drift, Finding, State
from deployer.model.digests import flatten, stamped
from deployer.model.resources import (
    Artifact,
    Code,
    Document,
    Function,
    LogGroup,
    Role,
    StateMachine,
    Vpc,
    key_of,
)
from deployer.planning.fields import changed
from deployer.views import drift
from deployer.views.description import describe
from deployer.views.document import document
from deployer.views.terminal import lines

GROUP = LogGroup("/aws/lambda/x", 90, TAGS)
CHECK = "lambda-edv-check-results"


def changed_function(**changes: Any) -> Function:
    return dataclasses.replace(FUNCTION, **changes)


def told(plan: Prepared) -> list[str]:
    return [line.plain for line in lines(describe(plan))]


def machine(**states: object) -> StateMachine:
    text = json.dumps({"StartAt": "A", "States": states})
    return StateMachine("m", "r", Document(text), "g", "ERROR", False, True, TAGS)


def test_an_unchanged_environment_is_one_line() -> None:
    (line,) = told(prepared([FUNCTION], [FUNCTION]))
    assert line == (
        "FSA-CERT in account 111122223333, us-east-1: "
        "nothing to do: what is deployed matches the configuration and the build"
    )


def test_warnings_are_shown_although_nothing_changes_and_other_notes_are_counted() -> None:
    plan = prepared([FUNCTION], [FUNCTION])
    guessed = "cert.json: warning: env was guessed as 'fpacdev' from deployEnv 'FPACDEV'; set env"
    notes = ("cert.json: configData accepted but used by nothing", guessed)
    line, *others = told(dataclasses.replace(plan, plan=dataclasses.replace(plan.plan, notes=notes)))
    assert line.endswith("the build (1 note, shown by --json)")
    assert others == [f"note: {guessed}"]


def test_changes_are_grouped_by_kind_and_counted() -> None:
    gone = dataclasses.replace(GROUP, name="gone")
    plan = prepared([changed_function(memory_mb=256), GROUP], [FUNCTION, gone])
    assert told(plan) == [
        "FSA-CERT in account 111122223333, us-east-1",
        "",
        "log group: 1 to create, 1 to delete",
        "+ log group /aws/lambda/x",
        "    retention_days: 90",
        "- log group gone  (no longer part of the configuration)",
        "",
        "function: 1 to update",
        "~ function FSA-CERT-edv-check-results  (not deployed by us)",
        "    memory_mb: 128 -> 256",
        *[f"note: {note}" for note in plan.plan.notes],
        "",
        "1 existing resource is deleted, for good or to be replaced: --max-deletes 1",
        "1 to create, 1 to update, 0 to replace, 1 to delete",
    ]


def test_fields_read_old_to_new_and_hide_what_looks_secret() -> None:
    have = changed_function(environment={"DB_PASSWORD": "hunter2"})
    want = changed_function(
        environment={"A": "1", "DB_PASSWORD": "hunter3"}, vpc=Vpc(("subnet-a",), ("sg-1",))
    )
    text = "\n".join(told(prepared([want], [have])))
    assert "    environment.A: (absent) -> 1" in text
    assert "    environment.DB_PASSWORD: (hidden) -> (hidden)" in text
    assert "    vpc.subnets: (none) -> subnet-a" in text
    assert "hunter" not in text


def test_causes_are_shown_where_fields_differ_in_them() -> None:
    before = applied(FUNCTION)
    have = dataclasses.replace(before, memory_mb=999, timeout_seconds=9, description="by hand")
    want = stamped(changed_function(memory_mb=256, environment={"A": "2"}))
    text = told(prepared([want], [have], manifest([before])))
    assert "~ function FSA-CERT-edv-check-results  (changed by hand, and we changed it)" in text
    assert "    environment.A: 1 -> 2  (we changed it)" in text
    assert "    memory_mb: 999 -> 256" in text
    assert "    timeout_seconds: 9 -> 3  (changed by hand)" in text
    assert (
        "1 resource was changed by hand since the last deploy; this plan restores the configuration" in text
    )


def test_a_resource_removed_by_hand_is_not_shown_as_new() -> None:
    text = told(prepared([GROUP], [], manifest([GROUP])))
    assert "+ log group /aws/lambda/x  (removed by hand)" in text


def test_an_undeclared_manual_change_is_shown_as_accepted() -> None:
    before = applied(FUNCTION)
    have = dataclasses.replace(before, layers=("arn:layer:1",))
    want = stamped(changed_function(layers=("arn:layer:1",)))
    text = told(prepared([want], [have], manifest([before])))
    assert "    layers: (none) -> arn:layer:1  (changed by hand, the configuration leaves it)" in text


def test_a_role_is_shown_by_its_privileges() -> None:
    def role(*actions: str) -> Role:
        policy = {action: statement(action, "arn:aws:s3:::b", reason="reads") for action in actions}
        return Role("r", "/", trust("lambda.amazonaws.com"), policy, TAGS)

    text = told(prepared([role("s3:GetObject")], [role("s3:PutObject")]))
    assert text[4:7] == [
        "    reads:",
        "    + s3:GetObject on arn:aws:s3:::b",
        "    - s3:PutObject on arn:aws:s3:::b",
    ]
    assert "permissions: 1 gained, 1 lost" in text
    reworded = dataclasses.replace(
        role(), policy={"Other": statement("s3:PutObject", "arn:aws:s3:::b", reason="reads")}
    )
    text = told(prepared([reworded], [role("s3:PutObject")]))
    assert text[4] == "    policies are worded differently and grant the same"


def test_a_replacement_shows_what_forces_it() -> None:
    have = Role("r", "/old/", trust("lambda.amazonaws.com"), {}, TAGS)
    text = told(prepared([dataclasses.replace(have, path="/new/")], [have]))
    assert "± role r  (not deployed by us)" in text
    assert "    replaced because path cannot be changed in place" in text
    assert "    path: /old/ -> /new/" in text


def test_a_state_machine_is_shown_by_states_and_derived_fields_are_counted() -> None:
    def call(digest: str, **more: object) -> dict[str, object]:
        return {"Type": "Task", "Resource": f"arn:aws:lambda:x:1:function:f:v-{digest * 16}", **more}

    have = stamped(machine(A=call("1", Next="B"), B={"Type": "Pass"}, D=call("1")))
    want = stamped(machine(A=call("2", Next="C"), C={"Type": "Wait", "Seconds": 1}, D=call("2")))
    plan = prepared([want], [have])
    assert told(plan)[4:8] == [
        "    2 fields point to the code of this release",
        "    ~ A: changed state",
        "        Next: B -> C",
        "    + C: new state",
    ]
    assert told(plan)[8] == "    - B: state is gone"
    fields = {item["field"] for item in document(describe(plan))["changes"][0]["fields"]}
    assert {"definition.States.D.Resource", "definition.States.C.Seconds"} <= fields


def test_files_are_shown_below_their_function() -> None:
    old = Package(CHECK, "0.1.0", "1" * 64, {"a.py": "1", "b.py": "1"})
    new = Package(CHECK, "0.2.0", "2" * 64, {"a.py": "2", "c.py": "1"})
    want = changed_function(code=Code("2" * 64))
    text = told(prepared([want], [FUNCTION], manifest([FUNCTION], (old,)), (new,)))
    assert text[4:8] == [
        f"    package {CHECK} 0.1.0 -> 0.2.0",
        "        ~ a.py",
        "        - b.py",
        "        + c.py",
    ]
    text = told(prepared([want], [FUNCTION], None, (new,)))
    assert text[4:6] == [
        f"    package {CHECK} 0.2.0",
        "        which files change is not known: the live release has no manifest",
    ]


def test_a_log_gets_plain_text_and_a_terminal_colours() -> None:
    plan = describe(prepared([Artifact("b", "k", "d"), GROUP], []))

    def printed(**options: Any) -> str:
        file = io.StringIO()
        console = Console(file=file, soft_wrap=True, highlight=False, **options)
        for line in lines(plan):
            console.print(line)
        return file.getvalue()

    assert printed(force_terminal=False) == "".join(f"{line.plain}\n" for line in lines(plan))
    assert "\x1b[32m+ log group" in printed(force_terminal=True, color_system="standard", _environ={})


def test_drift_of_a_role_and_a_machine_reads_like_a_plan() -> None:
    role = Role("r", "/", trust("lambda.amazonaws.com"), {}, TAGS)
    live = dataclasses.replace(role, other_policies=("arn:aws:iam::aws:policy/X",))
    before, after = machine(A={"Type": "Pass"}), machine(A={"Type": "Fail"})
    found = Drift(
        "0123456789ab",
        3,
        (
            Finding(key_of(live), State.CHANGED, changed(flatten(role), flatten(live)), role, live),
            Finding(key_of(after), State.CHANGED, changed(flatten(before), flatten(after)), before, after),
            Finding(key_of(GROUP), State.GONE),
        ),
    )
    assert [line.plain for line in drift.lines(found)] == [
        "! role r: changed by hand",
        "    + all that policy arn:aws:iam::aws:policy/X grants",
        "! state machine m: changed by hand",
        "    ~ A: changed state",
        "        Type: Pass -> Fail",
        "! log group /aws/lambda/x: gone",
        "3 drifted: 3 resources compared with release 0123456789ab",
    ]
    (gained,) = drift.document(found)["findings"][0]["privileges"]["gained"]
    assert gained["resource"] == "arn:aws:iam::aws:policy/X"
