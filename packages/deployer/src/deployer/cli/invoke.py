"""`invoke`: calls one function with an event file, deployed or in a local process."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from deployer.blueprint.specs import SPECS, Spec, find_spec
from deployer.build_output.reading import load_lambda
from deployer.cli.errors import explained
from deployer.cli.options import BuildDir, ConfigDir, EnvironmentName, build_dir_of, environment_of
from deployer.cli.terminal import print_json
from deployer.deploying.deployment import open_deployment
from deployer.environment_file import Environment
from deployer.errors import BuildError, InvokeError
from deployer.invoke.deployed import call
from deployer.invoke.local import LocalCall, call_locally

FunctionName = Annotated[
    str, typer.Argument(metavar="FUNCTION", help="For example DownloadZip or edv-check-results.")
]
EventFile = Annotated[Path, typer.Argument(metavar="EVENT_FILE", help="JSON event, - for standard input.")]
Local = Annotated[
    bool, typer.Option("--local", help="Run the built zip here instead of the deployed function.")
]


def invoke(
    env: EnvironmentName,
    function: FunctionName,
    event_file: EventFile,
    local: Local = False,
    config_dir: ConfigDir = None,
    build_dir: BuildDir = None,
) -> None:
    """Invoke a function and print its answer; exit code 1 with error type and message when it fails."""
    with explained():
        environment = environment_of(env, config_dir)
        spec = _spec(function, environment)
        event = read_event(event_file)
        answer = _here(spec, environment, build_dir, event) if local else _there(spec, environment, event)
        print_json(answer)


def _spec(function: str, environment: Environment) -> Spec:
    spec = find_spec(function, environment.prefix)
    if spec is None:
        known = ", ".join(known.suffix for known in SPECS)
        raise InvokeError(f"no function is called '{function}'; known ones: {known}")
    return spec


def _here(spec: Spec, environment: Environment, build_dir: Path | None, event: Any) -> Any:
    path = build_dir_of(build_dir) / "lambda" / environment.runtime / f"{spec.package}.zip"
    if not path.is_file():
        raise BuildError(f"{path} is missing; run nox -s build, or pass --build-dir")
    return call_locally(LocalCall(spec, load_lambda(path), environment), event)


def _there(spec: Spec, environment: Environment, event: Any) -> Any:
    deployment = open_deployment(environment)
    invoker = deployment.clients.invoker(spec.timeout_seconds + 30)
    return call(invoker, deployment.names.function(spec.suffix), event)


def read_event(file: Path) -> Any:
    """JSON of the event file. Raises InvokeError."""
    try:
        text = typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text("utf-8-sig")
        return json.loads(text)
    except OSError as error:
        raise InvokeError(f"event file {file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InvokeError(f"event file {file} is not JSON: {error}") from error
