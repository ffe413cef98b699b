"""Policy statements: one function's needs turned into actions on ARNs, never a wildcard action.

`Resource: *` appears only where AWS offers no resource scoping, each time with its reason.
"""

import json
from collections.abc import Iterable, Mapping

from deployer.blueprint.specs import Need, Spec
from deployer.config import Environment
from deployer.model import Document, Statement
from deployer.names import Names

ANYWHERE = ("*",)
_WRITING = {Need.WRITE_ARCHIVES, Need.WRITE_RELEASES, Need.NOTIFY}
_S3 = {Need.READ_ZONES, Need.WRITE_ARCHIVES, Need.READ_UPLOADS, Need.WRITE_RELEASES, Need.READ_RELEASES}


def statement(actions: str, *resources: str, condition: Mapping[str, object] | None = None) -> Statement:
    """A statement from blank-separated actions; actions and resources come out sorted."""
    document = Document(json.dumps(condition, sort_keys=True)) if condition else None
    return Statement(tuple(sorted(actions.split())), tuple(sorted(set(resources))), document)


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
    """Policy of one function: its own log group, tracing, its needs, and the VPC when there is one."""
    group = names.log_group_arn(names.function_log_group(names.function(spec.suffix)))
    policy = {
        "OwnLogs": statement("logs:CreateLogStream logs:PutLogEvents", f"{group}:*"),
        "Tracing": tracing(),
    }
    for need in spec.needs:
        policy |= _for_need(need, environment, names)
    if environment.config.lambda_vpc and environment.config.lambda_vpc.subnet_ids:
        policy["NetworkInterfaces"] = lambda_network()
    return policy | _function_key(spec, environment, names)


def _function_key(spec: Spec, environment: Environment, names: Names) -> dict[str, Statement]:
    """The key, for what the function reads and writes; its own variables Lambda decrypts by a grant of its own."""
    config, needs = environment.config, set(spec.needs)
    through = {"s3"} if needs & _S3 else set()
    through |= {"secretsmanager"} if config.secret_name and Need.DATABASE in needs else set()
    through |= {"sns"} if config.sns_topic_arn and Need.NOTIFY in needs else set()
    return key_use(environment, names, through, writes=bool(needs & _WRITING))


def key_use(
    environment: Environment, names: Names, services: Iterable[str], *, writes: bool
) -> dict[str, Statement]:
    """Use of the file's KMS key, when it names one, through some services (as in `s3`) and no other way."""
    key, region = environment.config.kms_key_arn, names.place.region
    through = sorted(f"{service}.{region}.amazonaws.com" for service in services)
    if not key or not through:
        return {}
    actions = "kms:Decrypt kms:GenerateDataKey" if writes else "kms:Decrypt"
    return {"UseKey": statement(actions, key, condition={"StringEquals": {"kms:ViaService": through}})}


def tracing() -> Statement:
    """X-Ray segments have no resource to name."""
    return statement("xray:PutTelemetryRecords xray:PutTraceSegments", *ANYWHERE)


def lambda_network() -> Statement:
    """Lambda checks these on `*` before it makes its interfaces; the ids do not exist yet."""
    return statement(
        "ec2:AssignPrivateIpAddresses ec2:CreateNetworkInterface ec2:DeleteNetworkInterface "
        "ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:UnassignPrivateIpAddresses",
        *ANYWHERE,
    )


def zone_buckets(environment: Environment) -> tuple[str, ...]:
    """Landing, clean and final bucket."""
    strparams = environment.config.strparams
    return strparams.landing_bucket, strparams.clean_bucket, strparams.final_bucket


def secret(environment: Environment, names: Names) -> dict[str, Statement]:
    """Reading the one database secret, when there is one."""
    name = environment.config.secret_name
    arn = names.secret_arn(name) if name else None
    return {"DatabaseSecret": statement("secretsmanager:GetSecretValue", arn)} if arn else {}


def listing(names: Names, bucket: str, prefix: str) -> Statement:
    """Listing one prefix of a bucket, and being told 404 instead of 403 for an object that is missing.

    S3 asks for that second right without naming a prefix, hence `IfExists`: a plain `StringLike` would deny it.
    """
    condition = {"StringLikeIfExists": {"s3:prefix": f"{prefix}*"}} if prefix else None
    return statement("s3:ListBucket", names.bucket_arn(bucket), condition=condition)


def _for_need(need: Need, environment: Environment, names: Names) -> dict[str, Statement]:
    route = environment.release_route
    zones = zone_buckets(environment)
    archives = dict.fromkeys((*zones, environment.config.artifacts.bucket))
    match need:
        case Need.READ_ZONES:
            return {
                "ListZones": statement("s3:ListBucket", *map(names.bucket_arn, zones)),
                "ReadZones": statement("s3:GetObject", *map(names.objects_arn, zones)),
            }
        case Need.WRITE_ARCHIVES:
            targets = [
                f"{names.bucket_arn(bucket)}/{key}" for bucket in archives for key in ("*.zip", "exports/*")
            ]
            return {"WriteArchives": statement("s3:AbortMultipartUpload s3:PutObject", *targets)}
        case Need.READ_UPLOADS:
            return {
                "ListUploads": listing(names, route.input_bucket, route.input_prefix),
                "ReadUploads": statement(
                    "s3:GetObject", names.objects_arn(route.input_bucket, route.input_prefix)
                ),
            }
        case Need.WRITE_RELEASES:
            target = names.objects_arn(route.output_bucket, route.output_prefix)
            return {"WriteReleases": statement("s3:AbortMultipartUpload s3:PutObject", target)}
        case Need.READ_RELEASES:
            return read_releases(environment, names)
        case Need.DATABASE:
            return secret(environment, names)
        case Need.NOTIFY:
            topic = environment.config.sns_topic_arn
            return {"Notify": statement("sns:Publish", topic)} if topic else {}


def read_releases(environment: Environment, names: Names) -> dict[str, Statement]:
    """Reading config releases and the pointer to the current one."""
    route = environment.release_route
    return {
        "ListConfigs": listing(names, route.output_bucket, route.output_prefix),
        "ReadConfigs": statement("s3:GetObject", names.objects_arn(route.output_bucket, route.output_prefix)),
    }
