"""What an HTTP request asks for: service, operation and parameters, read with botocore's own service models."""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

import botocore.session
from botocore.model import OperationModel, ServiceModel

MODEL_OF_SERVICE = {
    "states": "stepfunctions",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
}
NO_BODY = frozenset({"s3"})  # contents are not parameters; the one exception says so itself
LITERAL_NOISE = "x-id"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an AWS API; `params` has the names of the API."""

    service: str
    operation: str
    params: Mapping[str, Any]
    region: str
    account: str
    partition: str = "aws"

    def arn(self, service: str, resource: str) -> str:
        """ARN of a regional resource of this account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def text(self, name: str) -> str:
        """A parameter that is text, empty when it is absent."""
        value = self.params.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of an HTTP request that say what is asked for; the path is as it was sent, still quoted."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Route:
    """How a REST operation is recognised."""

    operation: str
    method: str
    path: re.Pattern[str]
    keys: Mapping[str, str]  # of the query, with the value they must have ('' for any)
    headers: frozenset[str]
    weight: int
    uri_names: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=64)
def service_model(service: str) -> ServiceModel | None:
    """botocore's model of a service by its signing name, None when there is no such service."""
    session = botocore.session.get_session()
    name = MODEL_OF_SERVICE.get(service, service)
    return session.get_service_model(name) if name in session.get_available_services() else None


def protocol_of(service: str, headers: Mapping[str, str]) -> str:
    """The protocol of a request: services speak several."""
    model = service_model(service)
    declared: str = model.metadata.get("protocol", "") if model else ""
    if declared.startswith("rest"):
        return declared
    if "smithy-protocol" in headers:
        return "cbor"
    if "x-amz-target" in headers:
        return "json"
    return "ec2" if declared == "ec2" else "query"


def parsed(service: str, request: Request, region: str, account: str) -> Call | None:
    """The call, None when the request is none of this service's operations."""
    model = service_model(service)
    if model is None:
        return None
    match protocol_of(service, request.headers):
        case "json":
            operation = request.headers["x-amz-target"].rpartition(".")[2]
            params = _json(request)
        case "cbor":
            operation = request.path.rpartition("/")[2]
            params = _cbor(request)
        case "query" | "ec2":
            params = _query(request)
            operation = params.pop("Action", "")
        case _:
            return _rest_call(service, model, request, region, account)
    return Call(service, operation, params, region, account) if operation else None


def _json(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(_plain_body(request) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _cbor(request: Request) -> dict[str, Any]:
    from io import BufferedReader, BytesIO

    from botocore.parsers import RpcV2CBORParser

    body = _plain_body(request)
    found = RpcV2CBORParser().parse_data_item(BufferedReader(BytesIO(body))) if body else {}
    return found if isinstance(found, dict) else {}


def _query(request: Request) -> dict[str, Any]:
    """Parameters of the query protocol; lists and maps are folded: `Tags.member.1.Key` becomes Tags: [{Key: ...}]."""
    text = _plain_body(request).decode(errors="replace") or request.query
    folded: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        place = folded
        *parents, last = name.split(".")
        for parent in parents:
            following = place.setdefault(parent, {})
            if not isinstance(following, dict):
                break
            place = following
        place[last] = value
    return {name: _unfolded(value) for name, value in folded.items()}


def _unfolded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    for wrapper in ("member", "entry"):
        if set(value) == {wrapper}:
            value = value[wrapper]
    if isinstance(value, dict) and value and all(key.isdecimal() for key in value):
        return [_unfolded(value[key]) for key in sorted(value, key=int)]
    return {key: _unfolded(item) for key, item in value.items()} if isinstance(value, dict) else value


def _rest_call(service: str, model: ServiceModel, request: Request, region: str, account: str) -> Call | None:
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    for route in _routes(service, request.method):
        found = route.path.fullmatch(request.path)
        if found is None or not _fits(route, query, request.headers):
            continue
        params: dict[str, Any] = {
            route.uri_names[name]: unquote(value) for name, value in found.groupdict().items()
        }
        operation = model.operation_model(route.operation)
        params |= dict(_located(operation, query, request.headers))
        if service not in NO_BODY and operation.input_shape and not _has_payload(operation):
            params |= _json(request)
        elif route.operation == "DeleteObjects":
            params["Keys"] = re.findall(r"<Key>(.*?)</Key>", request.body.decode(errors="replace"))
        return Call(service, route.operation, params, region, account)
    return None


def _has_payload(operation: OperationModel) -> bool:
    return operation.input_shape is not None and "payload" in operation.input_shape.serialization


def _fits(route: Route, query: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    return route.headers <= headers.keys() and all(
        key in query and value in {"", query[key]} for key, value in route.keys.items()
    )


def _located(
    operation: OperationModel, query: Mapping[str, str], headers: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    members = operation.input_shape.members if operation.input_shape else {}
    for name, shape in members.items():
        place, key = shape.serialization.get("location"), shape.serialization.get("name", name)
        if place == "querystring" and key in query:
            yield name, query[key]
        elif place == "header" and key.lower() in headers:
            yield name, headers[key.lower()]


@lru_cache(maxsize=256)
def _routes(service: str, method: str) -> tuple[Route, ...]:
    """The operations of a REST service with one HTTP method, the most particular first."""
    model = service_model(service)
    if model is None:
        return ()
    found = [_route(model.operation_model(name)) for name in model.operation_names]
    return tuple(
        sorted((route for route in found if route.method == method), key=lambda route: -route.weight)
    )


def _route(operation: OperationModel) -> Route:
    path, _, query = operation.http["requestUri"].partition("?")
    keys = {key: value for key, value in parse_qsl(query, keep_blank_values=True) if key != LITERAL_NOISE}
    headers: set[str] = set()
    names: dict[str, str] = {}
    shape = operation.input_shape
    for name, member in (shape.members if shape else {}).items():
        place, key = member.serialization.get("location"), member.serialization.get("name", name)
        required = shape is not None and name in shape.required_members
        if place == "uri":
            names[key] = name
        elif place == "querystring" and required:
            keys.setdefault(key, "")
        elif place == "header" and required:
            headers.add(key.lower())
    pattern, groups, letters = _path(path, names)
    weight = 1000 * len(keys) + 1000 * len(headers) + letters
    return Route(operation.name, operation.http["method"], pattern, keys, frozenset(headers), weight, groups)


def _path(path: str, names: Mapping[str, str]) -> tuple[re.Pattern[str], dict[str, str], int]:
    """A request URI as a regular expression, its groups' parameters, and how many letters of it are fixed."""
    parts = re.split(r"(\{[^}]+\})", path.rstrip("/"))
    groups: dict[str, str] = {}
    text, letters = "", 0
    for part in parts:
        if part.startswith("{"):
            key = part.strip("{}")
            group = f"p{len(groups)}"
            groups[group] = names.get(key.rstrip("+"), key.rstrip("+"))
            text += f"(?P<{group}>.+)" if key.endswith("+") else f"(?P<{group}>[^/]+)"
        else:
            text += re.escape(part)
            letters += len(part)
    return re.compile(f"{text}/?", re.DOTALL), groups, letters


def _plain_body(request: Request) -> bytes:
    if request.headers.get("content-encoding") == "gzip":
        return gzip.decompress(request.body)
    return request.body
