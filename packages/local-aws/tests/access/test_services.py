"""What each call takes: with exactly these permissions it is let through, without any one of them it is denied."""

from collections.abc import Sequence
from typing import Any

import pytest

from local_aws.server import LocalAws
from local_aws.testing.functions import RUNTIME, archive
from local_aws.testing.roles import allow, make_role

from ..support.users import User

HOME = "us-east-1:111122223333"
ROLE = "arn:aws:iam::111122223333:role/acc-service"
STATES_ROLE = "arn:aws:iam::111122223333:role/acc-states"
OBJECT, BUCKET = "arn:aws:s3:::acc/conf/a", "arn:aws:s3:::acc"
FUNCTION = f"arn:aws:lambda:{HOME}:function:acc"
JOB, CATALOG = f"arn:aws:glue:{HOME}:job/acc", f"arn:aws:glue:{HOME}:catalog"
MACHINE = f"arn:aws:states:{HOME}:stateMachine:acc"
GROUP = f"arn:aws:logs:{HOME}:log-group:/acc"
TOPIC, QUEUE = f"arn:aws:sns:{HOME}:acc", f"arn:aws:sqs:{HOME}:acc"
SCHEDULE = f"arn:aws:scheduler:{HOME}:schedule/default/acc"
ROLE_TAG = [{"Key": "team", "Value": "a"}]
DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
COMMAND = {"Name": "glueetl", "ScriptLocation": "s3://acc/s.py"}
TRUST = '{"Version": "2012-10-17", "Statement": []}'
TARGET = {"Arn": MACHINE, "RoleArn": ROLE}
EVENT_ROLE = "arn:aws:iam::111122223333:role/acc-event"

