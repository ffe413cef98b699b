"""What a request is read as, when it is not one that boto3 sends."""

import gzip
from typing import Any
from urllib.parse import unquote

import pytest

from local_aws.access.calls import Call, UnreadableCallError, parsed
from local_aws.access.services.all import permissions_of
from local_aws.access.signature import Signature

FORM = "application/x-www-form-urlencoded"
JSON = "application/x-amz-json-1.1"
JOB = "arn:aws:glue:us-east-1:111122223333:job/j"
FUNCTIONS = "/2015-03-31/functions"


def read(
    service: str, body: bytes = b"", method: str = "POST", uri: str = "/", **headers: str
) -> Call | None:
    path, _, query = uri.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote(path),
        "RAW_URI": uri,
        "REQUEST_URI": uri,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "4566",
        "wsgi.url_scheme": "http",
        **headers,
    }
    return parsed(Signature("AKIA", None, "us-east-1", service), environ, body)


def read_json(service: str, target: str, body: bytes, **headers: str) -> Call | None:
    return read(service, body, HTTP_X_AMZ_TARGET=target, CONTENT_TYPE=JSON, **headers)


def taken(call: Call | None) -> list[tuple[str, str]]:
    assert call is not None
    return [(permission.action, permission.resource) for permission in permissions_of(call)]


@pytest.mark.parametrize("body", [b"{nope", b"", b"null"])
def test_body_that_says_nothing_is_a_call_without_parameters(body: bytes) -> None:
    assert taken(read_json("glue", "AWSGlue.GetJob", body)) == [("glue:GetJob", "*")]


@pytest.mark.parametrize(
    "body",
    [b"[1]", b'{"Name": "j", "Timeout": "x"}', b'{"Name": "j", "Tags": "x"}', b'{"Name": "j", "Command": 5}'],
)
def test_parameter_of_another_type_cannot_be_read(body: bytes) -> None:
    with pytest.raises(UnreadableCallError, match=r"^CreateJob because its parameters cannot be read: "):
        read_json("glue", "AWSGlue.CreateJob", body)


def test_compressed_body_is_read() -> None:
    body = gzip.compress(b'{"JobName": "j"}')
    assert taken(read_json("glue", "AWSGlue.GetJob", body, HTTP_CONTENT_ENCODING="gzip")) == [
        ("glue:GetJob", JOB)
    ]


def test_operation_that_the_service_does_not_have_keeps_its_name() -> None:
    call = read_json("glue", "AWSGlue.Zoo", b"{}")
    assert call is not None
    assert (call.operation, call.params) == ("Zoo", {})
    call = read("iam", b"Action=Zoo", CONTENT_TYPE=FORM)
    assert call is not None
    assert call.operation == "Zoo"


@pytest.mark.parametrize(
    ("service", "request_line"),
    [
        ("no-such-service", "POST /"),
        ("iam", "POST /"),
        ("lambda", "PATCH /2015-03-31/functions/f"),
        ("lambda", "GET /2099-01-01/functions/f"),
    ],
)
def test_request_that_is_no_operation_is_none(service: str, request_line: str) -> None:
    method, _, uri = request_line.partition(" ")
    assert read(service, method=method, uri=uri) is None


def test_query_is_read_from_the_body_and_from_the_url_when_there_is_none() -> None:
    body = b"Action=DeleteRole&RoleName=a&Action=GetRole"
    url = "/?Action=GetRole&RoleName=b"
    role = "arn:aws:iam::111122223333:role"
    assert taken(read("iam", body, uri=url, CONTENT_TYPE=FORM)) == [("iam:DeleteRole", f"{role}/a")]
    assert taken(read("iam", body)) == [("iam:DeleteRole", f"{role}/a")]
    assert taken(read("iam", method="GET", uri=url)) == [("iam:GetRole", f"{role}/b")]


@pytest.mark.parametrize("content_type", [FORM, JSON, ""])
def test_content_type_does_not_matter_to_a_rest_call(content_type: str) -> None:
    call = read("lambda", method="GET", uri=f"{FUNCTIONS}/f", CONTENT_TYPE=content_type)
    assert taken(call) == [("lambda:GetFunction", "arn:aws:lambda:us-east-1:111122223333:function:f")]


def test_cbor_is_read() -> None:
    call = read(
        "monitoring",
        b"\xa1\x69Namespace\x61n",
        uri="/service/GraniteServiceVersion20100801/operation/PutMetricData",
        HTTP_SMITHY_PROTOCOL="rpc-v2-cbor",
    )
    assert call is not None
    assert (call.operation, call.params) == ("PutMetricData", {"Namespace": "n"})


def test_deleted_keys_are_those_that_xml_means() -> None:
    body = b'<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key>a&amp;b</Key></Object></Delete>'
    assert taken(read("s3", body, uri="/b?delete")) == [("s3:DeleteObject", "arn:aws:s3:::b/a&b")]
    with pytest.raises(UnreadableCallError):
        read("s3", b"<Delete><Object><Key>a</Key>", uri="/b?delete")


@pytest.mark.parametrize(
    ("request_line", "operation"),
    [
        ("GET /b?lifecycle", "GetBucketLifecycleConfiguration"),
        ("PUT /b?notification", "PutBucketNotificationConfiguration"),
    ],
)
def test_of_two_operations_with_one_url_the_deprecated_one_is_not_meant(
    request_line: str, operation: str
) -> None:
    method, _, uri = request_line.partition(" ")
    call = read("s3", method=method, uri=uri)
    assert call is not None
    assert call.operation == operation


def test_number_in_a_listing_is_a_condition_key() -> None:
    call = read("s3", method="GET", uri="/b?list-type=2&max-keys=5&prefix=a%2Fb")
    assert call is not None
    (permission,) = permissions_of(call)
    assert permission.context == {"s3:prefix": ("a/b",), "s3:max-keys": ("5",)}
