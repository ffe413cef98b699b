"""The estate as a CloudFormation template; what CloudFormation, SAM and Serverless have in common."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from _estate import Estate, Function, Role

SETTINGS = ("FunctionName", "Runtime", "Handler", "MemorySize", "Timeout", "Description")
Resources = dict[str, dict[str, Any]]


def logical(name: str) -> str:
    """A logical id: letters and digits only."""
    return re.sub(r"\W|_", "", name.title())


def template(estate: Estate, build: Path) -> dict[str, Any]:
    """The whole estate but the Glue job, with local paths where code belongs."""
    resources = {**support(estate), **functions(estate, build), **machine(estate)}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def support(estate: Estate) -> Resources:
    """Roles and log groups."""
    groups: Resources = {
        logical(name): {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {"LogGroupName": name, "RetentionInDays": days},
        }
        for name, days in estate.log_groups.items()
    }
    return {**groups, **{logical(role.name): _role(role) for role in estate.roles}}


def functions(estate: Estate, build: Path) -> Resources:
    """The functions; `Code` is a local path that the tool uploads."""
    return {logical(function.name): _function(function, build) for function in estate.functions}


def machine(estate: Estate) -> Resources:
    """The state machine, made after the functions it names."""
    found = estate.machine
    properties = {
        "StateMachineName": found["name"],
        "RoleArn": found["roleArn"],
        "DefinitionString": found["definition"],
    }
    needs = [logical(function.name) for function in estate.functions] + [
        logical(found["roleArn"].rpartition("/")[2])
    ]
    return {
        logical(found["name"]): {
            "Type": "AWS::StepFunctions::StateMachine",
            "DependsOn": needs,
            "Properties": properties,
        }
    }


def _role(role: Role) -> dict[str, Any]:
    policies = [{"PolicyName": name, "PolicyDocument": document} for name, document in role.policies.items()]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": role.name,
            "AssumeRolePolicyDocument": role.trust,
            "Policies": policies,
        },
    }


def _function(function: Function, build: Path) -> dict[str, Any]:
    settings = function.settings
    role = logical(settings["Role"].rpartition("/")[2])
    return {
        "Type": "AWS::Lambda::Function",
        "DependsOn": [logical(f"/aws/lambda/{function.name}")],
        "Properties": {
            **{name: settings[name] for name in SETTINGS},
            "Environment": settings["Environment"],
            "TracingConfig": {"Mode": settings["TracingConfig"]["Mode"]},
            "Role": {"Fn::GetAtt": [role, "Arn"]},
            "Code": str(build / function.zip),
        },
    }