Case = tuple[str, str, dict[str, Any], Sequence[tuple[str, str]]]
CASES: Sequence[Case] = [
    ("s3", "get_object", {"Bucket": "acc", "Key": "conf/a"}, [("s3:GetObject", OBJECT)]),
    ("s3", "head_object", {"Bucket": "acc", "Key": "conf/a"}, [("s3:GetObject", OBJECT)]),
    (
        "s3",
        "get_object",
        {"Bucket": "acc", "Key": "x y+é"},
        [("s3:GetObject", f"{BUCKET}/x y+é"), ("s3:ListBucket", BUCKET)],
    ),
    ("s3", "list_objects_v2", {"Bucket": "acc"}, [("s3:ListBucket", BUCKET)]),
    ("s3", "head_bucket", {"Bucket": "acc"}, [("s3:ListBucket", BUCKET)]),
    ("s3", "list_buckets", {}, [("s3:ListAllMyBuckets", "*")]),
    ("s3", "put_object", {"Bucket": "acc", "Key": "conf/a"}, [("s3:PutObject", OBJECT)]),
    (
        "s3",
        "put_object",
        {"Bucket": "acc", "Key": "conf/a", "Tagging": "a=b"},
        [("s3:PutObject", OBJECT), ("s3:PutObjectTagging", OBJECT)],
    ),
    (
        "s3",
        "put_object",
        {"Bucket": "acc", "Key": "conf/a", "IfMatch": '"e"'},
        [("s3:PutObject", OBJECT), ("s3:GetObject", OBJECT)],
    ),
    ("s3", "put_object", {"Bucket": "acc", "Key": "conf/a", "IfNoneMatch": "*"}, [("s3:PutObject", OBJECT)]),
    (
        "s3",
        "copy_object",
        {"Bucket": "acc", "Key": "conf/a", "CopySource": "acc/from"},
        [("s3:GetObject", f"{BUCKET}/from"), ("s3:PutObject", OBJECT)],
    ),
    ("s3", "create_multipart_upload", {"Bucket": "acc", "Key": "conf/a"}, [("s3:PutObject", OBJECT)]),
    (
        "s3",
        "upload_part",
        {"Bucket": "acc", "Key": "conf/a", "UploadId": "u", "PartNumber": 1},
        [("s3:PutObject", OBJECT)],
    ),
    (
        "s3",
        "complete_multipart_upload",
        {"Bucket": "acc", "Key": "conf/a", "UploadId": "u"},
        [("s3:PutObject", OBJECT)],
    ),
    (
        "s3",
        "abort_multipart_upload",
        {"Bucket": "acc", "Key": "conf/a", "UploadId": "u"},
        [("s3:AbortMultipartUpload", OBJECT)],
    ),
    ("s3", "list_multipart_uploads", {"Bucket": "acc"}, [("s3:ListBucketMultipartUploads", BUCKET)]),
    ("s3", "delete_object", {"Bucket": "acc", "Key": "gone"}, [("s3:DeleteObject", f"{BUCKET}/gone")]),
    (
        "s3",
        "delete_objects",
        {"Bucket": "acc", "Delete": {"Objects": [{"Key": "g1"}, {"Key": "g2"}]}},
        [("s3:DeleteObject", f"{BUCKET}/g?")],
    ),
    (
        "s3",
        "delete_objects",
        {"Bucket": "acc", "Delete": {"Objects": [{"Key": "a&b"}]}},
        [("s3:DeleteObject", f"{BUCKET}/a&b")],
    ),
    (
        "s3",
        "get_bucket_lifecycle_configuration",
        {"Bucket": "acc"},
        [("s3:GetLifecycleConfiguration", BUCKET)],
    ),
    ("s3", "get_bucket_location", {"Bucket": "acc"}, [("s3:GetBucketLocation", BUCKET)]),
    ("s3", "get_bucket_encryption", {"Bucket": "acc"}, [("s3:GetEncryptionConfiguration", BUCKET)]),
    ("s3", "create_bucket", {"Bucket": "acc-new"}, [("s3:CreateBucket", f"{BUCKET}-new")]),
    ("lambda", "get_function", {"FunctionName": "acc"}, [("lambda:GetFunction", FUNCTION)]),
    (
        "lambda",
        "get_function",
        {"FunctionName": FUNCTION, "Qualifier": "1"},
        [("lambda:GetFunction", f"{FUNCTION}:1")],
    ),
    ("lambda", "list_functions", {}, [("lambda:ListFunctions", "*")]),
    (
        "lambda",
        "invoke",
        {"FunctionName": "acc", "InvocationType": "DryRun"},
        [("lambda:InvokeFunction", FUNCTION)],
    ),
    (
        "lambda",
        "invoke",
        {"FunctionName": "acc:1", "InvocationType": "DryRun"},
        [("lambda:InvokeFunction", f"{FUNCTION}:1")],
    ),
    ("lambda", "publish_version", {"FunctionName": "acc"}, [("lambda:PublishVersion", FUNCTION)]),
    (
        "lambda",
        "create_alias",
        {"FunctionName": "acc", "Name": "a", "FunctionVersion": "1"},
        [("lambda:CreateAlias", FUNCTION)],
    ),
    ("lambda", "get_alias", {"FunctionName": "acc", "Name": "live"}, [("lambda:GetAlias", FUNCTION)]),
    (
        "lambda",
        "list_versions_by_function",
        {"FunctionName": "acc"},
        [("lambda:ListVersionsByFunction", FUNCTION)],
    ),
    (
        "lambda",
        "tag_resource",
        {"Resource": FUNCTION, "Tags": {"a": "b"}},
        [("lambda:TagResource", FUNCTION)],
    ),
    (
        "lambda",
        "update_function_code",
        {"FunctionName": "acc", "S3Bucket": "acc", "S3Key": "zip"},
        [("lambda:UpdateFunctionCode", FUNCTION), ("s3:GetObject", f"{BUCKET}/zip")],
    ),
    (
        "lambda",
        "update_function_configuration",
        {"FunctionName": "acc", "Timeout": 9},
        [("lambda:UpdateFunctionConfiguration", FUNCTION)],
    ),
    (
        "lambda",
        "update_function_configuration",
        {"FunctionName": "acc", "Role": ROLE, "VpcConfig": {"SubnetIds": ["s"], "SecurityGroupIds": ["g"]}},
        [
            ("lambda:UpdateFunctionConfiguration", FUNCTION),
            ("iam:PassRole", ROLE),
            ("ec2:DescribeSubnets", "*"),
            ("ec2:DescribeSecurityGroups", "*"),
            ("ec2:DescribeVpcs", "*"),
        ],
    ),
    (
        "lambda",
        "create_function",
        {
            "FunctionName": "acc-2",
            "Role": ROLE,
            "Runtime": RUNTIME,
            "Handler": "h.h",
            "Code": {"S3Bucket": "acc", "S3Key": "zip"},
            "Tags": {"a": "b"},
        },
        [
            ("lambda:CreateFunction", f"{FUNCTION}-2"),
            ("lambda:TagResource", f"{FUNCTION}-2"),
            ("iam:PassRole", ROLE),
            ("s3:GetObject", f"{BUCKET}/zip"),
        ],
    ),
    (
        "lambda",
        "delete_function",
        {"FunctionName": "acc-none"},
        [("lambda:DeleteFunction", f"{FUNCTION}-none")],
    ),
    ("glue", "get_job", {"JobName": "acc"}, [("glue:GetJob", JOB)]),
    ("glue", "list_jobs", {}, [("glue:ListJobs", "*")]),
    (
        "glue",
        "create_job",
        {"Name": "acc-2", "Role": ROLE, "Command": COMMAND, "Tags": {"a": "b"}},
        [("glue:CreateJob", f"{JOB}-2"), ("glue:TagResource", f"{JOB}-2"), ("iam:PassRole", ROLE)],
    ),
    (
        "glue",
        "update_job",
        {"JobName": "acc", "JobUpdate": {"Role": "acc-service", "Command": COMMAND}},
        [("glue:UpdateJob", JOB), ("iam:PassRole", ROLE)],
    ),
    ("glue", "get_job_run", {"JobName": "acc", "RunId": "jr"}, [("glue:GetJobRun", JOB)]),
    ("glue", "get_tags", {"ResourceArn": JOB}, [("glue:GetTags", JOB)]),
    (
        "glue",
        "get_connection",
        {"Name": "c"},
        [("glue:GetConnection", CATALOG), ("glue:GetConnection", f"arn:aws:glue:{HOME}:connection/c")],
    ),
    (
        "glue",
        "get_table",
        {"DatabaseName": "d", "Name": "t"},
        [
            ("glue:GetTable", CATALOG),
            ("glue:GetTable", f"arn:aws:glue:{HOME}:database/d"),
            ("glue:GetTable", f"arn:aws:glue:{HOME}:table/d/t"),
        ],
    ),
    (
        "stepfunctions",
        "create_state_machine",
        {
            "name": "acc-2",
            "definition": DEFINITION,
            "roleArn": STATES_ROLE,
            "publish": True,
            "tags": [{"key": "a", "value": "b"}],
        },
        [
            ("states:CreateStateMachine", f"{MACHINE}-2"),
            ("states:TagResource", f"{MACHINE}-2"),
            ("states:PublishStateMachineVersion", f"{MACHINE}-2"),
            ("iam:PassRole", STATES_ROLE),
        ],
    ),
    (
        "stepfunctions",
        "update_state_machine",
        {"stateMachineArn": MACHINE, "definition": DEFINITION},
        [("states:UpdateStateMachine", MACHINE)],
    ),
    (
        "stepfunctions",
        "update_state_machine",
        {"stateMachineArn": MACHINE, "roleArn": STATES_ROLE},
        [("states:UpdateStateMachine", MACHINE), ("iam:PassRole", STATES_ROLE)],
    ),
    (
        "stepfunctions",
        "start_execution",
        {"stateMachineArn": f"{MACHINE}:live"},
        [("states:StartExecution", MACHINE)],
    ),
    (
        "stepfunctions",
        "describe_execution",
        {"executionArn": f"arn:aws:states:{HOME}:execution:acc:e"},
        [("states:DescribeExecution", f"arn:aws:states:{HOME}:execution:acc:*")],
    ),
    (
        "stepfunctions",
        "list_state_machine_versions",
        {"stateMachineArn": MACHINE},
        [("states:ListStateMachineVersions", MACHINE)],
    ),
    (
        "stepfunctions",
        "create_state_machine_alias",
        {"name": "live", "routingConfiguration": [{"stateMachineVersionArn": f"{MACHINE}:1", "weight": 100}]},
        [("states:CreateStateMachineAlias", MACHINE)],
    ),
    (
        "logs",
        "create_log_group",
        {"logGroupName": "/acc-2", "tags": {"a": "b"}},
        [("logs:CreateLogGroup", f"{GROUP}-2:*"), ("logs:TagResource", f"{GROUP}-2")],
    ),
    (
        "logs",
        "put_retention_policy",
        {"logGroupName": "/acc", "retentionInDays": 1},
        [("logs:PutRetentionPolicy", f"{GROUP}:*")],
    ),
    ("logs", "describe_log_groups", {"logGroupNamePrefix": "/acc"}, [("logs:DescribeLogGroups", "*")]),
    (
        "logs",
        "create_log_stream",
        {"logGroupName": "/acc", "logStreamName": "s"},
        [("logs:CreateLogStream", f"{GROUP}:log-stream:s")],
    ),
    ("logs", "list_tags_for_resource", {"resourceArn": GROUP}, [("logs:ListTagsForResource", GROUP)]),
    ("logs", "filter_log_events", {"logGroupName": "/acc"}, [("logs:FilterLogEvents", f"{GROUP}:*")]),
    ("iam", "get_role", {"RoleName": "acc-service"}, [("iam:GetRole", ROLE)]),
    ("iam", "list_roles", {}, [("iam:ListRoles", "*")]),
    (
        "iam",
        "create_role",
        {"RoleName": "acc-new", "Path": "/p/", "AssumeRolePolicyDocument": TRUST, "Tags": ROLE_TAG},
        [
            ("iam:CreateRole", "arn:aws:iam::111122223333:role/p/acc-new"),
            ("iam:TagRole", "arn:aws:iam::111122223333:role/p/acc-new"),
        ],
    ),
    (
        "iam",
        "put_role_policy",
        {"RoleName": "acc-none", "PolicyName": "p", "PolicyDocument": TRUST},
        [("iam:PutRolePolicy", "arn:aws:iam::111122223333:role/acc-none")],
    ),
    ("iam", "tag_role", {"RoleName": "acc-service", "Tags": ROLE_TAG}, [("iam:TagRole", ROLE)]),
    ("sts", "get_caller_identity", {}, []),
    ("sns", "publish", {"TopicArn": TOPIC, "Message": "m"}, [("sns:Publish", TOPIC)]),
    (
        "sns",
        "create_topic",
        {"Name": "acc", "Tags": ROLE_TAG},
        [("sns:CreateTopic", TOPIC), ("sns:TagResource", TOPIC)],
    ),
    (
        "sqs",
        "send_message",
        {"QueueUrl": "http://127.0.0.1/111122223333/acc", "MessageBody": "m"},
        [("sqs:SendMessage", QUEUE)],
    ),
    (
        "sqs",
        "create_queue",
        {"QueueName": "acc", "tags": {"a": "b"}},
        [("sqs:CreateQueue", QUEUE), ("sqs:TagQueue", QUEUE)],
    ),
    (
        "secretsmanager",
        "get_secret_value",
        {"SecretId": "acc"},
        [("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{HOME}:secret:acc-??????")],
    ),
    (
        "cloudwatch",
        "put_metric_data",
        {"Namespace": "n", "MetricData": []},
        [("cloudwatch:PutMetricData", "*")],
    ),
    ("xray", "get_sampling_rules", {}, [("xray:GetSamplingRules", "*")]),
    ("ec2", "describe_subnets", {}, [("ec2:DescribeSubnets", "*")]),
    (
        "events",
        "put_rule",
        {"Name": "r", "EventPattern": "{}"},
        [("events:PutRule", f"arn:aws:events:{HOME}:rule/r")],
    ),
    (
        "events",
        "put_targets",
        {"Rule": "r", "Targets": [{"Id": "1", "Arn": MACHINE, "RoleArn": EVENT_ROLE}]},
        [("events:PutTargets", f"arn:aws:events:{HOME}:rule/r"), ("iam:PassRole", EVENT_ROLE)],
    ),
    (
        "scheduler",
        "create_schedule",
        {
            "Name": "acc",
            "ScheduleExpression": "rate(1 day)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": TARGET,
        },
        [("scheduler:CreateSchedule", SCHEDULE), ("iam:PassRole", ROLE)],
    ),
    ("scheduler", "get_schedule", {"Name": "acc"}, [("scheduler:GetSchedule", SCHEDULE)]),
    (
        "scheduler",
        "delete_schedule_group",
        {"Name": "acc"},
        [
            ("scheduler:DeleteScheduleGroup", f"arn:aws:scheduler:{HOME}:schedule-group/acc"),
            ("scheduler:DeleteSchedule", f"arn:aws:scheduler:{HOME}:schedule/acc/*"),
        ],
    ),
    ("resourcegroupstaggingapi", "get_resources", {}, [("tag:GetResources", "*")]),
]


