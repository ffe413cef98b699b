"""The warm process of a job: imports what the script imports once, then forks a child for every run.

A script with an `if __name__ == "__main__":` guard is imported as a whole; of any other only the imports are done.
What libraries load only on first use is loaded here too: the AWS SDK's models after the imports, and the modules that
a run imported late once that run has ended.

Run by path with `python -I -S` and nothing but the standard library. One JSON argument:
`{"parent": pid, "helpers": dir of parent_death_signal.py, "path": [...], "script": file}`.
Reads one JSON request per line:
`{"run": id, "argv": [...], "env": {...}, "cwd": dir}` or `{"kill": id, "signal": number}`.
Writes one JSON event per line: `{"ready": true}`, `{"started": id}`,
`{"ended": id, "status": wait status, "peak_kb": resident memory}`.
A child writes `stdout`, `stderr`, `imports` and, when it fails, `error` into its `cwd`.
"""

import ast
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import sys
import threading
import time
import traceback
import types
from typing import Any

WARM_NAME = "__glue_warm__"
LONGEST_MESSAGE = 2000
SDK_SERVICES = ("s3", "secretsmanager")  # those that jobs use most; each costs a run about 0.1 s to load
# numpy's OpenBLAS and OpenMP libraries start their threads when they are imported, and a fork copies only one thread
SINGLE_THREADED = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def main() -> None:
    spec = json.loads(sys.argv[1])
    sys.path.append(spec["helpers"])
    import parent_death_signal  # type: ignore[import-not-found]

    parent_death_signal.die_with(spec["parent"])
    sys.path.remove(spec["helpers"])
    sys.path[:0] = spec["path"]
    answers = os.dup(1)
    os.dup2(2, 1)
    os.environ.update(SINGLE_THREADED)
    code = load(spec["script"])
    with contextlib.suppress(BaseException):  # the child meets the same error and reports it
        execute(importable_part(spec["script"]), spec["script"], WARM_NAME)
    load_sdk_models()
    gc.collect()
    gc.freeze()
    WarmProcess(code, spec["script"], answers, parent_death_signal.die_with).serve()


def load(script: str) -> Any:
    """The compiled script, or the error that compiling it raised."""
    with open(script, "rb") as source:  # noqa: PTH123 - pathlib costs a millisecond of every start
        try:
            return compile(source.read(), script, "exec")
        except (SyntaxError, ValueError) as error:
            return error


def importable_part(script: str) -> Any:
    """The part of the script that can be executed without running the job."""
    with open(script, "rb") as source:  # noqa: PTH123
        tree = ast.parse(source.read(), script)
    if not any(isinstance(node, ast.If) and "__name__" in ast.unparse(node.test) for node in tree.body):
        tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return compile(tree, script, "exec")


def execute(code: Any, script: str, name: str) -> None:
    """Run the script as module `name`."""
    if isinstance(code, BaseException):
        raise code
    module = types.ModuleType(name)
    module.__file__ = script
    sys.modules[name] = module
    exec(code, module.__dict__)  # noqa: S102 - running the deployed script is the purpose


def load_sdk_models() -> None:
    """Load the models of `SDK_SERVICES` into boto3's default session, where the script has imported boto3.

    Opens no connection and looks for no credentials: those are the run's own.
    """
    boto3, botocore = sys.modules.get("boto3"), sys.modules.get("botocore")
    if boto3 is None or botocore is None:
        return
    with contextlib.suppress(
        BaseException
    ):  # a bundle's own boto3 may be older or broken: the run reports it
        config = botocore.config.Config(signature_version=botocore.UNSIGNED)
        for service in SDK_SERVICES:
            boto3.client(service, region_name="us-east-1", config=config)


