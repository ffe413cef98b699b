"""What is deployed, read back from an endpoint: what rivals must deploy too, and what they are checked against."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Client = Callable[[str], Any]

PREFIX = "FSA-LOCAL-"
ARTIFACTS = "fsa-local-cars-artifacts"


@dataclass(frozen=True)
class Role:
    """A role with its inline policies by name."""

    name: str
    arn: str
    trust: Mapping[str, Any]
    policies: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Function:
    """A function's settings as Lambda has them, and the built zip that its code came from."""

    name: str
    settings: Mapping[str, Any]
    zip: str  # relative to the build directory


@dataclass(frozen=True)
class Estate:
    """Six functions, their roles and log groups, the state machine, the Glue job with its files."""

    functions: tuple[Function, ...]
    roles: tuple[Role, ...]
    log_groups: Mapping[str, int]  # retention in days
    machine: Mapping[str, Any]
    job: Mapping[str, Any]
    files: Mapping[str, str]  # key in the artifact bucket -> path in the build directory


def read_estate(client: Client, build: Path) -> Estate:
    """Everything of one environment that is at the endpoint."""
    states, glue = client("stepfunctions"), client("glue")
    (machine,) = (item for item in states.list_state_machines()["stateMachines"] if _ours(item["name"]))
    described = states.describe_state_machine(stateMachineArn=machine["stateMachineArn"])
    (job,) = (item for item in glue.get_jobs()["Jobs"] if _ours(item["Name"]))
    return Estate(
        functions=_functions(client("lambda"), build),
        roles=_roles(client("iam")),
        log_groups=_log_groups(client("logs")),
        machine={**described, "definition": unqualified(described["definition"])},
        job=job,
        files=_files(client("s3"), build),
    )


def unqualified(definition: str) -> str:
    """A definition whose functions are named without a version: every deployer numbers its own."""
    return re.sub(r"(:function:[\w-]+):[\w$-]+", r"\1", definition)


def code_sha256(path: Path) -> str:
    """The CodeSha256 that Lambda gives a zip."""
    return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()


def _ours(name: str) -> bool:
    return name.startswith(PREFIX)


def _functions(functions: Any, build: Path) -> tuple[Function, ...]:
    zips = {code_sha256(path): str(path.relative_to(build)) for path in build.glob("lambda/*/*.zip")}
    found = [item for item in functions.list_functions()["Functions"] if _ours(item["FunctionName"])]
    return tuple(
        Function(item["FunctionName"], item, zips[item["CodeSha256"]])
        for item in sorted(found, key=lambda item: str(item["FunctionName"]))
    )


def _roles(iam: Any) -> tuple[Role, ...]:
    pages = iam.get_paginator("list_roles").paginate()
    return tuple(_role(iam, item) for page in pages for item in page["Roles"] if _ours(item["RoleName"]))


def _role(iam: Any, found: Mapping[str, Any]) -> Role:
    name = found["RoleName"]
    policies = {
        policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    }
    return Role(name, found["Arn"], found["AssumeRolePolicyDocument"], policies)


def _log_groups(logs: Any) -> dict[str, int]:
    pages = logs.get_paginator("describe_log_groups").paginate()
    groups = [group for page in pages for group in page["logGroups"] if PREFIX in group["logGroupName"]]
    return {group["logGroupName"]: group["retentionInDays"] for group in groups}


def _files(s3: Any, build: Path) -> dict[str, str]:
    local = {path.name: str(path.relative_to(build)) for path in build.glob("glue/*/**/*") if path.is_file()}
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=ARTIFACTS)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return {key: local[name] for key in keys if (name := key.rpartition("/")[2]) in local}


def problems(client: Client, estate: Estate, build: Path, *, glue: bool) -> list[str]:
    """What is not as it should be at an endpoint after a deploy of the estate; nothing when all is there and works."""
    found = [problem for function in estate.functions for problem in _broken(client, function, build)]
    found += _machine_problems(client("stepfunctions"), estate)
    roles = {role.name: role for role in _roles(client("iam"))}
    found += [f"role {role.name} differs" for role in estate.roles if not _same_role(role, roles)]
    groups = _log_groups(client("logs"))
    found += [f"log group {name} is missing" for name in estate.log_groups if name not in groups]
    return found + (_job_problems(client, estate) if glue else [])


def _broken(client: Client, function: Function, build: Path) -> list[str]:
    """The function must have the built code and its settings, and its own code must answer an empty event."""
    api = client("lambda")
    try:
        live = api.get_function_configuration(FunctionName=function.name)
    except api.exceptions.ResourceNotFoundException:
        return [f"function {function.name} is missing"]
    wrong = [
        name
        for name in _COMPARED
        if live.get(name) != function.settings.get(name) and name in function.settings
    ]
    if live["CodeSha256"] != code_sha256(build / function.zip):
        wrong.append("code")
    answer = api.invoke(FunctionName=function.name, Payload=b"{}")
    error = json.loads(answer["Payload"].read()).get("errorType", "") if "FunctionError" in answer else ""
    broken = (
        [f"function {function.name} cannot run: {error}"]
        if error.startswith(("Runtime.", "Sandbox."))
        else []
    )
    return broken + [f"function {function.name} differs in {name}" for name in wrong]


_COMPARED = ("Runtime", "Handler", "MemorySize", "Timeout", "Environment", "Role", "Description")


def _machine_problems(states: Any, estate: Estate) -> list[str]:
    arn = estate.machine["stateMachineArn"]
    try:
        live = states.describe_state_machine(stateMachineArn=arn)
    except states.exceptions.StateMachineDoesNotExist:
        return [f"state machine {arn} is missing"]
    same = json.loads(unqualified(live["definition"])) == json.loads(estate.machine["definition"])
    return [] if same and live["roleArn"] == estate.machine["roleArn"] else [f"state machine {arn} differs"]


def _same_role(role: Role, live: Mapping[str, Role]) -> bool:
    found = live.get(role.name)
    return found is not None and (list(role.policies.values()), role.trust) == (
        list(found.policies.values()),
        found.trust,
    )


def _job_problems(client: Client, estate: Estate) -> list[str]:
    glue, s3 = client("glue"), client("s3")
    names = [job["Name"] for job in glue.get_jobs()["Jobs"]]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=ARTIFACTS)
    keys = {item["Key"] for page in pages for item in page.get("Contents", [])}
    absent = [f"object {key} is missing" for key in estate.files if key not in keys]
    return absent + ([] if estate.job["Name"] in names else [f"Glue job {estate.job['Name']} is missing"])


def marks(client: Client, estate: Estate) -> dict[str, tuple[str, str]]:
    """What changes about a function when it is touched: revision and time of the last change."""
    found = {}
    for function in estate.functions:
        live = client("lambda").get_function_configuration(FunctionName=function.name)
        found[function.name] = (str(live.get("RevisionId")), str(live["LastModified"]))
    return found
