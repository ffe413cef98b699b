"""Finds, reads and checks an environment file; every problem is reported at once."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deployer.environment_file.builtin import local
from deployer.environment_file.environment import Environment
from deployer.environment_file.problems import describe
from deployer.environment_file.repository import repository_root
from deployer.environment_file.schema import ConfigFile, StepFunctions
from deployer.environment_file.workers import worker_notes, worker_problems
from deployer.errors import ConfigError

CONFIG_DIR_VARIABLE = "CARS_CONFIG_DIR"
_FILES: Mapping[str, tuple[str, ...]] = {
    "prod": ("prod.json",),
    "dev": ("dev.json",),
    "cert": ("cert.json", "dev.json"),
    "steam": ("carssteam.json",),
    "carssteam": ("carssteam.json",),
}
_CHECKED = {"prod", "dev", "cert"}
_TOKEN = re.compile(r"[a-z][a-z0-9-]*")
_UNUSED = {"config_data": "configData", "ssm": "ssm", "paths": "paths"}


def load_environment(name: str, config_dir: Path | None = None) -> Environment:
    """The environment called `name` (prod, dev, cert, steam, local or the stem of another file).

    Raises ConfigError with every problem of the file, or with the place where a missing file is expected.
    """
    if name == "local":
        return environment_from(name, "built-in local environment", local())
    path = find_file(name, config_dir or default_config_dir())
    return environment_from(name, path.name, read_json(path))


def default_config_dir() -> Path:
    """CARS_CONFIG_DIR, or ../../config/cars beside the repository."""
    configured = os.environ.get(CONFIG_DIR_VARIABLE)
    return Path(configured) if configured else repository_root() / "../../config/cars"


def find_file(name: str, directory: Path) -> Path:
    """The first existing file of the environment in `directory`."""
    candidates = [directory / file for file in _FILES.get(name, (f"{name}.json",))]
    for path in candidates:
        if path.is_file():
            return path
    present = sorted(path.name for path in directory.glob("*.json")) if directory.is_dir() else []
    have = f"it holds {', '.join(present)}" if present else "the directory is missing or holds no .json file"
    raise ConfigError(
        f"environment '{name}' needs {' or '.join(path.name for path in candidates)} in {directory.resolve()}; "
        f"{have}; pass --config-dir or set {CONFIG_DIR_VARIABLE} (environment 'local' needs no file)"
    )


def read_json(path: Path) -> Any:
    """JSON of a file; a repeated key is an error, because a JSON parser silently keeps the last one."""
    try:
        return json.loads(path.read_text("utf-8-sig"), object_pairs_hook=_once)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: cannot be read: {error}") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise ConfigError(f"{path.name}: not valid JSON at {where}: {error.msg.lower()}") from error
    except _RepeatedKeyError as error:
        raise ConfigError(f"{path.name}: key '{error}' appears twice in one object; keep one") from error


class _RepeatedKeyError(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedKeyError(key)
        found[key] = value
    return found


def environment_from(name: str, source: str, raw: Any) -> Environment:
    """Checks the content of one file against the schema and the asked environment."""
    try:
        config = ConfigFile.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(_listing(source, describe(error, raw))) from None
    env, guessed = data_token(config)
    problems = [*_cross_checks(config), *_mismatch(name, config, env, guessed)]
    if problems:
        raise ConfigError(_listing(source, problems))
    return Environment(name, source, config, env, tuple(_notes(source, config, env, guessed)))


def _listing(source: str, problems: list[str]) -> str:
    count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
    return f"{source}: {count}: " + "; ".join(problems)


def data_token(config: ConfigFile) -> tuple[str, bool]:
    """The lower-case token used in data, and whether it had to be guessed from `deployEnv`."""
    explicit = config.env or config.glue.job_parameters.get("--env")
    return (explicit, False) if explicit else (config.deploy_env.lower(), True)


def _cross_checks(config: ConfigFile) -> Iterable[str]:
    vpc = config.lambda_vpc
    if vpc is not None and bool(vpc.subnet_ids) != bool(vpc.security_group_ids):
        missing = "securityGroupIds" if vpc.subnet_ids else "subnetIds"
        yield f"lambdaVpc.{missing} is empty (give both subnets and security groups, or neither)"
    env = config.glue.job_parameters.get("--env")
    if env and not config.env and not _TOKEN.fullmatch(env):
        yield f"GlueJobParameters.JobParameters.--env is '{env}' (the lower-case data token, for example prod)"
    yield from _two_roles(config.step_functions)
    yield from worker_problems(config.glue)
    key = config.kms_key_arn
    if key and key.split(":")[3] != config.region:
        yield f"kmsKeyArn is '{key}' (a key of region {config.region}, where everything it protects is)"


def _two_roles(role: StepFunctions) -> Iterable[str]:
    arn, name = role.role_arn, role.role_name
    if role.create_role_if_missing and arn and name and arn.rpartition("/")[2] != name:
        yield f"stepFunctions.roleName is '{name}' but roleArn is '{arn}' (the same role, or only one of them)"


def _mismatch(name: str, config: ConfigFile, env: str, guessed: bool) -> Iterable[str]:
    """Checked only for files that are easily confused: `dev.json` serves two environments, and `prod` is worth a check."""
    by_name = name in config.deploy_env.lower()
    matches = by_name if guessed else env == name
    if name in _CHECKED and not matches:
        yield (
            f"the file is for env '{env}' (deployEnv '{config.deploy_env}') but '{name}' was asked for "
            f"(ask for the environment the file describes, or point --config-dir at its files)"
        )


def _without_a_database(source: str, config: ConfigFile) -> Iterable[str]:
    """A deploy without them succeeds, and then no run can load a table."""
    if not config.secret_name and "--secret_name" not in config.glue.job_parameters:
        yield f"{source}: warning: secretName is absent: no run can log in to the database; name the secret"
    if not config.glue.connections:
        yield (
            f"{source}: warning: GlueJobParameters.Connections is empty: the job reaches only databases outside a VPC; "
            f"name its connection"
        )


def _notes(source: str, config: ConfigFile, env: str, guessed: bool) -> Iterable[str]:
    unused = [alias for field, alias in _UNUSED.items() if getattr(config, field) is not None]
    if unused:
        yield f"{source}: {', '.join(unused)} accepted but used by nothing"
    yield from (f"{source}: {note}" for note in worker_notes(config.glue))
    argument = config.glue.job_parameters.get("--env", env)
    if argument != env:
        yield (
            f"{source}: warning: env is '{env}' but GlueJobParameters.JobParameters.--env is '{argument}': "
            f"the functions get the first, the Glue job's default argument is the second"
        )
    yield from _without_a_database(source, config)
    if guessed:
        yield (
            f"{source}: warning: env was guessed as '{env}' from deployEnv '{config.deploy_env}'; "
            f"set env (dev, cert, prod) so that data is looked for in fsa-<env>-cars"
        )
