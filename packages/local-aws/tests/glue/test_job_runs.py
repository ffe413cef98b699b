import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.testing.functions import has_python
from local_aws.testing.glue import Glue, wheel

GUARDED = "if __name__ == '__main__':\n    print(sys.modules['first'] == os.getppid(), __name__)\n"


def test_run_gets_merged_arguments_and_a_clean_environment(glue: Glue) -> None:
    script = "import sys, os, json; print(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]))"
    glue.job("arguments", script, DefaultArguments={"--env": "dev", "--layer": "STG", "--extra-py-files": ""})
    run = glue.run("arguments", Arguments={"--layer": "EDV", "--table_name": "FARM_H"})
    assert run["JobRunState"] == "SUCCEEDED"
    argv, env, _ = json.loads(glue.output(run)[0])
    assert dict(zip(argv[::2], argv[1::2], strict=True)) == {
        "--env": "dev",
        "--layer": "EDV",
        "--table_name": "FARM_H",
        "--JOB_NAME": "arguments",
        "--JOB_RUN_ID": run["Id"],
    }
    assert env["AWS_ENDPOINT_URL"] == glue.aws.endpoint_url
    assert env["AWS_SESSION_TOKEN"]
    assert "PYTEST_CURRENT_TEST" not in env
    assert "PYTHONPATH" not in env


def test_run_acts_as_the_role_of_the_job(glue: Glue) -> None:
    glue.job("role", "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])")
    run = glue.run("role")
    assert run["JobRunState"] == "SUCCEEDED", run
    assert ":assumed-role/glue/" in glue.output(run)[0]


def test_wheels_of_the_job_are_importable_and_those_of_the_tests_are_not(glue: Glue) -> None:
    one = glue.put(
        "wheels/one_module-1.0-py3-none-any.whl", wheel("one_module", "import two_module; VALUE = 41")
    )
    two = glue.put("wheels/two_module-1.0-py3-none-any.whl", wheel("two_module", "VALUE = 1"))
    script = (
        "import one_module, two_module, importlib.metadata as m\n"
        "print(one_module.VALUE + two_module.VALUE, m.version('one_module'))\n"
        "import moto"
    )
    glue.job("wheels", script, DefaultArguments={"--additional-python-modules": f"{one},{two}"})
    run = glue.run("wheels")
    assert glue.output(run) == ["42 1.0"]
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"] == "ModuleNotFoundError: No module named 'moto'"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "raise RuntimeError('table FARM_H: no such column x')",
            "RuntimeError: table FARM_H: no such column x",
        ),
        ("import sys; sys.exit('gone wrong')", "SystemExit: gone wrong"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("import os; os._exit(7)", "Command failed with exit code 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "Command failed with exit code 137"),
        ("def f(:\n", "SyntaxError: invalid syntax"),
    ],
)
def test_failure_reaches_the_error_message(glue: Glue, script: str, message: str) -> None:
    name = glue.job(f"fails-{abs(hash(script))}", script)
    run = glue.run(name)
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", message)


def test_traceback_is_in_the_error_log(glue: Glue) -> None:
    glue.job("traceback", "def load():\n    raise ValueError('bad row')\nload()")
    lines = glue.output(glue.run("traceback"), "error")
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "ValueError: bad row"


def test_more_runs_than_allowed_are_refused_and_free_again_afterwards(glue: Glue) -> None:
    glue.job("limited", "import time; time.sleep(30)", ExecutionProperty={"MaxConcurrentRuns": 2})
    runs = [glue.start("limited") for _ in range(2)]
    with pytest.raises(ClientError, match="Concurrent runs exceeded for limited") as refused:
        glue.start("limited")
    assert refused.value.response["Error"]["Code"] == "ConcurrentRunsExceededException"
    glue.api.batch_stop_job_run(JobName="limited", JobRunIds=runs)
    assert [glue.wait("limited", run)["JobRunState"] for run in runs] == ["STOPPED", "STOPPED"]
    again = glue.start("limited")
    glue.api.batch_stop_job_run(JobName="limited", JobRunIds=[again])
    assert glue.wait("limited", again)["JobRunState"] == "STOPPED"


def test_stopping_what_does_not_run_is_an_error_of_that_run(glue: Glue) -> None:
    glue.job("over", "pass")
    done = glue.run("over")["Id"]
    answer = glue.api.batch_stop_job_run(JobName="over", JobRunIds=[done, "jr_unknown"])
    assert [error["ErrorDetail"]["ErrorCode"] for error in answer["Errors"]] == [
        "JobRunNotInExecution",
        "EntityNotFoundException",
    ]


def test_run_over_its_timeout_is_killed(glue: Glue) -> None:
    glue.job("slow", "import time; time.sleep(60)", Timeout=1)
    began = time.monotonic()
    run = glue.run("slow")
    assert run["JobRunState"] == "TIMEOUT"
    assert run["ErrorMessage"] == "Job run exceeded its timeout of 1 minutes"
    assert time.monotonic() - began < 20, "one minute lasts a second here"


