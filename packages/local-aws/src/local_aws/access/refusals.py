"""The error responses of the services for refused calls, by protocol."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

Answer = tuple[str, dict[str, str], bytes]  # status line, headers, body
Written = tuple[str, str, bytes]  # status line, content type, body


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call is refused, independent of the protocol: `kind` is denied, unknown-key or expired."""

    kind: str
    message: str


DENIED, UNKNOWN_KEY, EXPIRED = "denied", "unknown-key", "expired"
INVALID_TOKEN = "The security token included in the request is invalid."  # noqa: S105 - a message of AWS
EXPIRED_TOKEN = "The security token included in the request is expired"  # noqa: S105
CODES: Mapping[str, Mapping[str, str]] = {
    DENIED: {
        "": "AccessDeniedException",
        "query": "AccessDenied",
        "ec2": "UnauthorizedOperation",
        "s3": "AccessDenied",
    },
    UNKNOWN_KEY: {
        "": "UnrecognizedClientException",
        "query": "InvalidClientTokenId",
        "ec2": "AuthFailure",
        "s3": "InvalidAccessKeyId",
    },
    EXPIRED: {
        "": "ExpiredTokenException",
        "query": "ExpiredToken",
        "ec2": "RequestExpired",
        "s3": "ExpiredToken",
    },
}
SERVICE_CODES = {("sns", DENIED): "AuthorizationError", ("sqs", DENIED): "AccessDenied"}


def answer(service: str, protocol: str, refusal: Refusal, *, head: bool = False) -> Answer:
    """Status, headers and body of a refusal in the protocol of the service."""
    codes = CODES[refusal.kind]
    code = SERVICE_CODES.get((service, refusal.kind)) or codes.get(
        "s3" if service == "s3" else protocol, codes[""]
    )
    request_id = str(uuid.uuid4())
    status, kind, body = WRITERS.get(protocol, _rest_json)(code, refusal.message, request_id)
    headers = {"Content-Type": kind, "x-amzn-requestid": request_id}
    if protocol in {"json", "rest-json"}:
        headers["x-amzn-errortype"] = code
    if protocol == "cbor":
        headers["smithy-protocol"] = "rpc-v2-cbor"
    if service == "sqs":
        headers["x-amzn-query-error"] = f"{code};Sender"
    sent = b"" if head else body
    return status, {**headers, "Content-Length": str(len(sent))}, sent


def _json(code: str, message: str, _: str) -> Written:
    body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
    return "400 BAD REQUEST", "application/x-amz-json-1.1", body


def _rest_json(code: str, message: str, _: str) -> Written:
    body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
    return "403 FORBIDDEN", "application/json", body


def _query(code: str, message: str, request_id: str) -> Written:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    body = f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
    return "403 FORBIDDEN", "text/xml", body.encode()


def _ec2(code: str, message: str, request_id: str) -> Written:
    error = f"<Errors><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error></Errors>"
    return (
        "403 FORBIDDEN",
        "text/xml",
        f"<Response>{error}<RequestID>{request_id}</RequestID></Response>".encode(),
    )


def _xml(code: str, message: str, request_id: str) -> Written:
    body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message><RequestId>{request_id}</RequestId></Error>"
    return "403 FORBIDDEN", "application/xml", body.encode()


def _cbor(code: str, message: str, _: str) -> Written:
    body = b"\xa2" + b"".join(map(_cbor_text, ("__type", code, "message", message)))
    return "400 BAD REQUEST", "application/cbor", body


def _cbor_text(text: str) -> bytes:
    raw = text.encode()
    return b"\x7a" + len(raw).to_bytes(4, "big") + raw


WRITERS: Mapping[str, Callable[[str, str, str], Written]] = {
    "json": _json,
    "rest-json": _rest_json,
    "query": _query,
    "ec2": _ec2,
    "rest-xml": _xml,
    "cbor": _cbor,
}
