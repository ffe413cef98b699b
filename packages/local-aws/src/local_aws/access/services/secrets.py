"""Secrets Manager."""

from typing import Any

from local_aws.emulator import settings  # isort: skip - before anything of moto

from moto.secretsmanager.models import SecretsManagerBackend, secretsmanager_backends

from local_aws.access.calls import Call
from local_aws.access.evaluation import ANY_RESOURCE, Context
from local_aws.access.services.keys import using
from local_aws.access.services.table import every, given, need, simple, tag_context


def secret(call: Call) -> str:
    """ARN of a secret with its six random characters; a name that is no secret's stays as it is, as in AWS."""
    asked = call.text("SecretId")
    held: Any = secretsmanager_backends[call.account or settings.ACCOUNT][call.region]
    found = held.secrets.get(asked) if asked else None
    return str(found.arn) if found is not None else asked or ANY_RESOURCE


def new_secret(call: Call) -> str:
    """ARN of a secret that a call makes: nobody knows its six characters yet."""
    return call.arn("secretsmanager", f"secret:{call.text('Name')}-??????".replace("?", "x"))


def tags(call: Call) -> Context:
    """Condition keys of the tags that a call brings."""
    return tag_context(call.params.get("Tags"))


def key_of(call: Call) -> object:
    """The key under which a secret lies, unless it is the service's own."""
    held: Any = secretsmanager_backends[call.account or settings.ACCOUNT][call.region]
    found: Any = held.secrets.get(call.text("SecretId"))
    key = getattr(found, "kms_key_id", None)
    return None if key == SecretsManagerBackend.DEFAULT_KMS_KEY_ALIAS else key


TABLE = {
    "GetSecretValue": every(
        need("secretsmanager:GetSecretValue", secret), using("secretsmanager", "kms:Decrypt", key_of)
    ),
    "PutSecretValue": every(
        need("secretsmanager:PutSecretValue", secret),
        using("secretsmanager", "kms:GenerateDataKey kms:Decrypt", key_of),
    ),
    **simple(
        "secretsmanager",
        "DescribeSecret UpdateSecret DeleteSecret RestoreSecret ListSecretVersionIds "
        "GetResourcePolicy PutResourcePolicy DeleteResourcePolicy UntagResource RotateSecret",
        secret,
    ),
    "TagResource": need("secretsmanager:TagResource", secret, context=tags),
    "CreateSecret": every(
        need("secretsmanager:CreateSecret", new_secret, context=tags),
        given("Tags", need("secretsmanager:TagResource", new_secret, context=tags)),
    ),
    **simple("secretsmanager", "ListSecrets GetRandomPassword"),
}