def test_a_second_run_does_not_start_python_again(glue: Glue) -> None:
    module = glue.put("wheels/heavy-1.0-py3-none-any.whl", wheel("heavy", "import time; time.sleep(0.7)"))
    glue.job(
        "warm",
        "import heavy, os; print(os.getppid())",
        DefaultArguments={"--additional-python-modules": module},
        ExecutionProperty={"MaxConcurrentRuns": 5},
    )
    first = glue.run("warm")
    began = time.monotonic()
    later = [glue.run("warm") for _ in range(3)]
    took = (time.monotonic() - began) / 3
    assert {glue.output(run)[0] for run in later} == {glue.output(first)[0]}, "they have the same parent"
    assert took < 0.7, "the module is not imported again"


def test_a_new_script_is_used_by_the_next_run(glue: Glue) -> None:
    glue.job("changing", "print('one')")
    first = glue.run("changing")
    glue.put("glue/changing.py", "print('two')")
    second = glue.run("changing")
    assert (glue.output(first), glue.output(second)) == (["one"], ["two"])


def test_a_script_with_a_main_guard_is_imported_once_and_run_as_main(glue: Glue) -> None:
    script = "import os\nif __name__ == '__main__':\n    print(VALUE)\n"
    slow = "import os, time; time.sleep(0.5); PARENT = os.getpid()\n" + script.replace(
        "VALUE", "os.getppid()"
    )
    glue.job("guarded", slow)
    first, second = glue.run("guarded"), glue.run("guarded")
    assert glue.output(first) == glue.output(second)


def test_what_a_run_imports_late_is_loaded_for_the_next_run(glue: Glue) -> None:
    script = (
        "import email, sys\n"
        "if __name__ == '__main__':\n"
        "    print('email.mime.audio' in sys.modules, 'colorsys' in sys.modules)\n"
        "    import email.mime.audio, colorsys\n"
    )
    glue.job("late", script)
    assert glue.output(glue.run("late")) == ["False False"]
    # only parts of packages that the script imports: anything else could depend on the run
    assert glue.output(glue.run("late")) == ["True False"]


def test_a_script_that_imports_the_sdk_finds_its_models_loaded(glue: Glue) -> None:
    script = (
        "import boto3\n"
        "if __name__ == '__main__':\n"
        "    print(boto3.DEFAULT_SESSION is not None, boto3.client('sts').get_caller_identity()['Arn'])\n"
    )
    glue.job("models", script)
    (line,) = glue.output(glue.run("models"))
    assert line.startswith("True ")
    assert ":assumed-role/glue/" in line


def test_runs_do_not_see_each_others_state(glue: Glue) -> None:
    script = "import json, os\nprint(hasattr(json, 'mark'), os.environ.get('MARK'))\njson.mark = os.environ['MARK'] = '1'"
    glue.job("isolated", script)
    assert [glue.output(glue.run("isolated")) for _ in range(2)] == [["False None"], ["False None"]]


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (
            {"Command": {"Name": "glueetl", "ScriptLocation": "s3://glue-bucket/none.py"}},
            "there is no such object",
        ),
        (
            {"Command": {"Name": "glueetl", "ScriptLocation": "s3://no-bucket/x.py"}},
            "there is no bucket no-bucket",
        ),
        ({"DefaultArguments": {"--additional-python-modules": "pandas==2.0"}}, "only wheels at s3://"),
        ({"GlueVersion": "9.9"}, "GlueVersion is 9.9; known are"),
        ({"GlueVersion": "3.0"}, "wants python3.7"),
    ],
)
def test_what_cannot_be_prepared_fails_the_run_with_the_reason(
    glue: Glue, definition: dict[str, Any], message: str
) -> None:
    name = glue.job(f"unprepared-{abs(hash(message))}", "pass")
    job = glue.api.get_job(JobName=name)["Job"]
    update = {key: job[key] for key in ("Role", "Command", "GlueVersion")} | definition
    glue.api.update_job(JobName=name, JobUpdate=update)
    run = glue.run(name)
    assert run["JobRunState"] == "FAILED"
    assert message in run["ErrorMessage"]


@pytest.mark.parametrize(("glue_version", "python"), [("4.0", "3.10"), ("5.1", "3.11"), ("6.0", "3.13")])
def test_glue_version_runs_its_python_or_the_run_says_that_it_is_missing(
    glue: Glue, glue_version: str, python: str
) -> None:
    module = glue.put("wheels/versioned-1.0-py3-none-any.whl", wheel("versioned", "VALUE = 1"))
    script = (
        "import sys, versioned, boto3\nif __name__ == '__main__':\n    print('%d.%d' % sys.version_info[:2])"
    )
    arguments = {"--additional-python-modules": module}
    name = glue.job(f"glue-{glue_version}", script, GlueVersion=glue_version, DefaultArguments=arguments)
    run = glue.run(name)
    if has_python(python):
        assert (run["JobRunState"], glue.output(run)) == ("SUCCEEDED", [python])
    else:
        assert f"wants python{python}, which is not on PATH" in run["ErrorMessage"]


