"""The estate as an Ansible playbook; JSON is YAML."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from _estate import ARTIFACTS, Estate, Function, Role

Task = dict[str, Any]


def playbook(estate: Estate, build: Path, python: Path) -> list[dict[str, Any]]:
    """One play: what is needed first is made first."""
    tasks = [
        *(_object(key, build / path) for key, path in estate.files.items()),
        *(_log_group(name, days) for name, days in estate.log_groups.items()),
        *(task for role in estate.roles for task in _role(role)),
        *(_function(function, build) for function in estate.functions),
        _job(estate.job),
        _machine(estate.machine),
    ]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": tasks}
    return [{**play, "vars": {"ansible_python_interpreter": str(python)}}]


def _object(key: str, path: Path) -> Task:
    arguments = {
        "bucket": ARTIFACTS,
        "object": key,
        "src": str(path),
        "mode": "put",
        "overwrite": "different",
    }
    return {"amazon.aws.s3_object": arguments}


def _log_group(name: str, days: int) -> Task:
    return {"amazon.aws.cloudwatchlogs_log_group": {"log_group_name": name, "retention": days}}


def _role(role: Role) -> list[Task]:
    made = {
        "name": role.name,
        "assume_role_policy_document": dict(role.trust),
        "create_instance_profile": False,
        "wait": False,
    }
    policies = [
        {"iam_type": "role", "iam_name": role.name, "policy_name": name, "policy_json": dict(document)}
        for name, document in role.policies.items()
    ]
    return [
        {"amazon.aws.iam_role": made},
        *({"amazon.aws.iam_policy": {**policy, "state": "present"}} for policy in policies),
    ]


def _function(function: Function, build: Path) -> Task:
    settings = function.settings
    return {
        "amazon.aws.lambda": {
            "name": function.name,
            "runtime": settings["Runtime"],
            "role": settings["Role"],
            "handler": settings["Handler"],
            "zip_file": str(build / function.zip),
            "description": settings["Description"],
            "timeout": settings["Timeout"],
            "memory_size": settings["MemorySize"],
            "environment_variables": settings["Environment"]["Variables"],
            "tracing_mode": settings["TracingConfig"]["Mode"],
            "architecture": settings["Architectures"][0],
        }
    }


def _job(job: Mapping[str, Any]) -> Task:
    return {
        "community.aws.glue_job": {
            "name": job["Name"],
            "role": job["Role"],
            "command_name": job["Command"]["Name"],
            "command_python_version": job["Command"]["PythonVersion"],
            "command_script_location": job["Command"]["ScriptLocation"],
            "connections": job["Connections"]["Connections"],
            "default_arguments": job["DefaultArguments"],
            "description": job["Description"],
            "glue_version": job["GlueVersion"],
            "max_concurrent_runs": job["ExecutionProperty"]["MaxConcurrentRuns"],
            "max_retries": job["MaxRetries"],
            "number_of_workers": job["NumberOfWorkers"],
            "timeout": job["Timeout"],
            "worker_type": job["WorkerType"],
            "state": "present",
        }
    }


def _machine(machine: Mapping[str, Any]) -> Task:
    return {
        "community.aws.stepfunctions_state_machine": {
            "name": machine["name"],
            "definition": machine["definition"],
            "role_arn": machine["roleArn"],
        }
    }
