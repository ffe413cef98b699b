"""The command line: exit codes, streams and messages, as a shell sees them."""

import json
from pathlib import Path

import pytest
from support.build_output import write_lambda
from support.command_line import Commands, Shell, run_deployer, run_here
from support.sandbox import Sandbox

from deployer.cli.configs import publishing
from deployer.cli.confirm import ApplyOptions, confirm_and_deploy
from deployer.errors import DeployerError, LockLost, PlanRefused
from deployer.guard.lock_protocol import beat
from deployer.guard.lock_record import Holder
from deployer.guard.lock_session import LockWait, awake_clock, take
from deployer.planning.plan import Create

CHECK = "edv-check-results"


def test_plan_deploy_plan_again(shell: Shell, commands: Commands, tmp_path: Path) -> None:
    build = ("--build-dir", str(shell.sandbox.build_dir))
    out, _ = shell("plan", "cert", *build, code=2)
    assert f"+ function {shell.sandbox.name(CHECK)}" in out
    assert "to create, 0 to update, 0 to replace, 0 to delete" in out
    _, err = commands("deploy", "cert", *build, code=1)
    assert "there is no terminal to ask on; rerun with --yes to apply this plan" in err
    file = tmp_path / "out" / "outputs.json"
    _, err = shell("deploy", "cert", *build, "--yes", "--outputs", str(file))
    assert f"+ function {shell.sandbox.name(CHECK)} done" in err
    written = json.loads(file.read_text())
    assert written["functions"][CHECK]["name"] == shell.sandbox.name(CHECK)
    assert json.loads(commands("outputs", "cert")[0]) == written
    out, err = commands("deploy", "cert", *build, "--yes")
    assert "nothing to do" in out
    assert err == ""
    out, _ = commands("plan", "cert", *build, "--json")
    assert json.loads(out)["summary"] == {"create": 0, "update": 0, "replace": 0, "delete": 0}


def test_deletions_are_refused_without_leave(commands: Commands) -> None:
    build = ("--build-dir", str(commands.sandbox.build_dir))
    commands("deploy", "cert", *build, "--yes")
    name = f"/aws/lambda/{commands.sandbox.name('retired')}"
    tags = {"cars:managed-by": "cars-deployer", "cars:environment": commands.sandbox.deploy_env}
    commands.sandbox.client("logs").create_log_group(logGroupName=name, tags=tags)
    _, err = commands("deploy", "cert", *build, "--yes", code=1)
    assert f"plan deletes 1 resource but --max-deletes is 0: {name}; rerun with --max-deletes 1" in err
    commands("deploy", "cert", *build, "--yes", "--max-deletes", "1")


def test_config_problem_is_one_message_without_a_traceback(commands: Commands) -> None:
    commands.sandbox.changes = {"GlueJobParameters": {"MaxConcurrency": "many"}}
    _, err = commands("plan", "cert", code=1)
    assert err == (
        "error: cert.json: 1 problem: GlueJobParameters.MaxConcurrency is 'many' (a whole number of at least 1)\n"
    )


def test_wrong_account_is_refused_before_anything_changes(commands: Commands) -> None:
    commands.sandbox.changes = {"account": "444455556666"}
    _, err = commands("deploy", "cert", "--yes", "--build-dir", str(commands.sandbox.build_dir), code=1)
    assert "account is in account 444455556666, but the credentials belong to account 111122223333" in err
    assert "nothing was changed" in err


def test_target_tells_the_build_what_to_build_for(commands: Commands) -> None:
    out, _ = commands("target", "cert")
    assert json.loads(out) == {"runtime": commands.sandbox.open().environment.runtime, "glue_version": "5.1"}


def test_invoke_prints_the_answer_or_fails_with_type_and_message(commands: Commands, tmp_path: Path) -> None:
    build = ("--build-dir", str(commands.sandbox.build_dir))
    source = "def handler(event, context):\n    return {'twice': event['n'] * 2}\n"
    write_lambda(commands.sandbox.build_dir, f"lambda-{CHECK}", source)
    commands("deploy", "cert", *build, "--yes")
    event = tmp_path / "event.json"
    event.write_text('{"n": 4}')
    for place in ((), ("--local",)):
        assert json.loads(commands("invoke", "cert", CHECK, str(event), *place, *build)[0]) == {"twice": 8}
    event.write_text("{}")
    for place in ((), ("--local",)):
        _, err = commands("invoke", "cert", CHECK, str(event), *place, *build, code=1)
        assert f"error: {commands.sandbox.name(CHECK)} failed: KeyError: 'n'" in err
    event.write_text("{")
    assert f"event file {event} is not JSON" in commands("invoke", "cert", CHECK, str(event), code=1)[1]
    assert (
        "event file nofile cannot be read: No such file"
        in commands("invoke", "cert", CHECK, "nofile", code=1)[1]
    )
    assert (
        "no function is called 'nope'; known ones: DownloadZip,"
        in commands("invoke", "cert", "nope", "x", code=1)[1]
    )


def test_run_refuses_a_bad_date_and_a_machine_that_is_not_there(commands: Commands) -> None:
    assert (
        "--date must be a calendar day written YYYY-MM-DD, got '2026-02-30'"
        in (commands("run", "cert", "--date", "2026-02-30", code=1)[1])
    )
    assert (
        "does not exist; deploy this environment first"
        in (commands("run", "cert", "--date", "2026-02-28", code=1)[1])
    )


