"""Whole runs against an S3 that keeps S3's rules."""

import io
import json
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto.s3 import models as emulator

from upload_config import s3
from upload_config.errors import ArchiveChanged, ArchiveRefused, BadEvent, OutOfTime, S3Failed
from upload_config.handler import handler, logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Objects = Callable[[], dict[str, bytes]]
EVENT: dict[str, Any] = {
    "input": {"bucket": "in-bucket", "key": "cfg/a.zip"},
    "output": {"bucket": "out-bucket", "prefix": "cars/_configs/"},
}
TREE = {"EDV/FARM_H/2_DV_INSERT.sql": b"insert", "metadata/dv_tables.csv": b"a|b\n" * 90, "empty": b""}
BLOCK = 25_000
EXPANDED = {f"cars/_configs/{name}": body for name, body in TREE.items()}


def put(client: "S3Client", tree: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.mkdir("EDV")
        for name, body in tree.items():
            archive.writestr(name, body)
    client.put_object(Bucket="in-bucket", Key="cfg/a.zip", Body=out.getvalue())
    return out.getvalue()


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """All sizes divided by about a hundred, also that of the smallest part that S3 accepts."""
    monkeypatch.setattr(s3, "HELD_BYTES", BLOCK)
    monkeypatch.setattr(s3, "BLOCK_BYTES", BLOCK)
    monkeypatch.setattr(s3, "PART_BYTES", 50_000)
    monkeypatch.setattr(emulator, "S3_UPLOAD_PART_MIN_SIZE", 50_000)


def large_tree() -> dict[str, bytes]:
    chance = random.Random(5)
    return {"a": b"1", "big": chance.randbytes(60_000), "c": chance.randbytes(1_000), "d": b""}


def test_the_answer_is_the_contract_s(client: "S3Client", objects: Objects) -> None:
    put(client, TREE)
    answer = handler(EVENT, None)
    assert answer == EVENT | {"uploaded": 3, "skipped": 0, "bytes_uploaded": 366}
    assert json.loads(json.dumps(answer)) == answer
    assert objects() == EXPANDED


def test_debug_lists_the_keys_written_and_at_most_200(client: "S3Client") -> None:
    put(client, {f"{n:03}": b"" for n in range(205)})
    answer = handler(EVENT | {"debug": True}, None)
    assert answer["uploaded"] == 205
    assert answer["keys"] == [f"cars/_configs/{n:03}" for n in range(200)]


def test_places_may_come_from_the_environment(
    client: "S3Client", objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(client, TREE)
    monkeypatch.setenv("INPUT_BUCKET", "in-bucket")
    monkeypatch.setenv("INPUT_KEY", "cfg/a.zip")
    monkeypatch.setenv("OUTPUT_BUCKET", "out-bucket")
    monkeypatch.setenv("OUTPUT_PREFIX", "")
    assert handler({}, None)["output"] == {"bucket": "out-bucket", "prefix": ""}
    assert objects() == TREE


def test_never_overwriting_leaves_existing_objects_alone_and_counts_them(
    client: "S3Client", objects: Objects
) -> None:
    put(client, TREE)
    client.put_object(Bucket="out-bucket", Key="cars/_configs/empty", Body=b"mine")
    answer = handler(EVENT | {"debug": True, "overwrite": "never"}, None)
    assert (answer["uploaded"], answer["skipped"], answer["bytes_uploaded"]) == (2, 1, 366)
    assert "cars/_configs/empty" not in answer["keys"]
    assert objects() == EXPANDED | {"cars/_configs/empty": b"mine"}


def test_an_expansion_can_be_repeated(client: "S3Client", objects: Objects) -> None:
    put(client, TREE)
    handler(EVENT, None)
    again = handler(EVENT, None)
    assert (again["uploaded"], again["skipped"], again["bytes_uploaded"]) == (0, 3, 0)
    assert objects() == EXPANDED


@pytest.mark.parametrize("overwrite", [{}, {"overwrite": False}, {"overwrite": True}])
@pytest.mark.parametrize("old", [b"old", b"insern", b""])
def test_an_object_with_other_content_is_replaced_and_an_equal_one_skipped(
    client: "S3Client", objects: Objects, overwrite: dict[str, bool], old: bytes
) -> None:
    put(client, TREE)
    changed = "cars/_configs/EDV/FARM_H/2_DV_INSERT.sql"
    client.put_object(Bucket="out-bucket", Key=changed, Body=old)
    client.put_object(Bucket="out-bucket", Key="cars/_configs/empty", Body=b"")
    answer = handler(EVENT | overwrite | {"debug": True}, None)
    assert (answer["uploaded"], answer["skipped"]) == (2, 1)
    assert changed in answer["keys"]
    assert objects() == EXPANDED


def test_an_object_that_goes_while_it_is_compared_is_written(client: "S3Client", objects: Objects) -> None:
    put(client, {"a": b"new"})
    client.put_object(Bucket="out-bucket", Key="cars/_configs/a", Body=b"old")

    def delete_before_reading(params: Any, **_: Any) -> None:
        if params["Bucket"] == "out-bucket":
            client.delete_object(Bucket="out-bucket", Key="cars/_configs/a")

    s3.client().meta.events.register("provide-client-params.s3.GetObject", delete_before_reading)
    assert handler(EVENT, None)["uploaded"] == 1
    assert objects() == {"cars/_configs/a": b"new"}


def test_system_files_of_macos_are_counted_and_not_written(client: "S3Client", objects: Objects) -> None:
    put(
        client,
        {"a": b"1", ".DS_Store": b"2", "EDV/.DS_Store": b"3", "__MACOSX/EDV/._a": b"4", "x.DS_Store": b"5"},
    )
    answer = handler(EVENT, None)
    assert (answer["uploaded"], answer["skipped"], answer["bytes_uploaded"]) == (2, 3, 2)
    assert objects() == {"cars/_configs/a": b"1", "cars/_configs/x.DS_Store": b"5"}


def test_system_files_alone_are_an_archive_without_files(client: "S3Client", objects: Objects) -> None:
    put(client, {"__MACOSX/a": b"1"})
    with pytest.raises(ArchiveRefused, match="no files in it"):
        handler(EVENT, None)
    assert objects() == {}


@pytest.mark.usefixtures("small_parts")
def test_large_archives_travel_in_blocks_and_large_members_in_parts(
    client: "S3Client", calls: Any, objects: Objects
) -> None:
    tree = large_tree()
    size = len(put(client, tree, zipfile.ZIP_STORED))
    handler(EVENT, None)
    assert objects() == {f"cars/_configs/{name}": body for name, body in tree.items()}
    assert calls.seen.count("UploadPart") == 2
    directory = 2  # one read for the end record, one for the directory
    assert directory + 2 * (size // BLOCK) <= calls.seen.count("GetObject") <= 4 + 2 * (size // BLOCK + 1)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("overwrite", [False, True, "never"])
@pytest.mark.parametrize("equal", [False, True])
@pytest.mark.parametrize("same_size", [False, True])
def test_a_large_member_is_compared_as_a_small_one_is(
    client: "S3Client", objects: Objects, overwrite: bool | str, equal: bool, same_size: bool
) -> None:
    tree = large_tree()
    put(client, tree)
    other = tree["big"][:-1] + b"?" if same_size else b"mine"
    client.put_object(Bucket="out-bucket", Key="cars/_configs/big", Body=tree["big"] if equal else other)
    answer = handler(EVENT | {"overwrite": overwrite}, None)
    stays = equal or overwrite == "never"
    assert answer["skipped"] == (1 if stays else 0)
    assert objects()["cars/_configs/big"] == (other if stays and not equal else tree["big"])
    assert client.list_multipart_uploads(Bucket="out-bucket").get("Uploads", []) == []


def test_a_small_archive_is_fetched_once(client: "S3Client", calls: Any) -> None:
    put(client, TREE)
    handler(EVENT, None)
    assert sorted(calls.seen) == ["GetObject", "HeadObject", "PutObject", "PutObject", "PutObject"]


@pytest.mark.usefixtures("small_parts")
def test_any_broken_call_leaves_whole_objects_only_and_the_next_run_completes(
    client: "S3Client", calls: Any, objects: Objects
) -> None:
    tree = large_tree()
    wanted = {f"cars/_configs/{name}": body for name, body in tree.items()}
    put(client, tree)
    handler(EVENT, None)
    total = len(calls.seen)
    assert total == 1 + 2 + 2 * 3 + 4 + 3  # head, directory, blocks twice, a large and three small members
    for number in range(1, total + 1):
        for key in wanted:
            client.delete_object(Bucket="out-bucket", Key=key)
        calls.seen.clear()
        calls.break_at = number
        with pytest.raises(
            S3Failed, match=rf"\w+ s3://.* failed: ConnectionResetError: call {number} broken"
        ):
            handler(EVENT, None)
        left = objects()
        assert left.items() <= wanted.items()
        calls.break_at = None
        answer = handler(EVENT, None)
        assert (answer["uploaded"], answer["skipped"]) == (len(wanted) - len(left), len(left))
        assert objects() == wanted


def test_a_failed_run_says_how_far_it_came(client: "S3Client", calls: Any) -> None:
    put(client, TREE)
    calls.break_at = 4
    with pytest.raises(
        S3Failed,
        match=r"^PutObject s3://out-bucket/cars/_configs/.*; \d of 3 files of s3://in-bucket/cfg/a\.zip are in place, run",
    ):
        handler(EVENT, None)


@pytest.mark.usefixtures("small_parts")
def test_parts_that_could_not_be_removed_are_in_the_error(client: "S3Client") -> None:
    put(client, large_tree())

    def deny(model: Any, **_: Any) -> None:
        if model.name in {"UploadPart", "AbortMultipartUpload"}:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, model.name)

    s3.client().meta.events.register("before-call.s3", deny)
    with pytest.raises(
        S3Failed, match=r"^UploadPart s3://out-bucket/cars/_configs/big failed.*AccessDenied"
    ) as caught:
        handler(EVENT, None)
    assert caught.value.__cause__ is not None
    (note,) = caught.value.__cause__.__notes__
    assert "AbortMultipartUpload s3://out-bucket/cars/_configs/big failed" in note
    assert "abort it by hand" in note


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("replaced", [True, False])
@pytest.mark.parametrize("read", [2, 4, 7])
def test_an_archive_that_changes_under_the_run_is_noticed(
    client: "S3Client", objects: Objects, monkeypatch: pytest.MonkeyPatch, replaced: bool, read: int
) -> None:
    """At the directory, while checking, while writing: every written object is of the first archive."""
    monkeypatch.setattr(
        s3, "BLOCKS_AHEAD", 1
    )  # moto breaks when an object goes while another thread reads it
    tree = large_tree()
    put(client, tree)
    reads = 0

    def interfere(model: Any, **_: Any) -> None:
        nonlocal reads
        reads += model.name == "GetObject"
        if reads == read:
            if replaced:
                client.put_object(Bucket="in-bucket", Key="cfg/a.zip", Body=b"other" * 20_000)
            else:
                client.delete_object(Bucket="in-bucket", Key="cfg/a.zip")

    s3.client().meta.events.register("before-call.s3", interfere)
    with pytest.raises(ArchiveChanged, match=r"^s3://in-bucket/cfg/a\.zip was replaced or deleted while"):
        handler(EVENT, None)
    assert objects().items() <= {f"cars/_configs/{name}": body for name, body in tree.items()}.items()


def test_a_refused_archive_causes_no_write_at_all(client: "S3Client", calls: Any, forge: Any) -> None:
    data = forge(forge.entry("good", b"1"), forge.entry("../evil", b"2"))
    client.put_object(Bucket="in-bucket", Key="cfg/a.zip", Body=data)
    with pytest.raises(
        ArchiveRefused, match=r"^s3://in-bucket/cfg/a\.zip: 1 entries refused: '\.\./evil' has a '\.\.'"
    ):
        handler(EVENT, None)
    assert calls.seen == ["HeadObject", "GetObject"]


@pytest.mark.parametrize("times", [[60_000, 4_000], [60_000, 50_000, 50_000, 4_000]])
def test_a_run_near_its_timeout_stops_and_can_go_on(
    client: "S3Client", objects: Objects, times: list[int]
) -> None:
    put(client, TREE)

    class Context:
        left = iter(times)

        def get_remaining_time_in_millis(self) -> int:
            return next(self.left)

    with pytest.raises(OutOfTime, match=r"4000 ms of the function's time left; raise its timeout"):
        handler(EVENT, Context())
    assert objects() == {}
    assert handler(EVENT, None)["uploaded"] == 3


@pytest.mark.parametrize(
    ("event", "error", "message"),
    [
        (
            {"input": {"bucket": "in-bucket", "key": "none.zip"}},
            ArchiveRefused,
            r"^s3://in-bucket/none.zip does not exist",
        ),
        (
            {"input": {"bucket": "absent", "key": "a.zip"}},
            S3Failed,
            r"^HeadObject s3://absent/a.zip failed: .*NoSuchBucket",
        ),
        (
            {"output": {"bucket": "absent", "prefix": ""}},
            S3Failed,
            r"^PutObject s3://absent/.* failed: .*NoSuchBucket",
        ),
        ({"max_files": "many"}, BadEvent, r"event\['max_files'\]: expected `int`, got `str`, got 'many'"),
        ({"input": None}, BadEvent, r"event\['input'\]: expected `object`"),
    ],
)
def test_bad_input_is_raised_never_returned(
    client: "S3Client", objects: Objects, event: dict[str, Any], error: type[Exception], message: str
) -> None:
    put(client, TREE)
    with pytest.raises(error, match=message):
        handler(EVENT | event, None)
    assert objects() == {}


def test_logs_are_json_and_hold_no_content(client: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    put(client, {"a": b"secret-content"})
    written = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", written)
    handler(EVENT, None)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["message"], line["archive"]) for line in lines] == [
        (word, "s3://in-bucket/cfg/a.zip") for word in ("checking", "uploading", "uploaded")
    ]
    assert "secret-content" not in written.getvalue()


def test_the_client_gives_up_in_time(client: "S3Client") -> None:
    config: Any = s3.client().meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, 30)
    assert config.retries == {"mode": "standard", "total_max_attempts": 4}


def test_importing_the_handler_loads_no_boto3() -> None:
    code = "import sys, upload_config.handler; print('boto3' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.strip() == "False"
