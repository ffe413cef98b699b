"""Large archives' format, without large archives."""

import io
import struct
import zipfile
from typing import Any

import pytest

TEXT = b"select 1;\n" * 50


def zip64_archive(files: dict[str, bytes], *, streamed: bool) -> bytes:
    """Written by the standard library, with a limit of 100 bytes for everything beyond which ZIP64 is needed."""

    class Forward(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError("a stream")

    out = Forward() if streamed else io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zipfile, "ZIP64_LIMIT", 100)
        patch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in files.items():
                archive.writestr(name, body)
    return out.getvalue()


@pytest.mark.parametrize("streamed", [True, False])
def test_zip64_members_and_end_record_are_read(memory: Any, streamed: bool) -> None:
    files = {"a": TEXT, "b": b"", "c": TEXT * 3}
    data = zip64_archive(files, streamed=streamed)
    assert b"PK\x06\x06" in data
    archive = memory(data)
    assert archive.expand().uploaded == 3
    assert archive.objects == {f"p/{name}": body for name, body in files.items()}


def test_a_zip64_end_record_beside_ordinary_values_is_read(forge: Any, memory: Any) -> None:
    archive = memory(forge(forge.entry("a", TEXT), zip64={}))
    assert archive.expand().uploaded == 1


def test_saturated_fields_take_their_values_from_zip64(forge: Any, memory: Any) -> None:
    wide = struct.pack("<2HQ", 1, 8, len(TEXT))
    entry = forge.entry("a", TEXT, size=0xFFFFFFFF, central_extra=wide, local_size=len(TEXT))
    archive = memory(forge(entry, zip64={}, count=0xFFFF, size=0xFFFFFFFF, offset=0xFFFFFFFF))
    assert archive.expand().bytes_uploaded == len(TEXT)


def test_an_archive_beyond_four_gigabytes_is_understood(memory: Any, forge: Any) -> None:
    """The directory is behind 5 GiB of members, which are not read."""
    from upload_config.central_directory import entries, find

    gap = 5 * 1024**3
    tail: bytes = forge(forge.entry("a", TEXT), zip64={"offset": gap, "start": gap + 47}, offset=0xFFFFFFFF)
    start = tail.index(b"PK\x01\x02")

    class Sparse:
        size = gap + len(tail) - start

        def read(self, at: int, length: int) -> bytes:
            skipped = max(0, gap - at)
            return bytes(skipped) + tail[start + at + skipped - gap : start + at + length - gap]

    found = find(Sparse())
    assert (found.offset, found.size, found.count) == (gap, 47, 1)
    assert [entry.raw_name for entry in entries(Sparse(), found)] == [b"a"]


def test_more_members_than_the_old_record_can_count(memory: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(65_535):
            archive.writestr(f"{number}/", b"")  # directories, because nothing has to be uploaded for them
        archive.writestr("last", b"1")
    archive64 = memory(out.getvalue(), block=1_000_000)
    assert archive64.expand({"max_files": 70_000}).uploaded == 1
    assert archive64.objects == {"p/last": b"1"}
