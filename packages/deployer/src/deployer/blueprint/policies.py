"""Policy statements: what one function accesses as actions on ARNs, without wildcard actions.

`Resource: *` appears only where AWS offers no resource scoping, each time with its reason.
"""

import json
from collections.abc import Iterable, Mapping

from deployer.blueprint.specs import Access, Spec
from deployer.environment_file import Environment
from deployer.model.names import Names
from deployer.model.resources import Document, Statement

ANYWHERE = ("*",)
_WRITING = {Access.WRITE_ARCHIVES, Access.WRITE_RELEASES, Access.NOTIFY}
_S3 = {
    Access.READ_ZONES,
    Access.WRITE_ARCHIVES,
    Access.READ_UPLOADS,
    Access.WRITE_RELEASES,
    Access.READ_RELEASES,
    Access.READ_TARGET_SCHEMA,
}


def statement(
    actions: str, *resources: str, reason: str, condition: Mapping[str, object] | None = None
) -> Statement:
    """A statement from blank-separated actions; actions and resources come out sorted."""
    document = Document(json.dumps(condition, sort_keys=True)) if condition else None
    return Statement(tuple(sorted(actions.split())), tuple(sorted(set(resources))), document, reason)


def trust(service: str) -> Document:
    """Trust policy that lets one AWS service assume the role."""
    return Document(
        json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
                ],
            }
        )
    )


def function_policy(spec: Spec, environment: Environment, names: Names) -> Mapping[str, Statement]:
    """Policy of one function: its own log group, tracing, what it accesses, and the VPC when there is one."""
    group = names.log_group_arn(names.function_log_group(names.function(spec.suffix)))
    policy = {
        "OwnLogs": statement(
            "logs:CreateLogStream logs:PutLogEvents", f"{group}:*", reason="writes its own log"
        ),
        "Tracing": tracing(),
    }
    for access in spec.access:
        policy |= _for_access(access, environment, names)
    if environment.config.lambda_vpc and environment.config.lambda_vpc.subnet_ids:
        policy["NetworkInterfaces"] = lambda_network()
    return policy | _function_key(spec, environment, names)


def _function_key(spec: Spec, environment: Environment, names: Names) -> dict[str, Statement]:
    """The key, for what the function reads and writes; Lambda decrypts the variables with a grant."""
    config, access = environment.config, set(spec.access)
    through = {"s3"} if access & _S3 else set()
    through |= {"secretsmanager"} if config.secret_name and Access.DATABASE in access else set()
    through |= {"sns"} if config.sns_topic_arn and Access.NOTIFY in access else set()
    return key_use(environment, names, through, writes=bool(access & _WRITING))


def key_use(
    environment: Environment, names: Names, services: Iterable[str], *, writes: bool
) -> dict[str, Statement]:
    """Use of the file's KMS key, if any, only through the given services (for example `s3`)."""
    key, region = environment.config.kms_key_arn, names.place.region
    through = sorted(f"{service}.{region}.amazonaws.com" for service in services)
    if not key or not through:
        return {}
    actions = "kms:Decrypt kms:GenerateDataKey" if writes else "kms:Decrypt"
    what = "reads and writes" if writes else "reads"
    condition = {"StringEquals": {"kms:ViaService": through}}
    reason = f"{what} objects and secrets encrypted with the key of the file, through these services only"
    return {"UseKey": statement(actions, key, reason=reason, condition=condition)}


def tracing() -> Statement:
    """Traces of a function."""
    return statement(
        "xray:PutTelemetryRecords xray:PutTraceSegments",
        *ANYWHERE,
        reason="sends its traces; X-Ray knows no resource for them",
    )


def lambda_network() -> Statement:
    """The network interfaces of a function."""
    return statement(
        "ec2:AssignPrivateIpAddresses ec2:CreateNetworkInterface ec2:DeleteNetworkInterface "
        "ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:UnassignPrivateIpAddresses",
        *ANYWHERE,
        reason="joins the VPC; Lambda checks these before the interfaces exist, so without a resource",
    )


def zone_buckets(environment: Environment) -> tuple[str, ...]:
    """Landing, clean and final bucket."""
    strparams = environment.config.strparams
    return strparams.landing_bucket, strparams.clean_bucket, strparams.final_bucket


