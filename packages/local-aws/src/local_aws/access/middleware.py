"""WSGI middleware that authorizes each request before the emulator gets it.

The record of decisions is at `/_local/access`: GET reads it, DELETE resets it.
"""

import io
import json
from collections.abc import Callable, Iterable
from typing import Any

from local_aws.access import refusals
from local_aws.access.callers import Caller, Callers, ExpiredKeyError, UnknownKeyError
from local_aws.access.calls import Call, UnreadableCallError, parsed, protocol_of
from local_aws.access.decisions import PATH
from local_aws.access.evaluation import Permission
from local_aws.access.guard import DeniedError, Guard, denial_message
from local_aws.access.redaction import redacted
from local_aws.access.refusals import Refusal
from local_aws.access.services.all import UnknownOperationError, permissions_of
from local_aws.access.services.functions import REDACTED_OPERATIONS, redactable_fields
from local_aws.access.services.s3 import buckets
from local_aws.access.signature import Signature, signature_of

OPEN_PATHS = ("/moto-api", "/favicon.ico")
READS = frozenset({"GetObject", "HeadObject"})
CHUNK = 1 << 20
NO_FIELDS: frozenset[str] = frozenset()

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Enforcement:
    """Passes a request to the emulator, or refuses it with the error of its service."""

    def __init__(self, application: Application, guard: Guard, callers: Callers) -> None:
        self._application = application
        self._guard = guard
        self._callers = callers

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == PATH:
            return self._record(environ, start_response)
        if self._guard.enforced and not path.startswith(OPEN_PATHS):
            signature = signature_of(environ)
            answer = self._decide(environ, signature)
            if isinstance(answer, Refusal):
                return _send_refusal(environ, start_response, signature, answer)
            if answer:
                return redacted(answer, self._application, environ, start_response)
        return self._application(environ, start_response)

    def _decide(self, environ: dict[str, Any], signature: Signature | None) -> Refusal | frozenset[str]:
        """A refusal, or the fields of the answer that this caller may not see."""
        if signature is None:
            return Refusal(refusals.DENIED, "Access Denied")
        try:
            caller = self._callers.find(signature.key, signature.token)
        except UnknownKeyError:
            return Refusal(refusals.UNKNOWN_KEY, refusals.INVALID_TOKEN)
        except ExpiredKeyError:
            return Refusal(refusals.EXPIRED, refusals.EXPIRED_TOKEN)
        if caller.is_administrator:
            return NO_FIELDS
        try:
            return self._authorize(caller, environ, signature)
        except DeniedError as error:
            return Refusal(refusals.DENIED, str(error))

    def _authorize(self, caller: Caller, environ: dict[str, Any], signature: Signature) -> frozenset[str]:
        """The fields to leave out of the answer. Raises `DeniedError` when a permission is missing."""
        reads_body = signature.service != "s3" or "delete" in environ["QUERY_STRING"]
        try:
            call = parsed(signature, environ, _read_body(environ) if reads_body else b"")
        except UnreadableCallError as error:
            raise DeniedError(f"{_not_authorized(caller, signature.service)}:{error}") from None
        if call is None:
            path = environ.get("REQUEST_URI", environ["PATH_INFO"]).partition("?")[0]
            raise DeniedError(
                _unknown_operation_message(caller, signature.service, f"{environ['REQUEST_METHOD']} {path}")
            )
        if call.service == "s3" and _is_missing_bucket(call):
            return NO_FIELDS  # S3 answers 404 for a missing bucket, whatever the caller may do
        try:
            permissions = permissions_of(call)
        except UnknownOperationError:
            raise DeniedError(_unknown_operation_message(caller, call.service, call.operation)) from None
        if call.operation == "AssumeRole" and call.service == "sts":
            self._assume(caller, call, permissions)
            return NO_FIELDS
        self._guard.authorize(caller, permissions, call.region)
        if call.service == "s3" and call.operation in READS and _is_missing_object(call):
            bucket = f"arn:{call.partition}:s3:::{call.text('Bucket')}"
            self._guard.authorize(
                caller, [Permission("s3:ListBucket", bucket)], call.region
            )  # 403 instead of 404
        if call.service != "lambda" or call.operation not in REDACTED_OPERATIONS:
            return NO_FIELDS
        return frozenset(
            field
            for field, permission in redactable_fields(call)
            if not self._guard.allows(caller, permission, call.region)
        )

    def _assume(self, caller: Caller, call: Call, permissions: list[Permission]) -> None:
        """The role must trust the caller. A caller that the trust policy names needs no identity policy for it."""
        role = call.text("RoleArn")
        principals = (caller.principal_arn, caller.arn)
        policy = self._guard.identities.trust_policy(role)
        if policy is None or not any(
            self._guard.role_trusts(role, "AWS", arn, call.region) for arn in principals
        ):
            raise DeniedError(denial_message(caller, Permission("sts:AssumeRole", role), "").rstrip())
        named = {
            name for statement in policy.statements for kind, name in statement.principals if kind == "AWS"
        }
        if not named & set(principals):
            self._guard.authorize(caller, permissions, call.region)

    def _record(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "DELETE":
            self._guard.record.reset()
        body = json.dumps(self._guard.record.as_json()).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def _read_body(environ: dict[str, Any]) -> bytes:
    """Read the body, and put it back for the emulator."""
    body = b"".join(_body(environ))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _body(environ: dict[str, Any]) -> Iterable[bytes]:
    """The body, with a Content-Length or in chunks."""
    source = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        while chunk := source.read(CHUNK):
            yield chunk
        return
    left = int(environ.get("CONTENT_LENGTH") or 0)
    while left > 0 and (chunk := source.read(min(left, CHUNK))):
        left -= len(chunk)
        yield chunk


def _send_refusal(
    environ: dict[str, Any], start_response: Any, signature: Signature | None, refusal: Refusal
) -> Iterable[bytes]:
    for _ in _body(environ):  # an unread rest would be parsed as the next request of this connection
        pass
    service = signature.service if signature else "s3"
    protocol, head = protocol_of(service, environ), environ["REQUEST_METHOD"] == "HEAD"
    status, sent, body = refusals.answer(service, protocol, refusal, head=head)
    start_response(status, list(sent.items()))
    return [body]


def _unknown_operation_message(caller: Caller, service: str, operation: str) -> str:
    return (
        f"{_not_authorized(caller, service)}:{operation} because the local AWS does not "
        f"know which permissions it takes; add it to local_aws.access.services"
    )


def _not_authorized(caller: Caller, service: str) -> str:
    return f"User: {caller.arn} is not authorized to perform: {service}"


def _is_missing_bucket(call: Call) -> bool:
    name = call.text("Bucket")
    return bool(name) and call.operation != "CreateBucket" and name not in buckets(call)


def _is_missing_object(call: Call) -> bool:
    bucket = buckets(call).get(call.text("Bucket"))
    return bucket is not None and call.text("Key") not in bucket.keys
