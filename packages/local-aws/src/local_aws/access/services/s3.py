"""S3: objects, buckets and their settings.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

from local_aws.emulator import settings as moto_settings  # isort: skip - before anything of moto

from moto.s3.models import s3_backends

from local_aws.access.calls import Call
from local_aws.access.evaluation import Context, Permission
from local_aws.access.services.keys import key_arn, via_service
from local_aws.access.services.table import Rule, all_of, if_present, requires, requires_each

SETTINGS = {  # settings of a bucket: name in the API, name in IAM's actions
    "BucketAcl": "BucketAcl",
    "BucketCors": "BucketCORS",
    "BucketEncryption": "EncryptionConfiguration",
    "BucketLifecycleConfiguration": "LifecycleConfiguration",
    "BucketLogging": "BucketLogging",
    "BucketNotificationConfiguration": "BucketNotification",
    "BucketOwnershipControls": "BucketOwnershipControls",
    "BucketPolicy": "BucketPolicy",
    "BucketReplication": "ReplicationConfiguration",
    "BucketTagging": "BucketTagging",
    "BucketVersioning": "BucketVersioning",
    "BucketWebsite": "BucketWebsite",
    "PublicAccessBlock": "BucketPublicAccessBlock",
}
DELETABLE = {  # settings that can be deleted: name in the API, required action
    "BucketCors": "s3:PutBucketCORS",
    "BucketEncryption": "s3:PutEncryptionConfiguration",
    "BucketLifecycle": "s3:PutLifecycleConfiguration",
    "BucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "BucketPolicy": "s3:DeleteBucketPolicy",
    "BucketReplication": "s3:PutReplicationConfiguration",
    "BucketTagging": "s3:PutBucketTagging",
    "BucketWebsite": "s3:DeleteBucketWebsite",
    "PublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}
HEADERS = {
    "ACL": "s3:x-amz-acl",
    "IfMatch": "s3:if-match",
    "IfNoneMatch": "s3:if-none-match",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "StorageClass": "s3:x-amz-storage-class",
    "CopySource": "s3:x-amz-copy-source",
}
LISTING = {"Prefix": "s3:prefix", "Delimiter": "s3:delimiter", "MaxKeys": "s3:max-keys"}


def bucket(call: Call) -> str:
    """ARN of the bucket."""
    return f"arn:{call.partition}:s3:::{call.text('Bucket')}"


def key(call: Call) -> str:
    """ARN of the object."""
    return f"{bucket(call)}/{call.text('Key')}"


def source(call: Call) -> Iterator[str]:
    """ARN of the object that is copied."""
    copied = unquote(call.text("CopySource").partition("?")[0]).lstrip("/")
    yield f"arn:{call.partition}:s3:::{copied}"


def keys(call: Call) -> Iterator[str]:
    """ARNs of all objects that DeleteObjects names."""
    for item in (call.params.get("Delete") or {}).get("Objects", ()):
        yield f"{bucket(call)}/{item.get('Key', '')}"


def writing(call: Call) -> Context:
    """Condition keys of a write."""
    found = {name: (call.text(field),) for field, name in HEADERS.items() if call.text(field)}
    for tag, value in parse_qsl(call.text("Tagging")):
        found[f"s3:requestobjecttag/{tag.lower()}"] = (value,)
    return found


def listing(call: Call) -> Context:
    """Condition keys of a list; a parameter that is absent in the request gives no key."""
    return {name: (str(call.params[field]),) for field, name in LISTING.items() if field in call.params}


def of_version(action: str, version_action: str) -> Rule:
    """An action on an object; `version_action` when the call names a version."""

    def rule(call: Call) -> Iterator[Permission]:
        yield Permission(version_action if call.text("VersionId") else action, key(call))

    return rule


def if_match(call: Call) -> Iterator[Permission]:
    """A write with If-Match requires permission to read the object."""
    if call.text("IfMatch") not in {"", "*"}:
        yield Permission("s3:GetObject", key(call))


def encrypting(call: Call) -> Iterator[Permission]:
    """A write that is encrypted with a key of the account requires kms:GenerateDataKey.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """
    if key := key_of_write(call):
        yield Permission("kms:GenerateDataKey", key, via_service(call, "s3"))


def encrypting_parts(call: Call) -> Iterator[Permission]:
    """A multipart upload also decrypts the data key for each part.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
    """
    if key := key_of_write(call):
        yield Permission("kms:Decrypt", key, via_service(call, "s3"))


def key_of_write(call: Call) -> str:
    """ARN of the account's key that will encrypt an object, from the call or the bucket; empty when there is none."""
    default = getattr(buckets(call).get(call.text("Bucket")), "encryption", None) or {}
    rule = (default.get("Rule") or {}).get("ApplyServerSideEncryptionByDefault") or {}
    asked = call.text("SSEKMSKeyId") or (
        "" if call.text("ServerSideEncryption") else rule.get("KMSMasterKeyID")
    )
    return key_arn(call, asked) if asked else ""


