"""Resources that an account has before the first deploy: buckets, the database secret, the topic, the Glue connection."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from support.environments import BUCKETS, raw_config


def furnish(client: Callable[[str], Any]) -> None:
    """Makes everything that `raw_config` names and the deployer does not make; existing resources stay."""
    raw = raw_config()
    topic = raw["snsTopicArn"].rpartition(":")[2]
    (connection,) = raw["GlueJobParameters"]["Connections"]
    address = {
        "JDBC_CONNECTION_URL": "jdbc:postgresql://localhost:5432/EDV",
        "USERNAME": "u",
        "PASSWORD": "p",
    }
    wanted = {"Name": connection["ConnectionName"], "ConnectionType": "JDBC", "ConnectionProperties": address}
    for bucket in BUCKETS:
        with suppress(ClientError):
            client("s3").create_bucket(Bucket=bucket)
    with suppress(ClientError):
        client("secretsmanager").create_secret(Name=raw["secretName"], SecretString="{}")
    client("sns").create_topic(Name=topic)
    with suppress(ClientError):
        client("glue").create_connection(ConnectionInput=wanted)


def trusting_role(client: Callable[[str], Any], name: str, service: str) -> str:
    """ARN of a new role with which one service may do everything."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = client("iam")
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return arn


def network(client: Callable[[str], Any], connection: str) -> dict[str, str]:
    """A new VPC with a subnet and a security group, as an entry of `Connections` names them."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1b")["Subnet"]
    group = ec2.create_security_group(GroupName="glue", Description="glue", VpcId=vpc)["GroupId"]
    return {
        "ConnectionName": connection,
        "type": "NETWORK",
        "VpcId": vpc,
        "SubnetIds": subnet["SubnetId"],
        "SecurityGroupIds": group,
    }
