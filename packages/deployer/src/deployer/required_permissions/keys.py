"""Use of the KMS key of the file, through the services that it protects something of and no other way."""

from collections.abc import Iterator

from deployer.required_permissions.grants import CHANGE, LOOK, REMOVE, Conditions, Grant, Task, grant
from deployer.required_permissions.scope import Scope


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
        "reads variables of functions and, where the key is theirs, objects",
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
        yield from _encrypted_objects(scope, key)


def _encrypted_objects(scope: Scope, key: str) -> Iterator[Grant]:
    """Code goes under the key by our word, everything else by the default of its bucket, when that is the key."""
    yield from grant(
        "EncryptObjects",
        (*REMOVE, Task.CONFIGS),
        "kms:GenerateDataKey",
        [key],
        "sends code under the key, and what else is written where the key is the bucket's default",
        _through(scope, "s3"),
    )
    yield from grant(
        "ReadEncryptedConfigs",
        (Task.CONFIGS,),
        "kms:Decrypt",
        [key],
        "reads a config release and its pointer back, where the key is the bucket's default",
        _through(scope, "s3"),
    )


def _through(scope: Scope, *services: str) -> Conditions:
    region = scope.names.place.region
    return {"StringEquals": {"kms:ViaService": [f"{service}.{region}.amazonaws.com" for service in services]}}
