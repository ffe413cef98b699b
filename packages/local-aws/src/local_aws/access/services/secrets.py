"""Secrets Manager."""

from typing import Any

from local_aws.emulator import settings  # isort: skip - before anything of moto

from moto.secretsmanager.models import SecretsManagerBackend, secretsmanager_backends

from local_aws.access.calls import Call
from local_aws.access.evaluation import ANY_RESOURCE, Context
from local_aws.access.services.keys import uses_key
from local_aws.access.services.table import all_of, if_present, requires, same_name, tag_context


def secret(call: Call) -> str:
    """ARN of a secret with its six random characters. As in AWS, the name of a missing secret stays a name."""
    asked = call.text("SecretId")
    held: Any = secretsmanager_backends[call.account or settings.ACCOUNT][call.region]
    found = held.secrets.get(asked) if asked else None
    return str(found.arn) if found is not None else asked or ANY_RESOURCE


def new_secret(call: Call) -> str:
    """ARN of a secret that a call creates, with six characters in place of those that are not known yet."""
    return call.arn("secretsmanager", f"secret:{call.text('Name')}-??????".replace("?", "x"))


def tags(call: Call) -> Context:
    """Condition keys of the tags in a call."""
    return tag_context(call.params.get("Tags"))


def key_of(call: Call) -> object:
    """The key that encrypts a secret; None for the key of the service."""
    held: Any = secretsmanager_backends[call.account or settings.ACCOUNT][call.region]
    found: Any = held.secrets.get(call.text("SecretId"))
    key = getattr(found, "kms_key_id", None)
    return None if key == SecretsManagerBackend.DEFAULT_KMS_KEY_ALIAS else key


TABLE = {
    "GetSecretValue": all_of(
        requires("secretsmanager:GetSecretValue", secret), uses_key("secretsmanager", "kms:Decrypt", key_of)
    ),
    "PutSecretValue": all_of(
        requires("secretsmanager:PutSecretValue", secret),
        uses_key("secretsmanager", "kms:GenerateDataKey kms:Decrypt", key_of),
    ),
    **same_name(
        "secretsmanager",
        "DescribeSecret UpdateSecret DeleteSecret RestoreSecret ListSecretVersionIds "
        "GetResourcePolicy PutResourcePolicy DeleteResourcePolicy UntagResource RotateSecret",
        secret,
    ),
    "TagResource": requires("secretsmanager:TagResource", secret, context=tags),
    "CreateSecret": all_of(
        requires("secretsmanager:CreateSecret", new_secret, context=tags),
        if_present("Tags", requires("secretsmanager:TagResource", new_secret, context=tags)),
    ),
    **same_name("secretsmanager", "ListSecrets GetRandomPassword"),
}
