"""Objects: artifacts, lock, journal and manifests of deploys, releases of configs; and looking at the buckets."""

from collections.abc import Iterator

from deployer.required_permissions.grants import CHANGE, LOOK, REMOVE, Conditions, Grant, Task, grant
from deployer.required_permissions.scope import Scope

_CONFIGS = (Task.CONFIGS,)


def buckets(scope: Scope) -> Iterator[Grant]:
    """Everything in S3."""
    yield from _looking_at_buckets(scope)
    yield from _deploying(scope)
    yield from _configs(scope)


def _looking_at_buckets(scope: Scope) -> Iterator[Grant]:
    config, route, arn = scope.environment.config, scope.environment.release_route, scope.names.bucket_arn
    zones = config.strparams.landing_bucket, config.strparams.clean_bucket, config.strparams.final_bucket
    artifacts, output = config.artifacts.bucket, route.output_bucket
    looked_at = dict.fromkeys((*zones, route.input_bucket))
    yield from grant(
        "LookAtBuckets",
        (Task.PLAN, Task.DEPLOY),
        "s3:ListBucket",
        [arn(bucket) for bucket in looked_at if bucket not in {artifacts, output}],
        "sees that buckets exist, whose they are and where (HeadBucket takes ListBucket); lists nothing",
    )
    yield from grant(
        "ListDeployments",
        LOOK,
        "s3:ListBucket",
        [arn(artifacts)],
        "lists manifests; is told that an object is missing, not that it is closed, for which AWS checks no prefix",
        _below(scope.environment.deployment_paths.manifests),
    )
    yield from grant(
        "ListConfigs",
        (Task.PLAN, Task.DEPLOY, Task.CONFIGS),
        "s3:ListBucket",
        [arn(output)],
        "lists a config release to verify it; is told that an object is missing, not that it is closed",
        _below(f"{route.output_prefix}releases/"),
    )


def _below(prefix: str) -> Conditions:
    """Lists below one prefix; what asks for the bucket alone names none."""
    return {"StringLikeIfExists": {"s3:prefix": f"{prefix}*"}}


def _deploying(scope: Scope) -> Iterator[Grant]:
    place, names = scope.environment.config.artifacts, scope.names
    code = [
        names.objects_arn(place.bucket, f"{place.prefix}{folder}") for folder in ("lambda/", "glue/releases/")
    ]
    paths = scope.environment.deployment_paths
    manifests = names.objects_arn(paths.bucket, paths.manifests)
    lock, journal = (f"{names.bucket_arn(paths.bucket)}/{key}" for key in (paths.lock, paths.journal))
    yield from grant(
        "ReadArtifacts",
        LOOK,
        "s3:GetObject",
        [*code, names.objects_arn(paths.bucket, paths.folder)],
        "compares code by checksum, which Lambda then reads with these rights; reads manifests, lock and journal",
    )
    yield from grant(
        "WriteArtifacts",
        CHANGE,
        "s3:PutObject",
        [*code, manifests],
        "sends code and manifests, keyed by digest",
    )
    yield from grant(
        "PruneManifests", CHANGE, "s3:DeleteObject", [manifests], "forgets releases beyond --keep"
    )
    yield from grant(
        "Guard", REMOVE, "s3:PutObject", [lock, journal], "takes and keeps the lock, writes the journal"
    )
    yield from grant("ReleaseLock", REMOVE, "s3:DeleteObject", [lock], "gives the lock back")


def _configs(scope: Scope) -> Iterator[Grant]:
    route, names = scope.environment.release_route, scope.names
    pointer = f"{names.bucket_arn(route.output_bucket)}/{route.output_prefix}current.json"
    yield from grant(
        "ReadPointer",
        (*CHANGE, *_CONFIGS),
        "s3:GetObject",
        [pointer],
        "notes in the manifest which config release is current; switches only the pointer that was read",
    )
    yield from grant(
        "SendConfigs",
        _CONFIGS,
        "s3:PutObject",
        [f"{names.objects_arn(route.input_bucket, route.input_prefix)}.zip"],
        "sends a config release to UploadConfig",
    )
    yield from grant(
        "VerifyConfigs",
        _CONFIGS,
        "s3:GetObject",
        [names.objects_arn(route.output_bucket, f"{route.output_prefix}releases/")],
        "reads every object of a config release back",
    )
    yield from grant("SwitchConfigs", _CONFIGS, "s3:PutObject", [pointer], "makes a config release current")
