"""One AWS call as the lock and the journal see it: what it is, what it is about, and whether it changes anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# What is not known to read counts as a change: to journal a read too many costs one write, to miss a change costs trust.
_READS = (
    "BatchGet",
    "Describe",
    "Filter",
    "Get",
    "Head",
    "List",
    "Query",
    "Search",
    "Simulate",
    "Test",
    "Validate",
)
# The parameter that names what a call is about, most telling first; values are names and ARNs, never content.
_TARGETS = (
    "Key",
    "FunctionName",
    "JobName",
    "RoleName",
    "PolicyArn",
    "logGroupName",
    "stateMachineArn",
    "stateMachineAliasArn",
    "stateMachineVersionArn",
    "DatabaseName",
    "ConnectionName",
    "QueueName",
    "QueueUrl",
    "Bucket",
    "resourceArn",
    "ResourceArn",
    "Resource",
    "Name",
    "name",
)
_DETAILS = ("PolicyName", "Qualifier", "FunctionVersion")


@dataclass(frozen=True)
class Call:
    """An operation of a service on a target, for example `lambda UpdateFunctionCode FSA-DEV-UploadConfig`."""

    service: str
    operation: str
    target: str

    def __str__(self) -> str:
        return f"{self.service} {self.operation} {self.target}".rstrip()


def changes_something(operation: str) -> bool:
    """True unless the operation's name is one of a read."""
    return not operation.startswith(_READS)


def target_of(parameters: Mapping[str, Any]) -> str:
    """Name of what a call is about; "" when no parameter tells."""
    nested = parameters.get("ConnectionInput") or parameters.get("DatabaseInput") or {}
    found = next(
        (str(source[name]) for source in (parameters, nested) for name in _TARGETS if source.get(name)), ""
    )
    details = [str(parameters[name]) for name in _DETAILS if parameters.get(name)]
    return " ".join(filter(None, [found, *details]))
