"""Who calls, what a refusal looks like, and what services may do with the roles they are handed."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from local_aws.testing.functions import Functions
from local_aws.testing.glue import Glue
from local_aws.testing.machines import Machine, passing
from local_aws.testing.roles import allow, document, make_role, trusting

from ..support.users import User

ACCOUNT = "111122223333"
WHO = "import boto3\ndef handler(event, context):\n    return boto3.client('s3').list_buckets()['Buckets'] and None\n"


def refused(call: Any, **parameters: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    found: dict[str, Any] = {**raised.value.response["Error"], **raised.value.response["ResponseMetadata"]}
    return found


def record(aws: LocalAws) -> Mapping[str, list[dict[str, Any]]]:
    with urllib.request.urlopen(f"{aws.endpoint_url}/_local/access") as answer:  # noqa: S310 - ours
        found: Mapping[str, list[dict[str, Any]]] = json.load(answer)
    return found


def forget(aws: LocalAws) -> None:
    urllib.request.urlopen(  # noqa: S310 - ours
        urllib.request.Request(f"{aws.endpoint_url}/_local/access", method="DELETE")  # noqa: S310
    ).close()


def set_policy(aws: LocalAws, role: str, *statements: dict[str, Any]) -> None:
    aws.client("iam").put_role_policy(
        RoleName=role, PolicyName="p", PolicyDocument=document(*statements, allow("x:y"))
    )


def assumed(aws: LocalAws, service: str, credentials: Mapping[str, str]) -> Any:
    return aws.client(
        service,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
    )


def test_refusals_are_worded_as_each_service_words_them(aws: LocalAws) -> None:
    user = User(aws)
    arn = f"arn:aws:iam::{ACCOUNT}:user/{user.name}"
    sentence = f"User: {arn} is not authorized to perform: {{0}} because no identity-based policy allows the {{1}} action"
    job = f"arn:aws:glue:us-east-1:{ACCOUNT}:job/j"
    error = refused(user.client("glue").get_job, JobName="j")
    assert (error["Code"], error["HTTPStatusCode"]) == ("AccessDeniedException", 400)
    assert error["Message"] == sentence.format(f"glue:GetJob on resource: {job}", "glue:GetJob")
    error = refused(user.client("lambda").list_functions)
    assert (error["Code"], error["HTTPStatusCode"]) == ("AccessDeniedException", 403)
    error = refused(user.client("s3").list_buckets)
    assert (error["Code"], error["HTTPStatusCode"]) == ("AccessDenied", 403)
    assert error["Message"] == sentence.format("s3:ListAllMyBuckets", "s3:ListAllMyBuckets")
    assert refused(user.client("s3").head_bucket, Bucket="nowhere-at-all")["Code"] == "404"
    error = refused(user.client("iam").list_roles)
    assert (error["Code"], error["HTTPStatusCode"]) == ("AccessDenied", 403)
    assert refused(user.client("sns").list_topics)["Code"] == "AuthorizationError"
    assert refused(user.client("ec2").describe_subnets)["Code"] == "UnauthorizedOperation"
    assert refused(user.client("sqs").list_queues)["Code"] == "AccessDenied"
    assert refused(user.client("cloudwatch").list_metrics)["Code"] == "AccessDeniedException"


def test_operation_that_no_table_knows_is_denied_and_said_so(aws: LocalAws) -> None:
    user = User(aws)
    user.may(allow("*"))
    error = refused(user.client("glue").get_dev_endpoints)
    assert error["Code"] == "AccessDeniedException"
    assert "the local AWS does not know which permissions it takes" in error["Message"]


def test_parameter_of_another_type_is_denied_and_said_so(aws: LocalAws) -> None:
    user = User(aws)
    user.may(allow("*"))
    lists = user.client("s3")
    lists.meta.events.register("before-sign", lambda request, **_: request.params.update({"max-keys": "x"}))
    aws.client("s3").create_bucket(Bucket="unreadable")
    error = refused(lists.list_objects_v2, Bucket="unreadable")
    assert error["Code"] == "AccessDenied"
    assert "s3:ListObjectsV2 because its parameters cannot be read" in error["Message"]


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("glue", "list_jobs", "UnrecognizedClientException"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
    ],
)
def test_unknown_access_key_is_refused(aws: LocalAws, service: str, operation: str, code: str) -> None:
    client = aws.client(service, aws_access_key_id="AKIAUNKNOWN", aws_secret_access_key="x")
    assert refused(getattr(client, operation))["Code"] == code


def test_session_token_of_a_role_must_be_its_own(aws: LocalAws) -> None:
    make_role(aws, "session", "lambda")
    found = aws.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/session", RoleSessionName="session"
    )["Credentials"]
    assert assumed(aws, "sts", found).get_caller_identity()["Arn"].endswith("assumed-role/session/session")
    stolen = {**found, "SessionToken": "other"}
    assert refused(assumed(aws, "sts", stolen).get_caller_identity)["Code"] == "InvalidClientTokenId"


def test_inactive_key_and_connection_after_a_refusal(aws: LocalAws) -> None:
    user = User(aws)
    s3 = user.client("s3")
    aws.client("s3").create_bucket(Bucket="after-refusal")
    assert (
        refused(s3.put_object, Bucket="after-refusal", Key="a", Body=b"x" * 300_000)["Code"] == "AccessDenied"
    )
    user.may(allow("s3:*"))
    s3.put_object(Bucket="after-refusal", Key="a", Body=b"ok")
    user.iam.update_access_key(UserName=user.name, AccessKeyId=user.key["AccessKeyId"], Status="Inactive")
    assert refused(s3.list_buckets)["Code"] == "InvalidAccessKeyId"


def test_policies_of_groups_managed_policies_and_boundaries_count(aws: LocalAws) -> None:
    user, iam = User(aws), aws.client("iam")
    glue = user.client("glue")
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="p", PolicyDocument=document(allow("glue:ListJobs")))
    iam.add_user_to_group(GroupName="readers", UserName=user.name)
    glue.list_jobs()
    assert refused(glue.list_triggers)["Code"] == "AccessDeniedException"
    made = iam.create_policy(PolicyName="triggers", PolicyDocument=document(allow("glue:ListTriggers")))
    iam.attach_user_policy(UserName=user.name, PolicyArn=made["Policy"]["Arn"])
    glue.list_triggers()
    role = make_role(aws, "bounded", "lambda")
    iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=made["Policy"]["Arn"])
    found = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    limited = assumed(aws, "glue", found)
    limited.list_triggers()
    assert "no permissions boundary" in refused(limited.list_jobs)["Message"]


def test_role_is_assumed_only_by_whom_it_trusts(aws: LocalAws) -> None:
    user, iam = User(aws), aws.client("iam")
    own = f"arn:aws:iam::{ACCOUNT}:user/{user.name}"
    role = make_role(aws, "trusting", "lambda", allow("glue:ListJobs"))
    sts = user.client("sts")
    user.may(allow("sts:AssumeRole"))
    assert refused(sts.assume_role, RoleArn=role, RoleSessionName="session")["Code"] == "AccessDenied"

    def trust(principal: str) -> None:
        statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
        iam.update_assume_role_policy(RoleName="trusting", PolicyDocument=document(statement))

    trust(f"arn:aws:iam::{ACCOUNT}:root")
    found = sts.assume_role(RoleArn=role, RoleSessionName="session", Policy=document(allow("glue:List*")))
    session = assumed(aws, "glue", found["Credentials"])
    session.list_jobs()
    assert "glue:ListTriggers" in refused(session.list_triggers)["Message"]
    user.may(allow("x:y"))
    assert refused(sts.assume_role, RoleArn=role, RoleSessionName="session")["Code"] == "AccessDenied"
    trust(own)
    sts.assume_role(RoleArn=role, RoleSessionName="session")


def test_decisions_are_recorded_with_the_statement_that_decided(aws: LocalAws) -> None:
    user = User(aws)
    user.may({**allow("glue:List*"), "Sid": "Lists"})
    forget(aws)
    user.client("glue").list_jobs()
    user.client("glue").list_jobs()
    refused(user.client("glue").get_job, JobName="j")
    allowed, denied = [item for item in record(aws)["decisions"] if item["caller"].endswith(user.name)]
    assert allowed["grants"] == [{"policy": "p", "sid": "Lists", "action": "glue:List*", "resource": "*"}]
    assert (allowed["action"], allowed["count"]) == ("glue:ListJobs", 2)
    assert not denied["allowed"]
    assert denied["resource"] == f"arn:aws:glue:us-east-1:{ACCOUNT}:job/j"


def test_missing_object_is_hidden_from_those_who_may_not_list(aws: LocalAws) -> None:
    user = User(aws)
    aws.client("s3").create_bucket(Bucket="hidden")
    user.may(allow("s3:GetObject"))
    assert refused(user.client("s3").get_object, Bucket="hidden", Key="k")["Code"] == "AccessDenied"
    plain = {"StringLike": {"s3:prefix": "k*"}}
    user.may(allow("s3:GetObject"), allow("s3:ListBucket", Condition=plain))
    assert refused(user.client("s3").get_object, Bucket="hidden", Key="k")["Code"] == "AccessDenied"
    user.may(allow("s3:GetObject"), allow("s3:ListBucket"))
    assert refused(user.client("s3").get_object, Bucket="hidden", Key="k")["Code"] == "NoSuchKey"


def test_listing_is_narrowed_by_prefix(aws: LocalAws) -> None:
    user = User(aws)
    aws.client("s3").create_bucket(Bucket="narrow")
    user.may(allow("s3:ListBucket", "arn:aws:s3:::narrow", Condition={"StringLike": {"s3:prefix": "conf/*"}}))
    s3 = user.client("s3")
    s3.list_objects_v2(Bucket="narrow", Prefix="conf/x")
    assert refused(s3.list_objects_v2, Bucket="narrow", Prefix="data/")["Code"] == "AccessDenied"
    assert refused(s3.list_objects_v2, Bucket="narrow")["Code"] == "AccessDenied"


def test_role_may_be_passed_to_the_named_service_only(aws: LocalAws) -> None:
    user = User(aws)
    role = make_role(aws, "passed", "glue")
    condition = {"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}
    user.may(
        allow("glue:CreateJob scheduler:CreateSchedule"), allow("iam:PassRole", role, Condition=condition)
    )
    command = {"Name": "glueetl", "ScriptLocation": "s3://b/s.py"}
    user.client("glue").create_job(Name="passed", Role=role, Command=command)
    message = user.refusal(
        "scheduler",
        "create_schedule",
        Name="s",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q", "RoleArn": role},
    )
    assert message is not None
    assert "iam:PassRole" in message


def test_function_works_with_its_role_and_loses_what_the_role_may_not_write(
    aws: LocalAws, functions: Functions
) -> None:
    role = make_role(aws, "fn", "lambda", allow("x:y"))
    functions.create("acc-who", WHO, Role=role, TracingConfig={"Mode": "Active"})
    answer = functions.invoke("acc-who")
    assert "s3:ListAllMyBuckets" in answer.payload["errorMessage"]
    assert not aws.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/acc-who")["logGroups"]
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/acc-who:*"
    set_policy(
        aws,
        "fn",
        allow("logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents", group),
        allow("s3:ListAllMyBuckets xray:PutTraceSegments"),
    )
    forget(aws)
    assert functions.invoke("acc-who").payload is None
    assert aws.client("logs").filter_log_events(logGroupName="/aws/lambda/acc-who")["events"]
    deliveries = {item["what"] for item in record(aws)["deliveries"] if item["role"] == role}
    assert deliveries == {"LogEvents", "TraceSegments"}


def test_lambda_checks_the_role_of_a_function(aws: LocalAws, functions: Functions) -> None:
    other = make_role(aws, "fn-other", "glue")
    assert "cannot be assumed by Lambda" in refused_creation(functions, "acc-trust", Role=other)
    actions = [
        "CreateNetworkInterface",
        "DescribeNetworkInterfaces",
        "DescribeSubnets",
        "DeleteNetworkInterface",
        "AssignPrivateIpAddresses",
        "UnassignPrivateIpAddresses",
    ]
    role = make_role(aws, "fn-vpc", "lambda", *(allow(f"ec2:{action}") for action in actions[:-1]))
    vpc = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    message = refused_creation(functions, "acc-vpc", Role=role, VpcConfig=vpc)
    assert message == (
        "The provided execution role does not have permissions to call UnassignPrivateIpAddresses on EC2"
    )
    set_policy(aws, "fn-vpc", *(allow(f"ec2:{action}") for action in actions))
    functions.create("acc-vpc", WHO, Role=role)
    set_policy(aws, "fn-vpc")
    error = refused(functions.api.update_function_configuration, FunctionName="acc-vpc", VpcConfig=vpc)
    assert "permissions to call CreateNetworkInterface on EC2" in error["Message"]


def refused_creation(functions: Functions, name: str, **settings: Any) -> str:
    with pytest.raises(ClientError) as raised:
        functions.create(name, WHO, **settings)
    return str(raised.value.response["Error"]["Message"])


def machine_of(aws: LocalAws, name: str, states: dict[str, Any], **options: Any) -> str:
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    made = aws.client("stepfunctions").create_state_machine(
        name=name, definition=definition, roleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", **options
    )
    return str(made["stateMachineArn"])


def ended(aws: LocalAws, machine: str) -> dict[str, Any]:
    states = aws.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    while True:
        found: dict[str, Any] = states.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            return found


def test_denied_invocation_fails_its_task_and_a_qualified_one_needs_its_own_arn(
    aws: LocalAws, functions: Functions
) -> None:
    functions.create("acc-task", "def handler(event, context):\n    return 1\n", Publish=True)
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:acc-task"
    make_role(aws, "acc-invoke", "states", allow("lambda:InvokeFunction", function))
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    machine = machine_of(aws, "acc-invoke", {"T": {**task, "Parameters": {"FunctionName": f"{function}:1"}}})
    execution = ended(aws, machine)
    assert execution["status"] == "FAILED"
    assert execution["error"] == "Lambda.AWSLambdaException"
    sentence = f"is not authorized to perform: lambda:InvokeFunction on resource: {function}:1"
    assert sentence in execution["cause"]
    assert "Error Code: AccessDeniedException" in execution["cause"]
    set_policy(aws, "acc-invoke", allow("lambda:InvokeFunction", f"{function}:1"))
    assert ended(aws, machine)["status"] == "SUCCEEDED"


@pytest.mark.parametrize("missing", ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns"])
def test_glue_task_takes_the_documented_permissions(aws: LocalAws, glue: Glue, missing: str) -> None:
    name = f"acc-{missing.partition(':')[2]}"
    # the run that the denied task has started may still go on when the second one starts
    glue.job(name, "print(1)", ExecutionProperty={"MaxConcurrentRuns": 2})
    job = f"arn:aws:glue:us-east-1:{ACCOUNT}:job/{name}"
    actions = ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns"]
    make_role(aws, name, "states", allow(" ".join(action for action in actions if action != missing), job))
    task = {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "End": True}
    machine = machine_of(aws, name, {"T": {**task, "Parameters": {"JobName": name}}})
    execution = ended(aws, machine)
    assert execution["error"] == "Glue.AccessDeniedException"
    assert f"is not authorized to perform: {missing} on resource: {job}" in execution["cause"]
    set_policy(aws, name, allow(" ".join(actions), job))
    assert ended(aws, machine)["status"] == "SUCCEEDED"


def test_machine_is_checked_for_trust_log_delivery_and_managed_rules(aws: LocalAws) -> None:
    wait: dict[str, Any] = {"A": {"Type": "Pass", "End": True}}
    make_role(aws, "acc-m1", "lambda")
    with pytest.raises(ClientError, match="is authorized to assume the provided role"):
        machine_of(aws, "acc-m1", wait)
    make_role(aws, "acc-m2", "states", allow("logs:CreateLogDelivery"))
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/acc:*"
    logging = {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]}
    with pytest.raises(ClientError, match="not authorized to access the Log Destination"):
        machine_of(aws, "acc-m2", wait, loggingConfiguration=logging)
    child = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True}
    with pytest.raises(ClientError, match="is not authorized to create managed-rule"):
        machine_of(aws, "acc-m2", {"C": {**child, "Parameters": {"StateMachineArn": "x"}}})


def test_tracing_machine_delivers_what_its_role_may_send(aws: LocalAws) -> None:
    machine = Machine(aws)
    role = make_role(aws, "acc-trace", "states", allow("xray:PutTraceSegments xray:GetSamplingRules"))
    aws.client("stepfunctions").update_state_machine(
        stateMachineArn=machine.arn,
        definition=passing(1),
        roleArn=role,
        tracingConfiguration={"enabled": True},
    )
    forget(aws)
    ended(aws, machine.arn)
    found = {item["what"] for item in record(aws)["deliveries"] if item["role"] == role}
    assert found == {"SamplingRules", "TraceSegments"}


def run_job(glue: Glue, name: str) -> dict[str, Any]:
    return glue.wait(name, glue.start(name))


def test_job_run_reads_logs_connects_and_measures_with_its_role(aws: LocalAws, glue: Glue) -> None:
    role = make_role(aws, "acc-job", "glue", allow("x:y"))
    glue.job("acc-job", "print('said')")
    command = {"Name": "glueetl", "ScriptLocation": "s3://glue-bucket/glue/acc-job.py"}
    update = {"Role": role, "Command": command, "GlueVersion": "5.1", "Connections": {"Connections": ["vpc"]}}
    update["DefaultArguments"] = {"--enable-metrics": "true"}
    glue.api.update_job(JobName="acc-job", JobUpdate=update)
    home = f"us-east-1:{ACCOUNT}"
    granted: list[dict[str, Any]] = []
    for needed, resource in [
        ("glue:GetConnection", "*"),
        ("ec2:DescribeVpcEndpoints", "*"),
        ("ec2:DescribeRouteTables", "*"),
        ("ec2:CreateNetworkInterface", "*"),
        ("ec2:DeleteNetworkInterface", "*"),
        ("ec2:DescribeNetworkInterfaces", "*"),
        ("ec2:DescribeSecurityGroups", "*"),
        ("ec2:DescribeSubnets", "*"),
        ("ec2:DescribeVpcAttribute", "*"),
        ("ec2:CreateTags", f"arn:aws:ec2:{home}:network-interface/*"),
        ("ec2:DeleteTags", f"arn:aws:ec2:{home}:network-interface/*"),
        ("s3:GetObject", "arn:aws:s3:::glue-bucket/glue/*"),
    ]:
        run = run_job(glue, "acc-job")
        assert run["JobRunState"] == "FAILED"
        assert f"is not authorized to perform: {needed}" in run["ErrorMessage"]
        granted.append(allow(needed, resource))
        set_policy(aws, "acc-job", *granted)
    forget(aws)
    run = run_job(glue, "acc-job")
    assert run["JobRunState"] == "SUCCEEDED"
    assert [item for item in record(aws)["deliveries"] if item["role"] == role] == []
    logs = allow(
        "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents",
        f"arn:aws:logs:{home}:log-group:/aws-glue/*",
    )
    metrics = allow("cloudwatch:PutMetricData", Condition={"StringEquals": {"cloudwatch:namespace": "Glue"}})
    set_policy(aws, "acc-job", *granted, logs, metrics)
    assert run_job(glue, "acc-job")["JobRunState"] == "SUCCEEDED"
    found = {item["what"] for item in record(aws)["deliveries"] if item["role"] == role}
    assert found == {"LogEvents", "Metrics"}


def test_job_whose_role_does_not_trust_glue_fails(aws: LocalAws, glue: Glue) -> None:
    glue.job("acc-untrusted", "print(1)")
    aws.client("iam").update_assume_role_policy(RoleName="acc-job", PolicyDocument=trusting("lambda"))
    role = f"arn:aws:iam::{ACCOUNT}:role/acc-job"
    command = {"Name": "glueetl", "ScriptLocation": "s3://glue-bucket/glue/acc-untrusted.py"}
    glue.api.update_job(JobName="acc-untrusted", JobUpdate={"Role": role, "Command": command})
    run = run_job(glue, "acc-untrusted")
    assert run["ErrorMessage"] == f"Role {role} should be given assume role permissions for Glue Service."


def test_policy_with_an_unknown_operator_is_refused_when_it_is_put(aws: LocalAws) -> None:
    user = User(aws)
    statement = allow("s3:*", Condition={"StringMatches": {"s3:prefix": "x"}})
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        user.may(statement)


def test_without_enforcement_everybody_may_do_everything() -> None:
    with LocalAws(enforce=False) as aws:
        aws.client("s3", aws_access_key_id="AKIAANY", aws_secret_access_key="x").list_buckets()
        user = User(aws)
        user.client("glue").list_jobs()
