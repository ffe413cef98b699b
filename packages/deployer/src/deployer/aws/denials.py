"""Denied calls: which action on which resource, also for HEAD requests, which S3 answers without a message."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, message_of

CLOSED = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "UnauthorizedOperation",
    }
)
_SENTENCE = re.compile(
    r"(?:User: (\S+) )?is not authorized to perform: (\S+)(?: on resource: (\S+))?(.*)", re.DOTALL
)
_WAY_OUT = "nox -s plan -- ENV --needs-iam prints the policy that the deployer needs for an environment"
# HEAD has no body, so the answer cannot say what is missing (S3 API reference, HeadObject and HeadBucket).
_SILENT = {"HeadObject": "s3:GetObject", "HeadBucket": "s3:ListBucket"}
_MISSING = {"HeadObject": "or s3:ListBucket on its bucket when the object does not exist"}
_PLACE = "cars_place"


@dataclass(frozen=True)
class Denial:
    """A denied action, its resource where AWS names one, and the reason that AWS gives."""

    action: str
    resource: str | None = None
    reason: str = ""
    caller: str | None = None

    def __str__(self) -> str:
        what = f"{self.action} on {self.resource}" if self.resource else self.action
        who = f" for {self.caller}" if self.caller else ""
        why = f" ({self.reason})" if self.reason else ""
        return f"not allowed: {what}{who}{why}; {_WAY_OUT}"


def denial_of(error: BaseException | None) -> Denial | None:
    """The denial that caused an error, directly or through the errors it was raised from."""
    for cause in _causes(error):
        if isinstance(cause, ClientError) and code_of(cause) in CLOSED:
            found = _SENTENCE.search(message_of(cause))
            if found is None:
                return Denial(cause.operation_name, reason=message_of(cause))
            return Denial(found[2], found[3], found[4].strip(), found[1])
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def speak_for_silent_answers(session: boto3.Session) -> None:
    """Adds to denied HEAD calls of this session the message that other denied calls have."""
    for operation in _SILENT:
        session.events.register(f"provide-client-params.s3.{operation}", _remember)
        session.events.register(f"after-call.s3.{operation}", _speak)


def _remember(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[_PLACE] = "/".join(params[name] for name in ("Bucket", "Key") if params.get(name))


def _speak(http_response: Any, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    if http_response.status_code == 403:
        action, place = _SILENT[model.name], context.get(_PLACE, "")
        error = parsed.setdefault("Error", {})
        sentence = f"the caller is not authorized to perform: {action} on resource: s3://{place}"
        error["Message"] = f"{sentence} {_MISSING.get(model.name, '')}".rstrip()
