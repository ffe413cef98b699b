"""Pages of Lambda's lists, as the boto3 paginators read them: Marker and MaxItems in, NextMarker out."""

import base64
import binascii
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException

PAGE = 50


def page(response: Any, items: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """The part of a list that a request asks for."""
    start = position(response.querystring.get("Marker", [None])[0])
    size = int(response.querystring.get("MaxItems", [PAGE])[0])
    answer: dict[str, Any] = {key: items[start : start + size]}
    if start + size < len(items):
        answer["NextMarker"] = base64.b64encode(str(start + size).encode()).decode()
    return answer


def position(marker: str | None) -> int:
    """Where a page begins."""
    if not marker:
        return 0
    try:
        return int(base64.b64decode(marker, validate=True))
    except (binascii.Error, ValueError) as error:
        raise InvalidParameterValueException(f"Invalid marker: {marker}") from error
