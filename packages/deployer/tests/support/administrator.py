"""Administrator beside the deployer's: what was there before, what is changed meanwhile, what an older deployer left."""

import io
import json
import zipfile
from functools import cached_property
from typing import Any

from deployer.blueprint.specs import SPECS
from support.account import trusting_role
from support.environments import BUCKETS
from support.policy_users import ACCOUNT, Lifecycle
from support.running import definition, start

NOTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)
BASES = ("/aws/lambda/", "/aws-glue/jobs/", "/aws/vendedlogs/states/")
DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
WHERE = f"us-east-1:{ACCOUNT}"


class Administrator:
    """An administrator of the account."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.lifecycle = lifecycle
        self.tags = {"cars:managed-by": "cars-deployer", "cars:environment": lifecycle.deploy_env}

    @cached_property
    def machines_role(self) -> str:
        return trusting_role(
            self.lifecycle.client, f"{self.lifecycle.deploy_env}-states", "states.amazonaws.com"
        )

    def key(self) -> str:
        arn: str = self.lifecycle.client("kms").create_key()["KeyMetadata"]["Arn"]
        return arn

    def encrypt(self, key: str) -> None:
        """From now on the key encrypts everything that is written."""
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
        for bucket in BUCKETS[2:]:
            self.lifecycle.client("s3").put_bucket_encryption(
                Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
            )

    def encrypt_no_more(self) -> None:
        for bucket in BUCKETS[2:]:
            self.lifecycle.client("s3").delete_bucket_encryption(Bucket=bucket)

    def layer(self) -> str:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("python/nothing.py", "")
        client = self.lifecycle.client("lambda")
        arn: str = client.publish_layer_version(
            LayerName=f"{self.lifecycle.deploy_env}-layer", Content={"ZipFile": content.getvalue()}
        )["LayerVersionArn"]
        return arn

    def leave_behind(self) -> int:
        """Makes some resources of each kind with our tags that are in no model; returns their number."""
        name, tags, client = f"{self.lifecycle.prefix}left", self.tags, self.lifecycle.client
        role = trusting_role(client, name, "lambda.amazonaws.com")
        client("iam").tag_role(RoleName=name, Tags=[{"Key": key, "Value": tags[key]} for key in tags])
        client("iam").put_role_policy(RoleName=name, PolicyName="cars", PolicyDocument=NOTHING)
        code = next((self.lifecycle.build_dir / "lambda").glob("*/*.zip")).read_bytes()
        client("lambda").create_function(
            FunctionName=name, Runtime="python3.13", Role=role, Handler="x.y", Code={"ZipFile": code}, Tags=tags
        )  # fmt: skip
        client("stepfunctions").create_state_machine(
            name=name,
            roleArn=self.machines_role,
            definition=DEFINITION,
            tags=[{"key": key, "value": tags[key]} for key in tags],
        )
        client("sqs").create_queue(QueueName=name, tags=tags)
        for base in BASES:
            client("logs").create_log_group(logGroupName=f"{base}{name}", tags=tags)
        return 7 + self._leave_in_glue(name, role)

    def _leave_in_glue(self, name: str, role: str) -> int:
        glue = self.lifecycle.client("glue")
        glue.create_job(Name=name, Role=role, Command={"Name": "glueetl"}, Tags=self.tags)
        wanted = {"Name": name, "ConnectionType": "NETWORK", "ConnectionProperties": {}}
        glue.create_connection(ConnectionInput=wanted, Tags=self.tags)
        for ending in ("cars", "cars-cdc"):
            database = {"Name": f"fsa-{self.lifecycle.deploy_env.lower()}left-{ending}"}
            glue.create_database(DatabaseInput=database, Tags=self.tags)
        return 4

    def edit(self) -> None:
        """Changes that only a repair undoes, and a role without our tags."""
        iam, role = self.lifecycle.client("iam"), f"{self.lifecycle.prefix}edv-check-results-role"
        iam.put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=NOTHING)
        iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=_trusting("lambda", "glue"))
        keys = [tag["Key"] for tag in iam.get_role(RoleName=role)["Role"]["Tags"]]
        iam.untag_role(RoleName=role, TagKeys=keys)
        glue, name = self.lifecycle.client("glue"), f"fsa-{self.lifecycle.deploy_env.lower()}-cars"
        glue.update_database(Name=name, DatabaseInput={"Name": name, "Description": "theirs"})
        name = f"CARS-{self.lifecycle.deploy_env}"
        connection = glue.get_connection(Name=name)["Connection"]
        kept = ("Name", "ConnectionType", "PhysicalConnectionRequirements")
        theirs = {key: connection[key] for key in kept} | {
            "ConnectionProperties": {},
            "Description": "theirs",
        }
        glue.update_connection(Name=name, ConnectionInput=theirs)

    def publish(self) -> None:
        """Replaces a version of ours that is not live yet by one with the same content and another description."""
        client, name = self.lifecycle.client("lambda"), f"{self.lifecycle.prefix}DownloadZip"
        *_, last = client.list_versions_by_function(FunctionName=name)["Versions"]
        for memory in (999, last["MemorySize"]):
            client.update_function_configuration(FunctionName=name, MemorySize=memory)
            client.publish_version(FunctionName=name, Description="theirs")
        client.delete_function(FunctionName=name, Qualifier=last["Version"])

    def disown(self) -> None:
        """Removes our tags from functions and machines; their live aliases stay ours."""
        for spec in SPECS:
            arn = f"arn:aws:lambda:{WHERE}:function:{self.lifecycle.prefix}{spec.suffix}"
            self.lifecycle.client("lambda").untag_resource(Resource=arn, TagKeys=["cars:managed-by"])
        for pipeline in ("CARS-EDV-Pipeline", "CARS-Landing-Pipeline"):
            machine = f"arn:aws:states:{WHERE}:stateMachine:{self.lifecycle.prefix}{pipeline}"
            self.lifecycle.client("stepfunctions").untag_resource(
                resourceArn=machine, tagKeys=["cars:managed-by"]
            )

    def run_pinned(self, release: str) -> str:
        """ARN of an execution that is pinned to a config release and waits; the machine stays as it was."""
        states = self.lifecycle.client("stepfunctions")
        machine = f"arn:aws:states:{WHERE}:stateMachine:{self.lifecycle.prefix}CARS-EDV-Pipeline"
        before = states.describe_state_machine(stateMachineArn=machine)["definition"]
        states.update_state_machine(stateMachineArn=machine, definition=definition(release))
        arn = start(self.lifecycle.client, machine, "waits")
        states.update_state_machine(stateMachineArn=machine, definition=before)
        return arn

    def leave_config_release(self) -> str:
        """Leaves an object of a config release behind, like a push that died; returns the release."""
        self.lifecycle.client("s3").put_object(
            Bucket=BUCKETS[2], Key="cars/_configs/releases/0dead/EDV/A.sql", Body=b"SELECT 1"
        )
        return "0dead"

    def spoil_lock(self) -> None:
        key = f"cars/deployments/{self.lifecycle.deploy_env}/lock.json"
        self.lifecycle.client("s3").put_object(Bucket=BUCKETS[3], Key=key, Body=b"edited by hand")


def _trusting(*services: str) -> str:
    principal: dict[str, Any] = {"Service": [f"{service}.amazonaws.com" for service in services]}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
