"""One checked environment: the settings of its file, and what follows from them."""

from dataclasses import dataclass, field
from functools import cached_property

from deployer.environment_file.schema import ConfigFile

DEFAULT_RUNTIME = "python3.13"


@dataclass(frozen=True)
class ReleaseRoute:
    """Where config releases are uploaded and stored; prefixes end in a slash unless empty."""

    input_bucket: str
    input_prefix: str
    output_bucket: str
    output_prefix: str

    @property
    def root(self) -> str:
        """`s3://` address of the config root, without a slash at the end."""
        return f"s3://{self.output_bucket}/{self.output_prefix}".rstrip("/")


@dataclass(frozen=True)
class DeploymentPaths:
    """Keys of lock, journal and manifests in the artifact bucket; the folder ends in a slash."""

    bucket: str
    folder: str

    @property
    def lock(self) -> str:
        return f"{self.folder}lock.json"

    @property
    def journal(self) -> str:
        return f"{self.folder}journal.jsonl"

    @property
    def manifests(self) -> str:
        """Prefix of all manifests."""
        return f"{self.folder}releases/"

    def manifest(self, release: str) -> str:
        return f"{self.manifests}{release}.json"


@dataclass(frozen=True)
class Environment:
    """Name, source and settings of an environment; `notes` are for the person at the terminal."""

    name: str
    source: str
    config: ConfigFile
    env: str
    notes: tuple[str, ...] = field(default=())

    @property
    def prefix(self) -> str:
        """Prefix of every resource name, for example `FSA-PROD`."""
        return f"FSA-{self.config.deploy_env}"

    @property
    def region(self) -> str:
        return self.config.region

    @property
    def bucket_region(self) -> str:
        return self.config.bucket_region or self.config.region

    @property
    def is_local(self) -> bool:
        """True for the built-in environment, which needs AWS_ENDPOINT_URL."""
        return self.name == "local"

    @property
    def runtime(self) -> str:
        """Lambda runtime, for example `python3.13`."""
        return self.config.strparams.lambda_runtime or DEFAULT_RUNTIME

    @property
    def artifact_key(self) -> str:
        """The KMS key for artifacts; empty (the default of the bucket) when the bucket is in another region."""
        return (self.config.kms_key_arn or "") if self.bucket_region == self.region else ""

    @property
    def deployment_paths(self) -> DeploymentPaths:
        """Where lock, journal and manifests of this environment are."""
        artifacts = self.config.artifacts
        return DeploymentPaths(artifacts.bucket, f"{artifacts.prefix}deployments/{self.config.deploy_env}/")

    @property
    def target_schema_files(self) -> tuple[tuple[str, str], ...]:
        """Bucket and key of the places where the target schema may lie, in the order in which they are tried."""
        app, zones = self.config.project, self.config.strparams
        name = f"{app}_target_schema.json"
        return (
            (zones.final_bucket, f"{app}/_configs/{name}"),
            (zones.landing_bucket, f"{app}/etl-jobs/{name}"),
        )

    @cached_property
    def release_route(self) -> ReleaseRoute:
        """Buckets and prefixes of config releases; missing keys of the file follow from the others."""
        upload = self.config.config_upload
        artifacts = self.config.artifacts
        input_prefix = upload.input_prefix
        output_prefix = upload.output_prefix
        return ReleaseRoute(
            input_bucket=upload.input_bucket or artifacts.bucket,
            input_prefix=f"{artifacts.prefix}configs/" if input_prefix is None else input_prefix,
            output_bucket=upload.output_bucket or self.config.strparams.final_bucket,
            output_prefix=f"{self.config.project}/_configs/" if output_prefix is None else output_prefix,
        )