def decrypting(call: Call, bucket_name: str, name: str) -> Iterator[Permission]:
    """kms:Decrypt for an object that is encrypted with a key of the account."""
    held = buckets(call).get(bucket_name)
    found = held.keys.get(name) if held is not None else None
    key_id = getattr(found, "kms_key_id", None)
    if key_id and getattr(found, "encryption", "") == "aws:kms":
        yield Permission("kms:Decrypt", key_arn(call, key_id), via_service(call, "s3"))


def decrypted(call: Call) -> Iterator[Permission]:
    """kms:Decrypt for the object of the call."""
    yield from decrypting(call, call.text("Bucket"), call.text("Key"))


def decrypted_source(call: Call) -> Iterator[Permission]:
    """kms:Decrypt for the object that is copied."""
    bucket_name, _, name = unquote(call.text("CopySource").partition("?")[0]).lstrip("/").partition("/")
    yield from decrypting(call, bucket_name, name)


def buckets(call: Call) -> dict[str, Any]:
    """The emulator's buckets by name."""
    found: dict[str, Any] = s3_backends[call.account or moto_settings.ACCOUNT][call.partition].buckets
    return found


def settings() -> Iterator[tuple[str, Rule]]:
    """Get, put and delete of each setting of a bucket."""
    for operation, action in SETTINGS.items():
        yield f"Get{operation}", requires(f"s3:Get{action}", bucket)
        yield f"Put{operation}", requires(f"s3:Put{action}", bucket)
    for operation, action in DELETABLE.items():
        yield f"Delete{operation}", requires(action, bucket)


WRITE = all_of(
    requires("s3:PutObject", key, context=writing),
    if_present("Tagging", requires("s3:PutObjectTagging", key, context=writing)),
    if_present("ACL", requires("s3:PutObjectAcl", key, context=writing)),
    if_match,
    encrypting,
)
READ = all_of(of_version("s3:GetObject", "s3:GetObjectVersion"), decrypted)
LIST = requires("s3:ListBucket", bucket, context=listing)

TABLE = {
    "GetObject": READ,
    "HeadObject": READ,
    "GetObjectAttributes": all_of(
        READ, of_version("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes")
    ),
    "PutObject": WRITE,
    "CreateMultipartUpload": all_of(WRITE, encrypting_parts),
    "UploadPart": requires("s3:PutObject", key),
    "CompleteMultipartUpload": all_of(requires("s3:PutObject", key, context=writing), if_match),
    "CopyObject": all_of(requires_each("s3:GetObject", source), decrypted_source, WRITE),
    "UploadPartCopy": all_of(requires_each("s3:GetObject", source), requires("s3:PutObject", key)),
    "AbortMultipartUpload": requires("s3:AbortMultipartUpload", key),
    "ListParts": requires("s3:ListMultipartUploadParts", key),
    "ListMultipartUploads": requires("s3:ListBucketMultipartUploads", bucket, context=listing),
    "DeleteObject": all_of(of_version("s3:DeleteObject", "s3:DeleteObjectVersion"), if_match),
    "DeleteObjects": requires_each("s3:DeleteObject", keys),
    "GetObjectTagging": of_version("s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
    "PutObjectTagging": of_version("s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
    "DeleteObjectTagging": of_version("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"),
    "GetObjectAcl": of_version("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    "PutObjectAcl": of_version("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
    "ListObjects": LIST,
    "ListObjectsV2": LIST,
    "ListObjectVersions": requires("s3:ListBucketVersions", bucket, context=listing),
    "HeadBucket": requires("s3:ListBucket", bucket),
    "ListBuckets": requires("s3:ListAllMyBuckets"),
    "CreateBucket": requires("s3:CreateBucket", bucket),
    "DeleteBucket": requires("s3:DeleteBucket", bucket),
    "GetBucketLocation": requires("s3:GetBucketLocation", bucket),
    **dict(settings()),
}