def secret(environment: Environment, names: Names) -> dict[str, Statement]:
    """Reading the one database secret, when there is one."""
    name = environment.config.secret_name
    arn = names.secret_arn(name) if name else None
    reason = "reads address and password of the database"
    return {"DatabaseSecret": statement("secretsmanager:GetSecretValue", arn, reason=reason)} if arn else {}


def listing(names: Names, bucket: str, prefix: str, reason: str) -> Statement:
    """Lists one prefix of a bucket; with this permission S3 answers 404 instead of 403 for a missing object.

    S3 checks the latter without a prefix, hence `IfExists`: a plain `StringLike` would deny it.
    """
    condition = {"StringLikeIfExists": {"s3:prefix": f"{prefix}*"}} if prefix else None
    return statement("s3:ListBucket", names.bucket_arn(bucket), reason=reason, condition=condition)


def _for_access(access: Access, environment: Environment, names: Names) -> dict[str, Statement]:
    route = environment.release_route
    zones = zone_buckets(environment)
    archives = dict.fromkeys((*zones, environment.config.artifacts.bucket))
    match access:
        case Access.READ_ZONES:
            return {
                "ListZones": statement(
                    "s3:ListBucket",
                    *map(names.bucket_arn, zones),
                    reason="finds the objects below the prefix in its event, which may be any",
                ),
                "ReadZones": statement(
                    "s3:GetObject", *map(names.objects_arn, zones), reason="reads the objects that it packs"
                ),
            }
        case Access.WRITE_ARCHIVES:
            targets = [
                f"{names.bucket_arn(bucket)}/{key}" for bucket in archives for key in ("*.zip", "exports/*")
            ]
            reason = "writes an archive in parts, and removes them when it cannot finish"
            return {
                "WriteArchives": statement("s3:AbortMultipartUpload s3:PutObject", *targets, reason=reason)
            }
        case Access.READ_UPLOADS:
            return {
                "ListUploads": listing(
                    names,
                    route.input_bucket,
                    route.input_prefix,
                    "gets 404 instead of 403 for a missing upload",
                ),
                "ReadUploads": statement(
                    "s3:GetObject",
                    names.objects_arn(route.input_bucket, route.input_prefix),
                    reason="reads the uploaded release that it expands",
                ),
            }
        case Access.WRITE_RELEASES:
            target = names.objects_arn(route.output_bucket, route.output_prefix)
            reason = (
                "writes the files of a release, compares those that exist, and removes the parts of an upload that "
                "cannot finish"
            )
            actions = "s3:AbortMultipartUpload s3:GetObject s3:PutObject"
            return {"WriteReleases": statement(actions, target, reason=reason)}
        case Access.READ_RELEASES:
            return read_releases(environment, names)
        case Access.READ_TARGET_SCHEMA:
            return _read_target_schema(environment, names)
        case Access.DATABASE:
            return secret(environment, names)
        case Access.NOTIFY:
            topic = environment.config.sns_topic_arn
            reason = "publishes the failure of a run"
            return {"Notify": statement("sns:Publish", topic, reason=reason)} if topic else {}


def read_releases(environment: Environment, names: Names) -> dict[str, Statement]:
    """Reading config releases and the pointer to the current one."""
    route = environment.release_route
    return {
        "ListConfigs": listing(
            names,
            route.output_bucket,
            route.output_prefix,
            "gets 404 instead of 403 for a missing file of the config release",
        ),
        "ReadConfigs": statement(
            "s3:GetObject",
            names.objects_arn(route.output_bucket, route.output_prefix),
            reason="reads the current config release",
        ),
    }


def _read_target_schema(environment: Environment, names: Names) -> dict[str, Statement]:
    """Reading the target schema; a place among the config releases is covered already."""
    route = environment.release_route
    places = [
        (bucket, key)
        for bucket, key in environment.target_schema_files
        if not (bucket == route.output_bucket and key.startswith(route.output_prefix))
    ]
    lists = {
        f"ListTargetSchema{number}": listing(
            names, bucket, key, "gets 404 instead of 403 when the target schema is not in this place"
        )
        for number, (bucket, key) in enumerate(places, 1)
    }
    files = [names.path_arn(f"{bucket}/{key}") for bucket, key in places]
    return lists | {
        "ReadTargetSchema": statement("s3:GetObject", *files, reason="reads which tables a landing has")
    }
