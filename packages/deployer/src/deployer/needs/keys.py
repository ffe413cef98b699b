"""Use of the KMS key of the file, through the services that it protects something of and no other way."""

from collections.abc import Iterator

from deployer.needs.grants import CHANGE, LOOK, Conditions, Grant, grant
from deployer.needs.scope import Scope


def keys(scope: Scope) -> Iterator[Grant]:
    """None without a key. Log groups and queues are encrypted by their services, as the key's policy lets them."""
    environment = scope.environment
    key = environment.config.kms_key_arn
    if not key:
        return
    objects = ["s3"] if environment.artifact_key else []
    yield from grant(
        "ReadEncrypted",
        LOOK,
        "kms:Decrypt",
        [key],
        "reads variables of functions and, where the key is theirs, artifacts",
        _through(scope, "lambda", *objects),
    )
    yield from grant(
        "EncryptVariables",
        CHANGE,
        "kms:Encrypt",
        [key],
        "gives functions variables under the key",
        _through(scope, "lambda"),
    )
    yield from grant(
        "LendKey",
        CHANGE,
        "kms:CreateGrant",
        [key],
        "lets Lambda decrypt variables when a function starts; only services of AWS can be lent to",
        {**_through(scope, "lambda"), "Bool": {"kms:GrantIsForAWSResource": "true"}},
    )
    if objects:
        yield from grant(
            "EncryptArtifacts",
            CHANGE,
            "kms:GenerateDataKey",
            [key],
            "sends code under the key",
            _through(scope, *objects),
        )


def _through(scope: Scope, *services: str) -> Conditions:
    region = scope.names.place.region
    return {"StringEquals": {"kms:ViaService": [f"{service}.{region}.amazonaws.com" for service in services]}}
