"""S3: objects, buckets and their settings.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

from local_aws.emulator import settings as moto_settings  # isort: skip - before anything of moto

from moto.s3.models import s3_backends

from local_aws.access.calls import Call
from local_aws.access.evaluation import Context, Need
from local_aws.access.services.keys import key_arn, through
from local_aws.access.services.table import Rule, every, given, need, need_each

SETTINGS = {  # settings of a bucket: what the API calls them, what IAM calls them
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
DELETABLE = {  # what the API calls the deletion, and the action that it takes
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
    """Condition keys of a list; what the request does not say does not exist."""
    return {name: (str(call.params[field]),) for field, name in LISTING.items() if field in call.params}


def of_version(action: str, version_action: str) -> Rule:
    """An action on an object that has another name when a version is asked for."""

    def rule(call: Call) -> Iterator[Need]:
        yield Need(version_action if call.text("VersionId") else action, key(call))

    return rule


def if_match(call: Call) -> Iterator[Need]:
    """A write that depends on the object's ETag reads the object."""
    if call.text("IfMatch") not in {"", "*"}:
        yield Need("s3:GetObject", key(call))


def encrypting(call: Call) -> Iterator[Need]:
    """A write under a key of the account, which the call or the bucket names, takes a data key of it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """
    if key := key_of_write(call):
        yield Need("kms:GenerateDataKey", key, through(call, "s3"))


def encrypting_parts(call: Call) -> Iterator[Need]:
    """A write in parts also reads the data key again, part by part.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
    """
    if key := key_of_write(call):
        yield Need("kms:Decrypt", key, through(call, "s3"))


def key_of_write(call: Call) -> str:
    """ARN of the key under which an object will lie, empty when it is none of the account."""
    default = getattr(buckets(call).get(call.text("Bucket")), "encryption", None) or {}
    rule = (default.get("Rule") or {}).get("ApplyServerSideEncryptionByDefault") or {}
    asked = call.text("SSEKMSKeyId") or (
        "" if call.text("ServerSideEncryption") else rule.get("KMSMasterKeyID")
    )
    return key_arn(call, asked) if asked else ""


def decrypting(call: Call, bucket_name: str, name: str) -> Iterator[Need]:
    """Reading an object that lies under a key of the account."""
    held = buckets(call).get(bucket_name)
    found = held.keys.get(name) if held is not None else None
    key_id = getattr(found, "kms_key_id", None)
    if key_id and getattr(found, "encryption", "") == "aws:kms":
        yield Need("kms:Decrypt", key_arn(call, key_id), through(call, "s3"))


def decrypted(call: Call) -> Iterator[Need]:
    """Reading the object of the call."""
    yield from decrypting(call, call.text("Bucket"), call.text("Key"))


def decrypted_source(call: Call) -> Iterator[Need]:
    """Reading the object that is copied."""
    bucket_name, _, name = unquote(call.text("CopySource").partition("?")[0]).lstrip("/").partition("/")
    yield from decrypting(call, bucket_name, name)


def buckets(call: Call) -> dict[str, Any]:
    """The emulator's buckets by name."""
    found: dict[str, Any] = s3_backends[call.account or moto_settings.ACCOUNT][call.partition].buckets
    return found


def settings() -> Iterator[tuple[str, Rule]]:
    """Get, put and delete of each setting of a bucket."""
    for operation, action in SETTINGS.items():
        yield f"Get{operation}", need(f"s3:Get{action}", bucket)
        yield f"Put{operation}", need(f"s3:Put{action}", bucket)
    for operation, action in DELETABLE.items():
        yield f"Delete{operation}", need(action, bucket)


WRITE = every(
    need("s3:PutObject", key, context=writing),
    given("Tagging", need("s3:PutObjectTagging", key, context=writing)),
    given("ACL", need("s3:PutObjectAcl", key, context=writing)),
    if_match,
    encrypting,
)
READ = every(of_version("s3:GetObject", "s3:GetObjectVersion"), decrypted)
LIST = need("s3:ListBucket", bucket, context=listing)

TABLE = {
    "GetObject": READ,
    "HeadObject": READ,
    "GetObjectAttributes": every(READ, of_version("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes")),
    "PutObject": WRITE,
    "CreateMultipartUpload": every(WRITE, encrypting_parts),
    "UploadPart": need("s3:PutObject", key),
    "CompleteMultipartUpload": every(need("s3:PutObject", key, context=writing), if_match),
    "CopyObject": every(need_each("s3:GetObject", source), decrypted_source, WRITE),
    "UploadPartCopy": every(need_each("s3:GetObject", source), need("s3:PutObject", key)),
    "AbortMultipartUpload": need("s3:AbortMultipartUpload", key),
    "ListParts": need("s3:ListMultipartUploadParts", key),
    "ListMultipartUploads": need("s3:ListBucketMultipartUploads", bucket, context=listing),
    "DeleteObject": every(of_version("s3:DeleteObject", "s3:DeleteObjectVersion"), if_match),
    "DeleteObjects": need_each("s3:DeleteObject", keys),
    "GetObjectTagging": of_version("s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
    "PutObjectTagging": of_version("s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
    "DeleteObjectTagging": of_version("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"),
    "GetObjectAcl": of_version("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    "PutObjectAcl": of_version("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
    "ListObjects": LIST,
    "ListObjectsV2": LIST,
    "ListObjectVersions": need("s3:ListBucketVersions", bucket, context=listing),
    "HeadBucket": need("s3:ListBucket", bucket),
    "ListBuckets": need("s3:ListAllMyBuckets"),
    "CreateBucket": need("s3:CreateBucket", bucket),
    "DeleteBucket": need("s3:DeleteBucket", bucket),
    "GetBucketLocation": need("s3:GetBucketLocation", bucket),
    **dict(settings()),
}
