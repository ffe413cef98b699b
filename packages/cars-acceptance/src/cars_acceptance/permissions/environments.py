"""The two environments of the proof: their prerequisites and their environment files.

`everything` has every optional key that grants permissions; `plain` has none.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cars_acceptance.main_job.account import database_secret

ACCOUNT, REGION, PROJECT = "111122223333", "us-east-1", "cars"
ZONES = ("landing", "clean", "final")
Client = Callable[[str], Any]


@dataclass(frozen=True)
class Environment:
    """An environment of the given name and the names that follow from it."""

    name: str
    optional_keys: bool

    @property
    def deploy_env(self) -> str:
        return self.name.upper()

    @property
    def secret(self) -> str:
        return f"fsa-{self.name}/cars/postgres"

    def bucket(self, zone: str) -> str:
        """A zone's bucket, or the one of the `artifacts`."""
        return f"fsa-{self.name}-cars-{zone}"

    @property
    def buckets(self) -> tuple[str, ...]:
        return tuple(map(self.bucket, (*ZONES, "artifacts")))

    @property
    def connection(self) -> str:
        return f"FSA-{self.deploy_env}-PG-DART114"

    def file(self, made: Mapping[str, Any]) -> dict[str, Any]:
        """The environment file; `made` is the result of `create_prerequisites`."""
        artifacts = self.bucket("artifacts")
        plain = {
            "deployEnv": self.deploy_env,
            "project": PROJECT,
            "region": REGION,
            "account": ACCOUNT,
            "env": self.name,
            "strparams": {
                **{f"{zone}BucketNameParam": self.bucket(zone) for zone in ZONES},
                "lambdaRuntime": f"python{sys.version_info.major}.{sys.version_info.minor}",
            },
            "artifacts": {"artifactBucket": artifacts, "prefix": "cars/"},
            "configUpload": {
                "inputBucket": artifacts,
                "inputPrefix": "cars/configs/",
                "outputBucket": self.bucket("final"),
                "outputPrefix": "cars/_configs",
            },
            "GlueJobParameters": {
                "Connections": [{"ConnectionName": self.connection}],
                "GlueVersion": "5.1",
                "MaxConcurrency": 20,
            },
            "lambdaEnv": {"DB_SSLMODE": "disable"},
            "glueDefaultArgs": {"--sslmode": "disable"},
            "secretName": self.secret,
        }
        return {**plain, **(self._optional(plain, made) if self.optional_keys else {})}

    def _optional(self, plain: Mapping[str, Any], made: Mapping[str, Any]) -> dict[str, Any]:
        artifacts, network = self.bucket("artifacts"), made["network"]
        return {
            "GlueJobParameters": {
                **plain["GlueJobParameters"],
                "Connections": [
                    {"ConnectionName": self.connection},
                    {"ConnectionName": f"{self.connection}-NETWORK", "type": "NETWORK", **network},
                ],
                "SparkUILogsPath": f"s3://{artifacts}/spark-ui/",
                "TemporaryPath": f"s3://{artifacts}/scratch/",
                "GenerateMetrics": "true",
                "JobObservabilityMetrics": "true",
                "JobContinuousLogging": "true",
                "ReferencedFilesS3Path": made["file"],
                "AdditionalPythonModulesS3Path": made["module"],
            },
            "lambdaVpc": {"subnetIds": network["SubnetIds"], "securityGroupIds": network["SecurityGroupIds"]},
            "snsTopicArn": made["topic"],
            "kmsKeyArn": made["key"],
            "schedule": "cron(0 10 * * ? *)",
            "landing": {"schedule": "cron(0 8 * * ? *)"},
        }


EVERYTHING, PLAIN = Environment("everything", optional_keys=True), Environment("plain", optional_keys=False)


def create_prerequisites(
    client: Client, environment: Environment, postgres: Mapping[str, str]
) -> dict[str, Any]:
    """Create what the deployer requires in an account; returns names and ARNs for the environment file."""
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    for bucket in environment.buckets:
        client("s3").create_bucket(Bucket=bucket)
        if environment.optional_keys:
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
            client("s3").put_bucket_encryption(
                Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
            )
    under_key = {"KmsKeyId": key} if environment.optional_keys else {}
    secret = json.dumps(database_secret(postgres))
    client("secretsmanager").create_secret(Name=environment.secret, SecretString=secret, **under_key)
    url = f"jdbc:postgresql://{postgres['PGHOST']}:{postgres['PGPORT']}/{postgres['PGDATABASE']}"
    client("glue").create_connection(
        ConnectionInput={
            "Name": environment.connection,
            "ConnectionType": "JDBC",
            "ConnectionProperties": {"JDBC_CONNECTION_URL": url, "SECRET_ID": environment.secret},
        }
    )
    return _optional(client, environment, key) if environment.optional_keys else {}


def _optional(client: Client, environment: Environment, key: str) -> dict[str, Any]:
    files = {name: f"extra/{name}" for name in ("a.txt", "b.zip")}
    bucket = environment.bucket("artifacts")
    for name in files.values():
        client("s3").put_object(Bucket=bucket, Key=name, Body=EMPTY_ZIP)
    topic = client("sns").create_topic(Name=f"{environment.name}-alarms", Attributes={"KmsMasterKeyId": key})
    return {
        "key": key,
        "topic": topic["TopicArn"],
        "network": _network(client("ec2")),
        "file": f"s3://{bucket}/{files['a.txt']}",
        "module": f"s3://{bucket}/{files['b.zip']}",
    }


def _network(ec2: Any) -> dict[str, str]:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1b")["Subnet"]
    group = ec2.create_security_group(GroupName="cars", Description="cars", VpcId=vpc)["GroupId"]
    return {"VpcId": vpc, "SubnetIds": subnet["SubnetId"], "SecurityGroupIds": group}


EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
