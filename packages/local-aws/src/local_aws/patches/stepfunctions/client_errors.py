"""The exception that boto3 raises for an error of AWS, for code that stands in for boto3."""

from typing import Any

from botocore.exceptions import ClientError


def client_error(code: str, message: str, status: int, operation: str) -> ClientError:
    """`ClientError` with that code, as an operation with that HTTP status raises it."""
    metadata: Any = {"RequestId": "00000000-0000-0000-0000-000000000000", "HTTPStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, operation)
