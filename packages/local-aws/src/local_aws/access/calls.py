"""What an HTTP request asks for: service, operation and parameters, read with the emulator's routers and parsers.

Reading with the same code as the emulator, which then carries the call out, keeps both of one opinion.
"""

import gzip
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from urllib.parse import parse_qsl

from local_aws.emulator import settings  # isort: skip - before anything of moto

from botocore.exceptions import UnknownServiceError
from botocore.parsers import RpcV2CBORParser
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, RequestDict
from moto.core.request import Request
from moto.core.routing import ProtocolRouter, get_router_class
from moto.core.utils import get_service_model
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from local_aws.access.signature import Signature

MODEL_OF_SERVICE = {
    "states": "stepfunctions",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
}


class UnreadableCallError(Exception):
    """Parameters do not have the types of the service's model; the message begins with the operation."""


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


def service_model(service: str) -> ServiceModel | None:
    """The model of a service by its signing name, None when there is no such service."""
    try:
        return get_service_model(MODEL_OF_SERVICE.get(service, service))
    except UnknownServiceError:
        return None


def protocol_of(service: str, environ: Mapping[str, Any]) -> str:
    """The protocol of a request: services speak several.

    moto's `determine_request_protocol` goes by the content type: it raises for a form type on a REST call, which
    plain HTTP clients send, and it knows no CBOR.
    """
    model = service_model(service)
    declared: str = model.metadata.get("protocol", "") if model else ""
    if declared.startswith("rest"):
        return declared
    if "HTTP_SMITHY_PROTOCOL" in environ:
        return "cbor"
    if "HTTP_X_AMZ_TARGET" in environ:
        return "json"
    return "ec2" if declared == "ec2" else "query"


def parsed(signature: Signature, environ: dict[str, Any], body: bytes) -> Call | None:
    """The call, None when the request is none of this service's operations. Raises `UnreadableCallError`."""
    model = service_model(signature.service)
    if model is None:
        return None
    if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
        body = gzip.decompress(body)
    protocol = protocol_of(signature.service, environ)
    request = Request(environ, populate_request=False, shallow=True)
    values = request.args
    if protocol in {"query", "ec2"} and body:  # the emulator looks at the URL only when there is no body
        values = MultiDict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    name, labels = _operation(model, protocol, request, values)
    params: dict[str, Any] = {}
    if name in model.operation_names:
        asked = RequestDict(
            method=request.method,
            headers=request.headers,
            url_path=request.path,
            url_params=labels,
            values=values,
            body=body,
        )
        params = _params(model.operation_model(name), protocol, asked)
    return Call(signature.service, name, params, signature.region, settings.ACCOUNT) if name else None


def _operation(
    model: ServiceModel, protocol: str, request: Request, values: MultiDict[str, str]
) -> tuple[str, dict[str, Any]]:
    """Name of the operation, empty when there is none, and the labels of its path.

    moto's routers of the other protocols take only known operations: the name of an unknown one is worth telling.
    """
    match protocol:
        case "json":
            return request.headers["x-amz-target"].rpartition(".")[2], {}
        case "cbor":
            return request.path.rpartition("/")[2], {}
        case "query" | "ec2":
            return values.get("Action", ""), {}
    try:
        operation, labels = _router(model.service_name, protocol).match(request)
    except NotFound:
        return "", {}
    return operation.name, labels


@lru_cache(maxsize=64)
def _router(model_name: str, protocol: str) -> ProtocolRouter:
    router = cast("type[ProtocolRouter]", get_router_class(model_name, protocol))
    return router(get_service_model(model_name))


def _params(operation: OperationModel, protocol: str, asked: RequestDict) -> dict[str, Any]:
    """Parameters by their names in the API; timestamps and blobs, which decide nothing, stay as they were sent."""
    try:
        if protocol == "cbor":
            found = _cbor(cast("bytes", asked["body"]))
        else:
            parser = PROTOCOL_PARSERS[protocol](operation, timestamp_parser=str, blob_parser=_as_sent)
            found = parser.parse(asked)
    except Exception as error:  # the parsers raise whatever a value of another type leads to
        raise UnreadableCallError(
            f"{operation.name} because its parameters cannot be read: {error}"
        ) from error
    return found if isinstance(found, dict) else {}


def _as_sent(value: Any) -> Any:
    return value


def _cbor(body: bytes) -> Any:
    """moto has no parser of CBOR, and answers 404 to what is sent in it; refusals are told in it all the same."""
    return RpcV2CBORParser().parse_data_item(io.BufferedReader(io.BytesIO(body))) if body else {}