def test_configs_push_publishes_the_repository_tree_once(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = ("--build-dir", str(commands.sandbox.build_dir))
    commands.sandbox.changes = {"configUpload": {"outputPrefix": f"{commands.sandbox.deploy_env}/_configs"}}
    commands("deploy", "cert", *build, "--yes")
    out, err = commands("configs", "push", "cert", *build)
    assert "is current (was none)" in out
    assert "by digest" in err
    release = json.loads(commands("configs", "check", "cert", "--json")[0])["release"]
    assert release in out
    assert (commands.sandbox.build_dir / "configs" / "cert" / f"{release}.json").is_file()
    out, err = commands("configs", "push", "cert", *build)
    assert "is current already" in out
    assert "not sent again" in err

    def denied(*_: object) -> None:
        raise DeployerError("somebody else prunes")

    monkeypatch.setattr(publishing, "rules_of", denied)
    _, err = commands("configs", "push", "cert", *build)
    assert "warning: the release is current, but old ones were not pruned: somebody else prunes" in err


def test_unknown_environment_shows_the_config_directory(tmp_path: Path) -> None:
    done = run_here(["plan", "mars", "--config-dir", str(tmp_path)])
    assert done.code == 1
    assert f"environment 'mars' needs mars.json in {tmp_path}" in done.err


def test_interrupt_while_modules_still_load_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise KeyboardInterrupt\n")
    done = run_deployer(["plan", "local"], {"PYTHONPATH": str(tmp_path)})
    assert done == (130, "", "error: interrupted\n")


def test_file_that_cannot_be_written_is_one_line(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    build = ("--build-dir", str(commands.sandbox.build_dir))
    target = tmp_path / "file" / "outputs.json"
    _, err = commands("deploy", "cert", *build, "--yes", "--outputs", str(target), code=1)
    assert err.splitlines()[-1] == f"error: {target.parent}: File exists"


def test_endpoint_that_does_not_answer_is_one_line(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    out, err = commands("plan", "cert", code=1)
    assert out == ""
    (line,) = err.splitlines()
    assert line.endswith("is it running, and is AWS_ENDPOINT_URL right?")


@pytest.mark.parametrize("words", [["plan", "local", "--nope"], ["plan"], ["plam"], ["run", "local"]])
def test_wrong_usage_never_looks_like_pending_changes(words: list[str]) -> None:
    done = run_here(words)
    assert done.code == 1
    assert "Error" in done.err


def test_deploy_is_refused_while_another_runs_and_shows_which_and_the_ways_out(
    commands: Commands,
) -> None:
    build = ("--build-dir", str(commands.sandbox.build_dir))
    lock = commands.sandbox.open().lock_location().lock
    holder = Holder("role Deployer, session build-17", "ci", "agent-3", 42, "https://ci.invalid/17", "deploy")
    held = take(lock, holder, LockWait())
    _, err = commands("deploy", "cert", *build, "--yes", code=1)
    assert "another deploy has the lock" in err
    assert "role Deployer, session build-17 (ci on agent-3, process 42, build https://ci.invalid/17)" in err
    assert "--lock-timeout" in err
    assert "unlock" in err
    assert {type(change) for change in commands.sandbox.prepare().plan.changes} == {Create}
    _, err = commands("unlock", "cert", "--yes", code=1)
    assert "is not left behind" in err
    commands("unlock", "cert", "--yes", "--force")
    _, err = commands("unlock", "cert", "--yes")
    assert "no deploy is running" in err
    lock.run(beat(held, awake_clock))
    with pytest.raises(LockLost):
        held.check()
    commands("deploy", "cert", *build, "--yes")


def test_plan_that_another_deploy_overtook_is_refused(sandbox: Sandbox) -> None:
    prepared, other = sandbox.prepare(), sandbox.prepare()
    confirm_and_deploy(other, ApplyOptions("deploy", yes=True))
    with pytest.raises(PlanRefused, match="another deploy ran since this plan was made"):
        confirm_and_deploy(prepared, ApplyOptions("deploy", yes=True))


def test_releases_rollback_and_drift(commands: Commands) -> None:
    build = ("--build-dir", str(commands.sandbox.build_dir))
    out, _ = commands("releases", "cert")
    assert "no release yet" in out
    for word in ("first", "second"):
        source = f"def handler(event, context):\n    return '{word}'\n"
        write_lambda(commands.sandbox.build_dir, f"lambda-{CHECK}", source)
        commands("deploy", "cert", *build, "--yes")
    newest, oldest = json.loads(commands("releases", "cert", "--json")[0])
    assert (newest["live"], oldest["live"]) == (True, False)
    assert oldest["activations"][0]["by"].startswith("user ")
    _, err = commands("rollback", "cert", "--yes")
    assert f"release {oldest['release']} is live" in err
    assert "no drift" in commands("drift", "cert")[0]
    commands.sandbox.client("lambda").update_function_configuration(
        FunctionName=commands.sandbox.name(CHECK), MemorySize=999
    )
    out, _ = commands("drift", "cert", code=3)
    assert f"function {commands.sandbox.name(CHECK)}: changed by hand" in out
    assert "memory_mb: 256 -> 999" in out
    _, err = commands("destroy", "cert", "--yes", code=1)
    assert "but --max-deletes is 0" in err
    commands("destroy", "cert", "--yes", "--max-deletes", "99")
    assert json.loads(commands("plan", "cert", *build, "--json", code=2)[0])["summary"]["update"] == 0
