import itertools
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from local_aws.testing.roles import document

_numbers = itertools.count(1)
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403"}


@dataclass
class User:
    """An IAM user with one access key, whose one policy a test writes."""

    aws: LocalAws
    name: str = field(default_factory=lambda: f"user-{next(_numbers)}")

    def __post_init__(self) -> None:
        self.iam = self.aws.client("iam")
        self.iam.create_user(UserName=self.name)
        self.key = self.iam.create_access_key(UserName=self.name)["AccessKey"]
        self._clients: dict[str, Any] = {}

    def may(self, *statements: dict[str, Any]) -> None:
        self.iam.put_user_policy(UserName=self.name, PolicyName="p", PolicyDocument=document(*statements))

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.aws.client(
                service,
                aws_access_key_id=self.key["AccessKeyId"],
                aws_secret_access_key=self.key["SecretAccessKey"],
            )
        return self._clients[service]

    def refusal(self, service: str, operation: str, **parameters: Any) -> str | None:
        """The message when the call was denied, None when it was not; other errors do not matter here."""
        client = self.client(service)
        try:
            getattr(client, operation)(**parameters)
        except ClientError as error:
            found = error.response["Error"]
            return found.get("Message", "") if found["Code"] in DENIED else None
        return None
