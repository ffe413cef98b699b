"""What the archive looks like, read back with the standard library."""

import io
import random
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from download_zip.archive import write_archive
from download_zip.core import Member, Piece, SourceObject


class Bytes:
    """A sink that keeps everything, and raises after `limit` bytes."""

    def __init__(self, limit: int | None = None) -> None:
        self.data = b""
        self.limit = limit

    def write(self, data: bytes) -> None:
        if self.limit is not None and len(self.data) + len(data) > self.limit:
            raise OSError("sink is full")
        self.data += data


def contents(files: dict[str, bytes], step: int = 7) -> Iterator[tuple[Piece, bytes]]:
    for name, data in files.items():
        member = Member(name, SourceObject(name, len(data), '"e"'))
        for start in range(0, max(len(data), 1), step):
            chunk = data[start : start + step]
            yield Piece(member, start, len(chunk)), chunk


def zipped(files: dict[str, bytes], step: int = 7) -> bytes:
    sink = Bytes()
    write_archive(contents(files, step), sink)
    return sink.data


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\/"), min_size=1, max_size=20
)


@given(st.dictionaries(NAMES, st.binary(max_size=100), min_size=1, max_size=8))
def test_every_file_comes_back_and_in_the_order_given(files: dict[str, bytes]) -> None:
    archive = zipfile.ZipFile(io.BytesIO(zipped(files)))
    assert archive.testzip() is None
    assert {info.orig_filename: archive.read(info) for info in archive.infolist()} == files
    assert [info.orig_filename for info in archive.infolist()] == list(files)


def test_equal_content_gives_equal_bytes_however_it_was_read() -> None:
    files = {"a": b"x" * 1000, "b/é": b"", "c": bytes(range(256))}
    assert zipped(files, step=7) == zipped(files, step=64)


def test_what_does_not_compress_is_carried_as_it_is_and_the_rest_is_deflated() -> None:
    noise = random.Random(3).randbytes(200_000)
    files = {"noise": noise, "text": b"select 1;\n" * 20_000, "short": noise[:1000]}
    data = zipped(files, step=100_000)
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert {info.filename: archive.read(info) for info in archive.infolist()} == files
    assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    assert noise[:60_000] in data  # a stored block of DEFLATE holds up to 65,535 bytes
    assert archive.getinfo("text").compress_size < 2_000


def test_dates_and_modes_are_fixed() -> None:
    (info,) = zipfile.ZipFile(io.BytesIO(zipped({"a": b"1"}))).infolist()
    assert info.date_time == (1980, 1, 1, 0, 0, 0)
    assert (info.external_attr >> 16, info.create_system) == (0o100644, 3)
    assert info.compress_type == zipfile.ZIP_DEFLATED


def test_zip64_is_used_when_sizes_and_offsets_need_it(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"big": bytes(range(256)) * 4, "small": b"s"}
    assert b"PK\x06\x06" not in zipped(files)
    with monkeypatch.context() as patch:
        patch.setattr(zipfile, "ZIP64_LIMIT", 300)
        data = zipped(files)
    assert b"PK\x06\x06" in data
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert {info.filename: archive.read(info) for info in archive.infolist()} == files


def test_zip64_is_used_for_more_members_than_the_old_record_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"f{n:02}": b"" for n in range(12)}
    with monkeypatch.context() as patch:
        patch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 10)
        data = zipped(files)
    assert b"PK\x06\x06" in data
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == list(files)


@pytest.mark.parametrize("limit", [0, 40, 120, 200])
def test_nothing_more_is_written_after_a_failure(limit: int) -> None:
    sink = Bytes(limit)
    with pytest.raises(OSError, match="sink is full"):
        write_archive(contents({"a": b"1" * 50, "b": b"2" * 50, "c": b"3" * 50}), sink)
    kept = sink.data
    sink.limit = None
    import gc

    gc.collect()  # a dropped ZipFile would write its directory now
    assert sink.data == kept


def test_a_failing_read_is_what_is_raised() -> None:
    def broken() -> Iterator[tuple[Piece, bytes]]:
        yield from contents({"a": b"1"})
        raise ConnectionResetError("read broken")

    with pytest.raises(ConnectionResetError, match="read broken"):
        write_archive(broken(), Bytes())
