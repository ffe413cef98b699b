"""Resource names and ARNs: they follow from environment, account and partition."""

from dataclasses import dataclass

from deployer.environment_file import Environment
from deployer.model.resources import LIVE


@dataclass(frozen=True)
class Place:
    """Where resources are; the partition comes from the ARN of the caller."""

    partition: str
    account: str
    region: str


@dataclass(frozen=True)
class Names:
    """Names of one environment's resources, for example prefix `FSA-PROD`."""

    prefix: str
    place: Place

    def function(self, suffix: str) -> str:
        return f"{self.prefix}-{suffix}"

    @property
    def glue_job(self) -> str:
        return f"{self.prefix}-DATAMART-EXEC-DB-SQL"

    @property
    def edv_pipeline(self) -> str:
        return f"{self.prefix}-CARS-EDV-Pipeline"

    @property
    def landing_pipeline(self) -> str:
        return f"{self.prefix}-CARS-Landing-Pipeline"

    @property
    def machines(self) -> tuple[str, ...]:
        """All state machines; the first one's live alias tells which release is in force."""
        return self.edv_pipeline, self.landing_pipeline

    @property
    def machine_role(self) -> str:
        return f"{self.prefix}-CARS-StepFunctions-role"

    @property
    def schedule(self) -> str:
        """Name of the schedule, equal to that of the pipeline that it starts."""
        return self.edv_pipeline

    @property
    def schedule_group(self) -> str:
        """The group has the tags, because a schedule cannot have any."""
        return f"{self.prefix}-CARS"

    @property
    def schedule_role(self) -> str:
        return f"{self.prefix}-CARS-EDV-Schedule-role"

    @property
    def dead_letter_queue(self) -> str:
        return f"{self.prefix}-CARS-EDV-Schedule-DLQ"

    def role(self, owner: str) -> str:
        """Name of the role of one function or job."""
        return f"{owner}-role"

    def function_log_group(self, function: str) -> str:
        return f"/aws/lambda/{function}"

    @property
    def glue_log_group(self) -> str:
        """Under `/aws-glue/`, where the AWS managed Glue service role may write too."""
        return f"/aws-glue/jobs/{self.glue_job}"

    def machine_log_group(self, machine: str) -> str:
        """Under `/aws/vendedlogs/`, which keeps the account's log resource policy short."""
        return f"/aws/vendedlogs/states/{machine}"

    def arn(self, service: str, resource: str) -> str:
        """ARN of a regional resource of this account."""
        return f"arn:{self.place.partition}:{service}:{self.place.region}:{self.place.account}:{resource}"

    def function_arn(self, function: str) -> str:
        return self.arn("lambda", f"function:{function}")

    def glue_job_arn(self) -> str:
        return self.arn("glue", f"job/{self.glue_job}")

    def machine_arn(self, machine: str) -> str:
        return self.arn("states", f"stateMachine:{machine}")

    def alias_arn(self, machine: str) -> str:
        """ARN of the alias that executions are started on."""
        return f"{self.machine_arn(machine)}:{LIVE}"

    def log_group_arn(self, group: str) -> str:
        return self.arn("logs", f"log-group:{group}")

    def role_arn(self, role: str) -> str:
        return f"arn:{self.place.partition}:iam::{self.place.account}:role/{role}"

    def bucket_arn(self, bucket: str) -> str:
        return f"arn:{self.place.partition}:s3:::{bucket}"

    def path_arn(self, path: str) -> str:
        """ARN of `s3://bucket/key`."""
        return self.bucket_arn(path.removeprefix("s3://"))

    def objects_arn(self, bucket: str, prefix: str = "") -> str:
        """ARN of all objects under a prefix."""
        return f"{self.bucket_arn(bucket)}/{prefix}*"

    def secret_arn(self, secret: str) -> str:
        """ARN of a secret by name: Secrets Manager adds a dash and six random characters."""
        return secret if secret.startswith("arn:") else self.arn("secretsmanager", f"secret:{secret}-??????")


def catalog_databases(env: str) -> tuple[str, str]:
    """Data Catalog databases of the final and the change zone; `env` is the token used in data."""
    return f"fsa-{env}-cars", f"fsa-{env}-cars-cdc"


def names_of(environment: Environment, partition: str, account: str) -> Names:
    """Names of one environment in the caller's account."""
    return Names(environment.prefix, Place(partition, account, environment.region))