def late_imports(cwd: str) -> list[str]:
    """The modules a run imported that this process lacks, of packages it has."""
    try:
        with open(os.path.join(cwd, "imports"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
            names = file.read().split()
    except OSError:  # the run was killed
        return []
    return [name for name in names if name not in sys.modules and name.partition(".")[0] in sys.modules]


def import_late(names: list[str]) -> None:
    """Import what an earlier run imported late, so that the next run finds it loaded."""
    for name in names:
        with contextlib.suppress(BaseException):  # it may work only in a run: the next run imports it again
            importlib.import_module(name)
    if names:
        gc.collect()
        gc.freeze()


class WarmProcess:
    def __init__(self, code: Any, script: str, answers: int, die_with: Any) -> None:
        self.code = code
        self.script = script
        self.answers = answers
        self.die_with = die_with
        self.children: dict[int, tuple[str, str]] = {}  # process id -> run, working directory
        self.wake_read, self.wake_write = os.pipe()

    def serve(self) -> None:
        """Answer requests and report ended children until the input ends."""
        os.set_blocking(self.wake_write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        self.tell({"ready": True})
        buffer = b""
        while True:
            readable, _, _ = select.select([0, self.wake_read], [], [])
            if self.wake_read in readable:
                os.read(self.wake_read, 4096)
                self.reap()
            if 0 in readable:
                chunk = os.read(0, 65536)
                if not chunk:
                    break
                *lines, buffer = (buffer + chunk).split(b"\n")
                for line in lines:
                    self.answer(json.loads(line))
        for pid in self.children:
            kill_group(pid, signal.SIGKILL)

    def tell(self, event: dict[str, Any]) -> None:
        os.write(self.answers, json.dumps(event).encode() + b"\n")

    def answer(self, request: dict[str, Any]) -> None:
        if "kill" in request:
            for pid, (run, _) in self.children.items():
                if run == request["kill"]:
                    kill_group(pid, request["signal"])
            return
        warm = os.getpid()
        pid = os.fork()
        if pid == 0:
            self.child(request, warm)
        self.children[pid] = (request["run"], request["cwd"])
        self.tell({"started": request["run"]})

    def reap(self) -> None:
        while self.children:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                return
            kill_group(pid, signal.SIGKILL)  # what the run left behind
            run, cwd = self.children.pop(pid)
            late = late_imports(cwd)  # before the event: the directory is deleted after it
            self.tell({"ended": run, "status": status, "peak_kb": usage.ru_maxrss})
            import_late(late)

    def child(self, request: dict[str, Any], warm: int) -> None:
        """Execute the run in this process; never returns."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            self.die_with(warm)
            for descriptor in (self.answers, self.wake_read, self.wake_write):
                os.close(descriptor)
            become(request)
            status = run_script(self.code, self.script)
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(BaseException):
                sys.stdout.flush()
                sys.stderr.flush()
            with contextlib.suppress(BaseException):
                report_imports(request["cwd"])
            os._exit(status)


def kill_group(pid: int, number: int) -> None:
    for target in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            target(pid, number)


def become(request: dict[str, Any]) -> None:
    os.chdir(request["cwd"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    os.dup2(os.open("stdout", flags, 0o600), 1)
    os.dup2(os.open("stderr", flags, 0o600), 2)
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    sys.argv = request["argv"]


def run_script(code: Any, script: str) -> int:
    """0 when the script ended well; else the message goes to the file `error` and the answer is 1."""
    try:
        execute(code, script, "__main__")
        threading._shutdown()  # type: ignore[attr-defined]  # wait for its threads, as the interpreter would
    except SystemExit as leave:
        if leave.code in (None, 0):
            return 0
        report(leave)
        return 1
    except BaseException as error:
        report(error)
        return 1
    return 0


def report(error: BaseException) -> None:
    if not isinstance(error, SystemExit):
        traceback.print_exc()
    message = "".join(traceback.format_exception_only(error)).strip()
    if isinstance(error, SyntaxError):
        message = message.splitlines()[-1]
    with open("error", "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        file.write(message[:LONGEST_MESSAGE])


def report_imports(cwd: str) -> None:
    with open(os.path.join(cwd, "imports"), "w", encoding="utf-8") as file:  # noqa: PTH118, PTH123
        file.write("\n".join(list(sys.modules)))


if __name__ == "__main__":
    main()
