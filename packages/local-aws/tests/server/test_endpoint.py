import json
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.errors import LocalAwsError
from local_aws.server import LocalAws
from local_aws.testing.functions import RUNTIME, archive
from local_aws.testing.roles import make_role


@pytest.fixture(scope="module")
def bucket(aws: LocalAws) -> str:
    aws.client("s3").create_bucket(Bucket="endpoint-bucket")
    return "endpoint-bucket"


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def test_object_is_created_only_when_there_is_none(aws: LocalAws, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.put_object(Bucket=bucket, Key="once", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="once", Body=b"2", IfNoneMatch="*")
    assert code(refused) == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="once")["Body"].read() == b"1"


def test_object_is_replaced_only_when_it_is_the_one_that_was_read(aws: LocalAws, bucket: str) -> None:
    s3 = aws.client("s3")
    first = s3.put_object(Bucket=bucket, Key="pointer", Body=b"1")["ETag"]
    s3.put_object(Bucket=bucket, Key="pointer", Body=b"2", IfMatch=first)
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="pointer", Body=b"3", IfMatch=first)
    assert code(refused) == "PreconditionFailed"
    with pytest.raises(ClientError) as missing:
        s3.put_object(Bucket=bucket, Key="absent", Body=b"3", IfMatch=first)
    assert code(missing) in {"NoSuchKey", "404"}


def test_of_many_writers_at_once_one_wins(aws: LocalAws, bucket: str) -> None:
    s3 = aws.client("s3", config=_pool(16))

    def write(number: int) -> bool:
        try:
            s3.put_object(Bucket=bucket, Key="race", Body=str(number).encode(), IfNoneMatch="*")
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(write, range(64))) == 1


def test_multipart_upload_is_completed_only_when_there_is_no_object(aws: LocalAws, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.put_object(Bucket=bucket, Key="archive", Body=b"there")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="archive")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="archive", UploadId=upload, PartNumber=1, Body=b"x" * 10)
    parts: Any = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    with pytest.raises(ClientError) as refused:
        s3.complete_multipart_upload(
            Bucket=bucket, Key="archive", UploadId=upload, MultipartUpload=parts, IfNoneMatch="*"
        )
    assert code(refused) == "PreconditionFailed"
    s3.complete_multipart_upload(Bucket=bucket, Key="archive", UploadId=upload, MultipartUpload=parts)
    assert s3.get_object(Bucket=bucket, Key="archive")["Body"].read() == b"x" * 10


def test_ranges_of_an_object_can_be_read(aws: LocalAws, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.put_object(Bucket=bucket, Key="range", Body=bytes(range(100)))
    answer = s3.get_object(Bucket=bucket, Key="range", Range="bytes=-5")
    assert answer["Body"].read() == bytes(range(95, 100))
    assert answer["ContentRange"] == "bytes 95-99/100"


def test_account_is_the_invented_one(aws: LocalAws) -> None:
    assert aws.client("sts").get_caller_identity()["Account"] == "111122223333"


def test_managed_policies_of_aws_exist(aws: LocalAws) -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert aws.client("iam").get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn


def test_secret_is_readable_from_a_function_in_its_role(aws: LocalAws, functions: Any) -> None:
    aws.client("secretsmanager").create_secret(Name="fsa-local/cars/postgres", SecretString='{"a": 1}')
    source = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    return boto3.client('secretsmanager').get_secret_value(SecretId=event)['SecretString']\n"
    )
    functions.create("reads-secret", source)
    assert functions.invoke("reads-secret", "fsa-local/cars/postgres").payload == '{"a": 1}'


def test_the_environment_is_all_that_the_aws_cli_needs(aws: LocalAws, bucket: str, tmp_path: Path) -> None:
    program = shutil.which("aws")
    if program is None:
        pytest.skip("the AWS CLI is not on PATH")
    env = {**os.environ, **aws.env, "AWS_PAGER": "", "HOME": str(tmp_path)}

    def cli(*arguments: str, reads: bytes = b"") -> str:
        command = [program, *arguments]
        run = subprocess.run(command, input=reads, capture_output=True, check=False, env=env, timeout=60)
        assert run.returncode == 0, run.stderr.decode()
        return run.stdout.decode()

    cli("s3", "cp", "-", f"s3://{bucket}/cli/file", reads=b"hello")
    assert cli("s3", "cp", f"s3://{bucket}/cli/file", "-") == "hello"
    (tmp_path / "code.zip").write_bytes(
        archive({"handler.py": "def handler(e, c): return {'twice': e['x'] * 2}"})
    )
    create = [
        "lambda",
        "create-function",
        "--function-name",
        "cli",
        "--runtime",
        RUNTIME,
        "--handler",
        "handler.handler",
    ]
    cli(
        *create,
        "--role",
        "arn:aws:iam::111122223333:role/lambda",
        "--zip-file",
        f"fileb://{tmp_path}/code.zip",
    )
    invoke = [
        "lambda",
        "invoke",
        "--function-name",
        "cli",
        "--payload",
        '{"x": 21}',
        str(tmp_path / "out.json"),
    ]
    if "aws-cli/2" in cli("--version"):
        invoke += ["--cli-binary-format", "raw-in-base64-out"]
    assert json.loads(cli(*invoke))["StatusCode"] == 200
    assert json.loads((tmp_path / "out.json").read_text()) == {"twice": 42}


def test_a_client_that_vanishes_does_no_harm(aws: LocalAws, bucket: str) -> None:
    import socket

    host, port = aws.endpoint_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            b"PUT /endpoint-bucket/half HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"
        )
    assert aws.client("s3").list_buckets()["Buckets"]


def test_nothing_answers_before_the_start() -> None:
    with pytest.raises(LocalAwsError, match="the local AWS is not started"):
        _ = LocalAws().endpoint_url


def test_stopping_is_quick_while_an_execution_waits(tmp_path: Path) -> None:
    with LocalAws() as aws:
        states = aws.client("stepfunctions")
        definition = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 300, "End": True}}}
        arn = make_role(aws, "states", "states")
        machine = states.create_state_machine(name="w", definition=json.dumps(definition), roleArn=arn)
        states.start_execution(stateMachineArn=machine["stateMachineArn"])
        began = time.monotonic()
    assert time.monotonic() - began < 8


def _pool(size: int) -> Any:
    from botocore.config import Config

    return Config(max_pool_connections=size, retries={"total_max_attempts": 1})
