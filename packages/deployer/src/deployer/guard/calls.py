"""One AWS call as lock and journal see it: operation, target, and whether it changes anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Any other operation counts as a change: a journalled read costs one write, a missed change breaks the journal.
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
# Parameters that name the target of a call, most specific first; their values are names and ARNs, never content.
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
    """True unless the name of the operation begins like that of a read."""
    return not operation.startswith(_READS)


def target_of(parameters: Mapping[str, Any]) -> str:
    """The target of a call; "" when no parameter names it."""
    nested = parameters.get("ConnectionInput") or parameters.get("DatabaseInput") or {}
    found = next(
        (str(source[name]) for source in (parameters, nested) for name in _TARGETS if source.get(name)), ""
    )
    details = [str(parameters[name]) for name in _DETAILS if parameters.get(name)]
    return " ".join(filter(None, [found, *details]))