@pytest.fixture(scope="module")
def user(aws: LocalAws) -> User:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="acc")
    s3.put_object(Bucket="acc", Key="conf/a", Body=b"a")
    zipped = archive({"h.py": "def h(event, context): return 1\n"})
    s3.put_object(Bucket="acc", Key="zip", Body=zipped)
    make_role(aws, "acc-service", "lambda")
    make_role(aws, "acc-states", "states")
    functions = aws.client("lambda")
    functions.create_function(
        FunctionName="acc", Role=ROLE, Runtime=RUNTIME, Handler="h.h", Code={"ZipFile": zipped}, Publish=True
    )
    aws.client("glue").create_job(Name="acc", Role=ROLE, Command=COMMAND)
    aws.client("stepfunctions").create_state_machine(name="acc", definition=DEFINITION, roleArn=STATES_ROLE)
    aws.client("secretsmanager").create_secret(Name="acc", SecretString="{}")
    aws.client("logs").create_log_group(logGroupName="/acc")
    return User(aws)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "takes"),
    CASES,
    ids=[f"{service}-{operation}-{number}" for number, (service, operation, *_) in enumerate(CASES)],
)
def test_call_takes_exactly_these_permissions(
    user: User, service: str, operation: str, parameters: dict[str, Any], takes: Sequence[tuple[str, str]]
) -> None:
    for left_out in range(len(takes)):
        user.may(*(allow(*held) for number, held in enumerate(takes) if number != left_out), allow("x:y"))
        refusal = user.refusal(service, operation, **parameters)
        assert refusal is not None, f"{takes[left_out]} is not needed"
        assert takes[left_out][0] in refusal or operation.startswith("head_")
    user.may(*(allow(*held) for held in takes), allow("x:y"))
    assert user.refusal(service, operation, **parameters) is None
