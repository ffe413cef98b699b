"""Whole runs against an S3 that keeps S3's rules."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from download_zip import core, s3
from download_zip.errors import BadEvent, BadSource, OutOfTime, S3Failed, SourceChanged
from download_zip.handler import handler, logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Put = Callable[[dict[str, bytes]], None]
EVENT = {"source_bucket": "source", "source_folder": "cfg", "destination_bucket": "target"}
KEY = "exports/source-cfg.zip"
TREE = {"cfg/b.sql": b"select 2", "cfg/a/x.csv": b"a|b\n" * 100, "cfg/empty": b"", "cfg/old.zip": b"PK"}


def unzipped(client: "S3Client", key: str = KEY) -> dict[str, bytes]:
    body = client.get_object(Bucket="target", Key=key)["Body"].read()
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert archive.testzip() is None
    return {info.filename: archive.read(info) for info in archive.infolist()}


def left_behind(client: "S3Client") -> tuple[list[str], list[str]]:
    """Keys of objects, and of unfinished uploads, in the target."""
    objects = client.list_objects_v2(Bucket="target").get("Contents", [])
    uploads = client.list_multipart_uploads(Bucket="target").get("Uploads", [])
    return [found["Key"] for found in objects], [found["Key"] for found in uploads]


def test_the_answer_is_the_contract_s(client: "S3Client", put: Put) -> None:
    put(TREE)
    answer = handler(EVENT, None)
    assert answer == {
        "ok": True,
        "source_bucket": "source",
        "source_folder": "cfg",
        "destination_bucket": "target",
        "destination_key": KEY,
        "ignore_patterns": ["*.zip"],
        "include_source_folder_in_zip": True,
        "zipped_files": 3,
        "skipped_files": 1,
        "zip_size_bytes": client.head_object(Bucket="target", Key=KEY)["ContentLength"],
    }
    assert json.loads(json.dumps(answer)) == answer
    assert unzipped(client) == {key: body for key, body in TREE.items() if not key.endswith(".zip")}


def test_a_second_run_writes_the_same_bytes(client: "S3Client", put: Put) -> None:
    put(TREE)
    handler(EVENT, None)
    first = client.get_object(Bucket="target", Key=KEY)["Body"].read()
    handler(EVENT, None)
    assert client.get_object(Bucket="target", Key=KEY)["Body"].read() == first


def test_more_objects_than_a_listing_page_are_all_zipped(
    client: "S3Client", put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "10")  # a page of S3 has 1,000
    objects = {f"cfg/{n:04}": b"%d" % n for n in range(25)}
    put(objects)
    assert handler(EVENT, None)["zipped_files"] == 25
    assert unzipped(client) == objects


def test_large_objects_travel_in_pieces_and_parts(
    client: "S3Client", put: Put, calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "PIECE_BYTES", 3_000_000)
    monkeypatch.setattr(s3, "MIN_PART_BYTES", 5 * 1024 * 1024)
    big = os.urandom(12_000_000)
    put({"cfg/big": big, "cfg/small": b"1"})
    handler(EVENT, None)
    assert unzipped(client) == {"cfg/big": big, "cfg/small": b"1"}
    assert calls.seen.count("GetObject") == 5
    assert calls.seen.count("UploadPart") == 3


def test_the_answer_says_what_was_done_in_normal_form(client: "S3Client", put: Put) -> None:
    put({"cfg/a": b"1", "cfg/b.zip": b"2"})
    answer = handler(EVENT | {"source_folder": "/cfg//", "ignore_patterns": []}, None)
    assert (answer["source_folder"], answer["ignore_patterns"]) == ("cfg", ["*.zip"])
    assert (answer["zipped_files"], answer["skipped_files"]) == (1, 1)


def test_a_whole_bucket_can_be_zipped_into_itself(client: "S3Client", put: Put) -> None:
    put({"a": b"1", "b/c": b"2"})
    event = {
        "source_bucket": "source",
        "source_folder": "",
        "destination_bucket": "source",
        "ignore_patterns": ["none"],
    }
    first = handler(event, None)
    again = handler(event, None)
    assert (first["zipped_files"], first["skipped_files"]) == (2, 0)
    assert (again["zipped_files"], again["skipped_files"]) == (2, 1)
    assert first["destination_key"] == "exports/source-root.zip"


def test_any_broken_call_leaves_nothing_and_the_next_run_completes(
    client: "S3Client", put: Put, calls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "MIN_PART_BYTES", 5 * 1024 * 1024)
    tree = {"cfg/big": os.urandom(11_000_000), "cfg/a": b"1", "cfg/empty": b""}
    put(tree)
    handler(EVENT, None)
    total = len(calls.seen)
    client.delete_object(Bucket="target", Key=KEY)
    assert total == 1 + 1 + 5 + 3 + 1  # list, create, reads, parts, complete
    for number in range(1, total + 1):
        calls.seen.clear()
        calls.break_at = number
        with pytest.raises(
            S3Failed, match=rf"\w+ s3://.* failed: ConnectionResetError: call {number} broken"
        ):
            handler(EVENT, None)
        assert left_behind(client) == ([], [])
    calls.break_at = None
    handler(EVENT, None)
    assert unzipped(client) == tree
    assert left_behind(client) == ([KEY], [])


def test_the_archive_of_an_earlier_run_survives_a_failed_one(
    client: "S3Client", put: Put, calls: Any
) -> None:
    put(TREE)
    handler(EVENT, None)
    put({"cfg/new": b"n"})
    calls.seen.clear()
    calls.break_at = 4
    with pytest.raises(S3Failed):
        handler(EVENT, None)
    assert "cfg/new" not in unzipped(client)


def test_parts_that_could_not_be_removed_are_told_of(client: "S3Client", put: Put) -> None:
    put(TREE)

    def deny(model: Any, **_: Any) -> None:
        if model.name in {"CompleteMultipartUpload", "AbortMultipartUpload"}:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, model.name)

    s3.client().meta.events.register("before-call.s3", deny)
    with pytest.raises(S3Failed, match=r"^CompleteMultipartUpload s3://target/exports") as caught:
        handler(EVENT, None)
    (note,) = caught.value.__notes__
    assert "AbortMultipartUpload s3://target/exports/source-cfg.zip failed" in note
    assert "AccessDenied" in note
    assert "abort it by hand" in note


@pytest.mark.parametrize(("change", "word"), [("replace", "replaced"), ("delete", "deleted")])
def test_an_object_that_changes_under_the_run_is_named(
    client: "S3Client", put: Put, change: str, word: str
) -> None:
    put(TREE)

    def interfere(model: Any, **_: Any) -> None:
        if model.name == "CreateMultipartUpload":  # listed, not yet read
            if change == "replace":
                put({"cfg/b.sql": b"select 3"})
            else:
                client.delete_object(Bucket="source", Key="cfg/b.sql")

    s3.client().meta.events.register("before-call.s3", interfere)
    with pytest.raises(SourceChanged, match=rf"^s3://source/cfg/b\.sql was {word} while it was being zipped"):
        handler(EVENT, None)
    assert left_behind(client) == ([], [])


def test_a_run_near_its_timeout_stops_and_cleans_up(client: "S3Client", put: Put) -> None:
    put(TREE)

    class Context:
        left = iter([60_000, 50_000, 5_000])

        def get_remaining_time_in_millis(self) -> int:
            return next(self.left)

    with pytest.raises(OutOfTime, match=r"zipping s3://source/cfg/: 5000 ms"):
        handler(EVENT, Context())
    assert left_behind(client) == ([], [])


@pytest.mark.parametrize(
    ("event", "error", "message"),
    [
        (EVENT | {"source_folder": "none"}, BadSource, "nothing to zip below s3://source/none/"),
        (
            EVENT | {"source_bucket": "absent"},
            S3Failed,
            r"ListObjectsV2 s3://absent/cfg/ failed.*NoSuchBucket",
        ),
        (
            EVENT | {"destination_bucket": "absent"},
            S3Failed,
            r"CreateMultipartUpload s3://absent/.*NoSuchBucket",
        ),
        ({}, BadEvent, "missing required field `source_bucket`"),
    ],
)
def test_bad_input_is_raised_never_returned(
    client: "S3Client", put: Put, event: dict[str, Any], error: type[Exception], message: str
) -> None:
    put(TREE)
    with pytest.raises(error, match=message):
        handler(event, None)
    assert left_behind(client) == ([], [])


def test_logs_are_json_and_hold_no_content(
    client: "S3Client", put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({"cfg/a": b"secret-content"})
    written = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", written)
    handler(EVENT, None)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["message"], line["source"]) for line in lines] == [
        ("zipping", "s3://source/cfg/"),
        ("zipped", "s3://source/cfg/"),
    ]
    assert "secret-content" not in json.dumps(lines)


def test_the_client_gives_up_in_time(client: "S3Client") -> None:
    config: Any = s3.client().meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, 30)
    assert config.retries == {"mode": "standard", "total_max_attempts": 4}


def test_importing_the_handler_loads_no_boto3() -> None:
    code = "import sys, download_zip.handler; print('boto3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
