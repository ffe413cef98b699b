"""Plans through the command line: rendered, saved, applied elsewhere, refused; drift and rollback beside them."""

import json
import shutil
from pathlib import Path

from support.build_output import write_lambda
from support.command_line import Commands

CHECK = "edv-check-results"
SECOND = "def handler(event, context):\n    return 'second'\n"


def build(commands: Commands) -> tuple[str, str]:
    return "--build-dir", str(commands.sandbox.build_dir)


def test_a_saved_plan_is_applied_elsewhere_once_and_never_after_a_change(
    commands: Commands, tmp_path: Path
) -> None:
    saved, note = tmp_path / "out" / "plan.json", tmp_path / "out" / "plan.md"
    words = ("plan", "cert", *build(commands), "--out", str(saved), "--markdown", str(note))
    out, err = commands(*words, code=2)
    assert f"+ function {commands.sandbox.name(CHECK)}" in out
    assert f"plan written to {saved}" in err
    assert note.read_text().startswith(f"## Plan for <code>FSA-{commands.sandbox.deploy_env}</code>")
    elsewhere = shutil.copytree(commands.sandbox.build_dir, tmp_path / "agent" / "build")
    deploy = ("deploy", "cert", "--yes", "--build-dir", str(elsewhere), "--plan", str(saved))
    _, err = commands(*deploy, "--canary", "10", code=1)
    assert "--canary is part of the plan" in err
    _, err = commands(*deploy)
    assert f"applied {len(json.loads(saved.read_text())['changes'])} changes" in err
    out, err = commands(*deploy)
    assert (out.count("\n"), err) == (1, "")
    assert "nothing to do" in out
    commands("plan", "cert", *build(commands), "--out", str(saved))
    assert json.loads(saved.read_text())["changes"] == []
    assert "nothing to do" in commands(*deploy)[0]
    function = commands.sandbox.name(CHECK)
    commands.sandbox.client("lambda").update_function_configuration(FunctionName=function, MemorySize=999)
    _, err = commands(*deploy, code=1)
    assert "the saved plan no longer holds, nothing was changed:" in err
    assert f"  function {function}: was " in err
    out, _ = commands("plan", "cert", *build(commands), code=2)
    assert f"~ function {function}  (changed by hand)" in out
    assert "1 resource was changed by hand since the last deploy" in out
    out, _ = commands("drift", "cert", code=3)
    assert f"! function {function}: changed by hand\n    memory_mb: 256 -> 999\n" in out


def test_a_canary_is_part_of_the_saved_plan_and_a_rollback_undoes_it(
    commands: Commands, tmp_path: Path
) -> None:
    sandbox, saved = commands.sandbox, tmp_path / "plan.json"
    sandbox.deploy()
    write_lambda(sandbox.build_dir, f"lambda-{CHECK}", SECOND)
    out, _ = commands(
        "plan", "cert", *build(commands), "--canary", "10", "--out", str(saved), "--json", code=2
    )
    assert json.loads(out) == json.loads(saved.read_text())
    commands("deploy", "cert", "--yes", *build(commands), "--plan", str(saved))
    names = sandbox.open().names
    alias = sandbox.client("stepfunctions").describe_state_machine_alias(
        stateMachineAliasArn=names.alias_arn(names.edv_pipeline)
    )
    assert sorted(route["weight"] for route in alias["routingConfiguration"]) == [10, 90]
    out, _ = commands("plan", "cert", *build(commands), "--markdown", "-", code=2)
    assert out.startswith("## Plan for")
    assert "routes." in out
    _, err = commands("plan", "cert", *build(commands), "--markdown", "-", "--json", code=1)
    assert "both want standard output" in err
    out, err = commands("rollback", "cert", "--yes")
    assert "is live" in err
    assert "state machine alias: 2 to update" in out
    out, _ = commands("rollback", "cert", "--yes", json.loads(saved.read_text())["fromRelease"])
    assert out.count("\n") == 1
    assert "is deployed as it was applied" in out
