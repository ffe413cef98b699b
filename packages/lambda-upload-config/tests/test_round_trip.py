"""What DownloadZip writes, UploadConfig reads: any tree of legal names comes back equal."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from download_zip import archive, core, handler
from download_zip.core import Piece, SourceObject, pieces, select
from download_zip.errors import BadSource
from download_zip.events import parse
from upload_config.errors import ArchiveRefused
from upload_config.names import folded, problem_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SEGMENT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=8)
NAME = st.lists(SEGMENT, min_size=1, max_size=3).map("/".join)
TREE = st.dictionaries(NAME, st.binary(max_size=300), min_size=1, max_size=8)


class Sink:
    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        self.data += data


def zipped(tree: dict[str, bytes], piece_bytes: int) -> bytes:
    """DownloadZip's own path from a listing to an archive, without S3; raises BadSource."""
    event = {
        "source_bucket": "source",
        "source_folder": "",
        "destination_bucket": "target",
        "ignore_patterns": [],
    }
    listing = [SourceObject(key, len(body), '"e"') for key, body in tree.items()]
    members = select(listing, parse(event)).members

    def read(piece: Piece) -> bytes:
        return tree[piece.member.source.key][piece.start : piece.start + piece.length]

    sink = Sink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "PIECE_BYTES", piece_bytes)
        archive.write_archive(((piece, read(piece)) for piece in pieces(members)), sink)
    return bytes(sink.data)


@given(TREE, st.integers(1, 400))
def test_any_tree_that_is_zipped_comes_back_equal(
    memory: Any, tree: dict[str, bytes], piece_bytes: int
) -> None:
    try:
        data = zipped(tree, piece_bytes)
    except BadSource:
        return  # the next test holds both sides to the same rule
    expanded = memory(data)
    answer = expanded.expand()
    assert expanded.objects == {f"p/{name}": body for name, body in tree.items()}
    assert answer.bytes_uploaded == sum(map(len, tree.values()))


@given(TREE)
def test_what_cannot_be_expanded_is_never_zipped(memory: Any, tree: dict[str, bytes]) -> None:
    legal = not any(map(problem_of, tree)) and len(set(map(folded, tree))) == len(tree)
    try:
        data = zipped(tree, 400)
    except BadSource:
        strict = any({"", "."} & set(name.split("/")) for name in tree)  # would come back under another name
        assert strict or not legal
    else:
        assert legal
        try:
            memory(data).expand()
        except ArchiveRefused as refusal:
            pytest.fail(str(refusal))


def test_both_functions_together_copy_a_folder(
    client: "S3Client", objects: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from download_zip import s3 as download_s3
    from upload_config.handler import handler as upload

    monkeypatch.setattr(download_s3, "client", lambda: client)
    tree = {f"EDV/T{n}/2_DV_INSERT.sql": b"insert %d" % n * n for n in range(40)}
    for name, body in tree.items():
        client.put_object(Bucket="in-bucket", Key=f"cfg/{name}", Body=body)
    event = {
        "source_bucket": "in-bucket",
        "source_folder": "cfg",
        "destination_bucket": "in-bucket",
        "destination_key": "all.zip",
        "include_source_folder_in_zip": False,
    }
    assert handler.handler(event, None)["zipped_files"] == 40
    there = {
        "input": {"bucket": "in-bucket", "key": "all.zip"},
        "output": {"bucket": "out-bucket", "prefix": "x"},
    }
    assert upload(there, None)["uploaded"] == 40
    assert objects() == {f"x/{name}": body for name, body in tree.items()}