def test_update_job_replaces_the_whole_definition(glue: Glue) -> None:
    glue.job("updated", "pass", Description="old", MaxRetries=2, Timeout=5, DefaultArguments={"--a": "1"})
    old = glue.api.get_job(JobName="updated")["Job"]
    glue.api.update_job(
        JobName="updated", JobUpdate={"Role": old["Role"], "Command": old["Command"], "Timeout": 7}
    )
    new = glue.api.get_job(JobName="updated")["Job"]
    assert (new["Timeout"], new["MaxRetries"], new["DefaultArguments"]) == (7, 0, {})
    assert "Description" not in new
    assert new["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
    assert new["CreatedOn"] == old["CreatedOn"]


def test_update_of_an_unknown_job_is_refused(glue: Glue) -> None:
    with pytest.raises(ClientError) as refused:
        glue.api.update_job(
            JobName="nobody", JobUpdate={"Role": "r", "Command": {"ScriptLocation": "s3://b/k"}}
        )
    assert refused.value.response["Error"]["Code"] == "EntityNotFoundException"


def test_runs_are_listed_newest_first_with_time_and_logs(glue: Glue) -> None:
    glue.job("listed", "pass", WorkerType="G.1X", NumberOfWorkers=2, Timeout=3)
    ids = [glue.run("listed")["Id"] for _ in range(3)]
    runs = glue.api.get_job_runs(JobName="listed")["JobRuns"]
    assert [run["Id"] for run in runs] == ids[::-1]
    assert runs[0]["MaxCapacity"] == 2.0
    assert runs[0]["Timeout"] == 3
    assert runs[0]["LogGroupName"] == "/aws-glue/jobs"
    assert runs[0]["ExecutionTime"] == 0


def test_killed_server_leaves_no_run_behind(tmp_path: Path) -> None:
    program = f"""
import time
from local_aws.server import LocalAws
aws = LocalAws(enforce=False); aws.start()
pids = {str(tmp_path / "pids")!r}
s3, glue = aws.client("s3"), aws.client("glue")
s3.create_bucket(Bucket="glue-bucket")
script = f"import os, time\\nopen({{pids!r}}, 'w').write(str(os.getpid()) + ' ' + str(os.getppid()))\\ntime.sleep(60)"
s3.put_object(Bucket="glue-bucket", Key="s.py", Body=script)
command = {{"Name": "glueetl", "ScriptLocation": "s3://glue-bucket/s.py"}}
glue.create_job(Name="j", Role="r", GlueVersion="5.1", Command=command)
glue.start_job_run(JobName="j")
print(aws._process.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    server = int(parent.stdout.readline())
    pids = [server, *wait_for_pids(tmp_path / "pids")]
    os.kill(server, signal.SIGKILL)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while any(running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [pid for pid in pids if running(pid)] == []


def wait_for_pids(path: Path) -> list[int]:
    deadline = time.monotonic() + 20
    while not (path.exists() and len(path.read_text().split()) == 2):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return [int(pid) for pid in path.read_text().split()]


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_second_job_of_a_name_is_refused_and_the_first_keeps_its_runs(glue: Glue) -> None:
    glue.job("twice", "print(1)")
    run = glue.run("twice")
    glue.job("twice", "print(1)")
    with pytest.raises(ClientError, match=r"IdempotentParameterMismatchException.*same name: twice"):
        glue.job("twice", "print(1)", Timeout=7)
    assert glue.api.get_job(JobName="twice")["Job"]["Timeout"] == 480
    assert glue.state("twice", run["Id"])["JobRunState"] == "SUCCEEDED"


def test_run_names_another_script_and_other_wheels_than_its_job(glue: Glue) -> None:
    key = "wheels/{}/released-1.0-py3-none-any.whl"
    old, new = (glue.put(key.format(name), wheel("released", f"V = {name!r}")) for name in ("old", "new"))
    job = glue.job(
        "job-of-releases",
        "import released, sys; print('job', released.V)",
        DefaultArguments={"--additional-python-modules": old, "--env": "dev"},
    )
    script = glue.put("glue/releases/1/script.py", "import released, sys; print(released.V, sys.argv[1:3])")
    assert glue.output(glue.run(job)) == ["job old"]
    given = {"--scriptLocation": script, "--additional-python-modules": new}
    run = glue.run(job, Arguments=given)
    assert glue.output(run) == ["new ['--env', 'dev']"]
    assert run["Arguments"] == given


def test_script_of_a_run_that_is_not_there_fails_the_run(glue: Glue) -> None:
    job = glue.job("unreleased", "print(1)")
    run = glue.run(job, Arguments={"--scriptLocation": "s3://glue-bucket/none.py"})
    assert run["JobRunState"] == "FAILED"
    assert "s3://glue-bucket/none.py" in run["ErrorMessage"]
