"""Versions and aliases of functions."""

from collections.abc import Iterable, Mapping, Sequence

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, tags_as_text, tags_from_text
from deployer.aws.clients import Clients
from deployer.aws.version_digests import Numbers, digest_in, stamp
from deployer.errors import DeployerError
from deployer.model.permissions import Permission
from deployer.model.resources import FunctionAlias, FunctionVersion

_ABSENT = "ResourceNotFoundException"


PERMISSIONS = (
    Permission(
        "ReadFunctions",
        "lambda:GetAlias lambda:GetFunction lambda:ListVersionsByFunction",
        lambda scope: [scope.prefixed("lambda", "function:")],
    ),
    Permission(
        "WriteFunctions",
        "lambda:CreateAlias lambda:GetFunctionConfiguration lambda:PublishVersion lambda:UpdateAlias "
        "lambda:UpdateFunctionConfiguration",
        lambda scope: scope.functions,
    ),
    Permission(
        "PruneVersions", "lambda:DeleteFunction", lambda scope: [f"{arn}:*" for arn in scope.functions]
    ),
    Permission("DeleteAliases", "lambda:DeleteAlias", lambda scope: scope.functions),
)


def function_numbers(clients: Clients) -> Numbers:
    """Versions by function name."""

    def read(function: str) -> Mapping[str, str]:
        pages = clients.functions.get_paginator("list_versions_by_function").paginate(FunctionName=function)
        try:
            versions = [version for page in pages for version in page["Versions"]]
        except ClientError as error:
            if code_of(error) == _ABSENT:
                return {}
            raise
        found = ((digest_in(version.get("Description")), version["Version"]) for version in versions)
        return {digest: number for digest, number in found if digest and number != "$LATEST"}

    return Numbers(read)


class FunctionVersions:
    """Versions of the given functions. They never change; old ones are pruned, a plan never deletes them."""

    def __init__(self, clients: Clients, numbers: Numbers, functions: Sequence[str]) -> None:
        self._lambda = clients.functions
        self._numbers = numbers
        self._functions = functions

    def candidates(self, prefix: str) -> Iterable[str]:
        for function in self._functions:
            yield from (f"{function}:{digest}" for digest in self._numbers.of(function))

    def read(self, name: str) -> FunctionVersion | None:
        function, _, digest = name.rpartition(":")
        return FunctionVersion(function, digest) if digest in self._numbers.of(function) else None

    def create(self, want: FunctionVersion) -> None:
        """Publishing is idempotent: Lambda answers with the last version when nothing has changed since."""
        digest, number = self._publish(want)
        if digest != want.digest:
            number = self._publish_anew(want)
        self._numbers.note(want.function, want.digest, number)

    def _publish(self, want: FunctionVersion) -> tuple[str | None, str]:
        """Digest and number of the last version afterwards."""
        made = self._lambda.publish_version(FunctionName=want.function, Description=stamp(want.digest))
        return digest_in(made.get("Description")), made["Version"]

    def _publish_anew(self, want: FunctionVersion) -> str:
        """Somebody else published the last version; Lambda publishes another only after a change, so change the text."""
        before = self._lambda.get_function_configuration(FunctionName=want.function).get("Description", "")
        self._describe(want.function, stamp(want.digest))
        _, number = self._publish(want)
        self._describe(want.function, before)
        return number

    def _describe(self, function: str, text: str) -> None:
        self._lambda.update_function_configuration(FunctionName=function, Description=text)
        self._lambda.get_waiter("function_updated_v2").wait(FunctionName=function)

    def update(self, have: FunctionVersion, want: FunctionVersion) -> None:
        raise DeployerError(f"function version {want.name} cannot be changed; publish another one")

    def delete(self, have: FunctionVersion) -> None:
        number = self._numbers.of(have.function)[have.digest]
        self._lambda.delete_function(FunctionName=have.function, Qualifier=number)
        self._numbers.forget(have.function)


class FunctionAliases:
    """Aliases; their tags are written in the description."""

    def __init__(self, clients: Clients, numbers: Numbers) -> None:
        self._lambda = clients.functions
        self._numbers = numbers

    def candidates(self, prefix: str) -> Iterable[str]:
        return ()

    def read(self, name: str) -> FunctionAlias | None:
        function, _, alias = name.rpartition(":")
        try:
            found = self._lambda.get_alias(FunctionName=function, Name=alias)
        except ClientError as error:
            if code_of(error) == _ABSENT:
                return None
            raise
        number = found["FunctionVersion"]
        split = "".join(
            f" and {other}" for other in found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        )
        digest = self._numbers.digest(function, number) or f"version {number}, not ours"
        return FunctionAlias(function, digest + split, tags_from_text(found.get("Description")), alias)

    def create(self, want: FunctionAlias) -> None:
        self._lambda.create_alias(
            FunctionName=want.function,
            Name=want.alias,
            FunctionVersion=self._number(want),
            Description=tags_as_text(want.tags),
        )

    def update(self, have: FunctionAlias, want: FunctionAlias) -> None:
        self._lambda.update_alias(
            FunctionName=want.function,
            Name=want.alias,
            FunctionVersion=self._number(want),
            Description=tags_as_text(want.tags),
            RoutingConfig={"AdditionalVersionWeights": {}},
        )

    def delete(self, have: FunctionAlias) -> None:
        self._lambda.delete_alias(FunctionName=have.function, Name=have.alias)

    def _number(self, want: FunctionAlias) -> str:
        number = self._numbers.of(want.function).get(want.digest)
        if number is None:
            raise DeployerError(f"function {want.function} has no version {want.digest}; run deploy again")
        return number
