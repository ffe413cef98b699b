"""Errors of AWS as HTTP answers, in the protocol of their service."""

import io
import json
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSResponse

from local_aws.errors import LocalAwsError

REQUEST_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that so many requests get."""

    code: str
    message: str
    status: int
    times: int

    def response(self, url: str, protocol: str) -> AWSResponse:
        """The answer from which boto3 makes its exception."""
        body = self.body(protocol).encode()
        headers: Any = {"x-amzn-errortype": self.code, "x-amzn-requestid": REQUEST_ID}
        raw: Any = Content(body)
        return AWSResponse(url, self.status, headers, raw)

    def body(self, protocol: str) -> str:
        """The text of the answer."""
        if protocol in ("json", "rest-json"):
            return json.dumps({"__type": self.code, "message": self.message})
        error = f"<Error><Code>{escape(self.code)}</Code><Message>{escape(self.message)}</Message></Error>"
        if protocol == "rest-xml":
            return error
        if protocol == "query":
            return f"<ErrorResponse>{error}<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
        raise LocalAwsError(f"no error can be written in protocol {protocol!r} of a service")


class Content(io.BytesIO):
    """A body in the way botocore reads one."""

    def stream(self, _amount: int = 0, **_: Any) -> Any:
        """The whole body as the only chunk."""
        yield self.read()
