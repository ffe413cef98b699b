"""Every forged archive is refused with a message that says why, and not one object is written."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upload_config import central_directory
from upload_config.errors import ArchiveRefused

TEXT = b"select 1;\n" * 50
TAIL = struct.pack("<4s3L", b"PK\x07\x08", zlib.crc32(TEXT), 0, len(TEXT))


def descriptor(body: bytes, data: bytes, layout: str = "<4s3L") -> bytes:
    values: list[Any] = [zlib.crc32(data), len(body), len(data)]
    return struct.pack(layout, *([b"PK\x07\x08"] if "4s" in layout else []), *values)


def deflated(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


def refused(memory: Any, data: bytes, event: dict[str, Any] | None = None, **environment: str) -> str:
    """The message, after checking that it names the archive and that nothing was written."""
    archive = memory(data)
    with pytest.raises(ArchiveRefused) as caught:
        archive.expand(event, **environment)
    assert archive.objects == {}
    start = "s3://in-bucket/a.zip: "
    assert str(caught.value).startswith(start)
    return str(caught.value).removeprefix(start)


def test_the_forge_makes_archives_that_are_accepted(forge: Any, memory: Any) -> None:
    entry = forge.entry
    data = forge(
        entry("d/", mode=0o40755),
        entry("d/a.sql", TEXT),
        entry("é", b"", method=0),
        entry("later", TEXT, flags=8, local_crc=0, local_size=0, local_compressed=0,
              after=descriptor(deflated(TEXT), TEXT)),
        comment=b"a comment",
    )  # fmt: skip
    archive = memory(data)
    answer = archive.expand()
    assert archive.objects == {"p/d/a.sql": TEXT, "p/é": b"", "p/later": TEXT}
    assert (answer.uploaded, answer.skipped, answer.bytes_uploaded) == (3, 0, 2 * len(TEXT))
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("/etc/passwd", "'/etc/passwd' is absolute"),
        ("a/../../b", "'a/../../b' has a '..' segment"),
        ("..\\b", "has a backslash"),
        ("C:\\b", "has a backslash"),
        ("C:b", "starts with a drive letter"),
        ("a\x00b", "has a control character"),
        ("a\rb", "has a control character"),
        (".", "names nothing"),
        ("", "names nothing"),
        ("../d/", "has a '..' segment"),
        (b"\xff\xfe", "is neither ASCII nor marked and valid UTF-8"),
        ("k" * 1024, "would have a key of more than 1024 bytes"),
    ],
)
def test_a_bad_name(forge: Any, memory: Any, name: str | bytes, why: str) -> None:
    message = refused(memory, forge(forge.entry("good", TEXT), forge.entry(name, mode=0)))
    assert message.startswith("1 entries refused: ")
    assert why in message


def test_a_name_that_is_not_marked_as_utf8(forge: Any, memory: Any) -> None:
    assert "neither ASCII nor marked" in refused(memory, forge(forge.entry("é", flags=0)))


def test_a_name_that_only_its_own_header_does_not_mark_as_utf8(forge: Any, memory: Any) -> None:
    data = forge(forge.entry("é", TEXT, local_flags=0))
    assert refused(memory, data) == "'é' has flags 0 in its own header but 2048 in the central directory"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("a", "a"),
        ("a", "./a"),
        ("a/b", "a//b"),
        ("A.SQL", "a.sql"),
        ("caf\u00e9", "cafe\u0301"),
        ("a.sql", "a.sql."),
        ("a /b", "a/b"),
    ],
)
def test_names_that_become_equal(forge: Any, memory: Any, one: str, two: str) -> None:
    message = refused(memory, forge(forge.entry(one, TEXT), forge.entry(two)))
    assert message == f"1 entries refused: {two!r} becomes equal to {one!r}"


@pytest.mark.parametrize(("one", "two"), [("d", "d/"), ("D/", "d")])
def test_a_file_and_a_directory_of_one_name(forge: Any, memory: Any, one: str, two: str) -> None:
    message = refused(memory, forge(forge.entry(one, mode=0), forge.entry(two, mode=0)))
    assert message == f"1 entries refused: {two!r} becomes equal to {one!r}"


@pytest.mark.parametrize(
    ("file", "inside"),
    [("a", "a/b.sql"), ("x/A", "x/a/b/c"), ("caf\u00e9", "cafe\u0301/menu"), ("a.", "a/b")],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_file_that_is_the_folder_of_another(
    forge: Any, memory: Any, file: str, inside: str, turned: bool
) -> None:
    names = [inside, "between", file] if turned else [file, "between", inside]
    message = refused(memory, forge(*[forge.entry(name) for name in names]))
    assert message == f"1 entries refused: {file!r} is a file and the folder of {inside!r}"


def test_a_file_beside_a_folder_with_a_longer_name_is_fine(forge: Any, memory: Any) -> None:
    names = ("a", "ab/c", "a.b/c", "d/", "d/e")
    assert memory(forge(*[forge.entry(name, mode=0) for name in names])).expand().uploaded == 4


def test_a_directory_may_be_listed_twice(forge: Any, memory: Any) -> None:
    data = forge(forge.entry("d/", mode=0), forge.entry("d/", mode=0), forge.entry("d/a"))
    assert memory(data).expand().uploaded == 1


def test_all_bad_entries_are_counted(forge: Any, memory: Any) -> None:
    message = refused(memory, forge(*[forge.entry(f"/{n}") for n in range(8)]))
    assert message.startswith("8 entries refused: '/0' is absolute; '/1' is absolute")
    assert "'/5'" not in message


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"flags": 0x1}, "'x' is encrypted"),
        ({"flags": 0x41}, "'x' is encrypted"),
        ({"flags": 0x2000}, "'x' is encrypted"),
        ({"flags": 0x20}, "'x' is a patch, not a file"),
        ({"method": 12}, "'x' uses compression method 12, only 0 (stored) and 8 (deflated) are read"),
        ({"method": 99}, "compression method 99"),
        ({"mode": 0o120777}, "'x' is a symbolic link"),
        ({"mode": 0o010644}, "'x' has file type 0o10000, neither file nor directory"),
        ({"mode": 0o060644}, "file type 0o60000"),
        ({"mode": 0o040755}, "file type 0o40000"),
        ({"method": 0, "size": 7}, "'x' is stored but its two sizes differ"),
    ],
)
def test_a_kind_that_is_not_read(forge: Any, memory: Any, wrong: dict[str, Any], why: str) -> None:
    assert why in refused(memory, forge(forge.entry("good", TEXT), forge.entry("x", TEXT, **wrong)))


def test_a_directory_with_content(forge: Any, memory: Any) -> None:
    assert "'d/' is a directory with content" in refused(
        memory, forge(forge.entry("a"), forge.entry("d/", TEXT, mode=0))
    )


def test_an_archive_that_would_overwrite_itself(forge: Any, memory: Any) -> None:
    event = {"output": {"bucket": "in-bucket", "prefix": ""}}
    assert "'a.zip' would overwrite the archive itself" in refused(memory, forge(forge.entry("a.zip")), event)


@pytest.mark.parametrize("names", [[], ["d/"]])
def test_an_archive_without_files(forge: Any, memory: Any, names: list[str]) -> None:
    data = forge(*[forge.entry(name, mode=0o40755) for name in names])
    assert refused(memory, data) == "no files in it: nothing would be uploaded"


def test_an_archive_that_inflates_too_far_is_taken_for_a_bomb(forge: Any, memory: Any) -> None:
    data = forge(forge.entry("zeros", bytes(70 * 1024 * 1024)))
    message = refused(memory, data)
    assert message.startswith("members declare 73400320 bytes together, 1")
    assert "more than 200 times is taken for a ZIP bomb; set MAX_RATIO higher if it is none" in message
    assert memory(data).expand(MAX_RATIO="1100").uploaded == 1


def test_small_members_may_inflate_as_far_as_they_can(forge: Any, memory: Any) -> None:
    assert memory(forge(forge.entry("zeros", bytes(60 * 1024 * 1024)))).expand().uploaded == 1


def test_too_many_files(forge: Any, memory: Any) -> None:
    data = forge(*[forge.entry(f"f{n}") for n in range(4)])
    assert memory(data).expand({"max_files": 4}).uploaded == 4
    assert refused(memory, data, {"max_files": 3}) == "more than max_files 3 files: raise it or pack less"


def test_too_many_directories(forge: Any, memory: Any) -> None:
    data = forge(forge.entry("f"), *[forge.entry(f"d{n}/") for n in range(3)])
    assert refused(memory, data, {"max_files": 2}).startswith("more than max_files 2 directories")


def test_a_declared_size_over_the_limit_is_refused_before_any_member_is_read(forge: Any, memory: Any) -> None:
    data = forge(forge.entry("a", b"1" * 600), forge.entry("b", b"2" * 600))
    assert memory(data).expand(MAX_TOTAL_BYTES="1200").bytes_uploaded == 1200
    assert refused(memory, data, MAX_TOTAL_BYTES="1199").startswith(
        "members declare more than 1199 bytes together (at 'b')"
    )


def test_a_bomb_is_stopped_at_the_first_byte_too_many(forge: Any, memory: Any) -> None:
    """100 MB of zeros that declare 10 bytes: one step of inflating is all that is ever held."""
    import tracemalloc

    data = forge(forge.entry("bomb", size=10, body=deflated(bytes(100_000_000)), crc=0))
    tracemalloc.start()
    message = refused(memory, data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert message == "'bomb' inflates to more than the 10 bytes it declares"
    assert peak < 8_000_000


def test_the_same_data_listed_many_times(forge: Any, memory: Any) -> None:
    """The overlap bomb: many entries that share one body."""
    data = forge(forge.entry("a", TEXT), forge.entry("b", TEXT, offset=0), forge.entry("c", TEXT, offset=0))
    assert "'a' overlaps 'b'" in refused(memory, data)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"crc": 1}, "'x' has CRC"),
        ({"local_crc": 1}, "'x' has CRC 1 in its own header but"),
        ({"local_name": b"y"}, "'x' has name b'y' in its own header but b'x' in the central directory"),
        ({"local_method": 0}, "'x' has method 0 in its own header but 8"),
        ({"local_flags": 1}, "'x' has flags 1 in its own header but 0"),
        ({"local_size": 3}, f"'x' has size 3 in its own header but {len(TEXT)}"),
        ({"local_compressed": 3}, "'x' has compressed size 3 in its own header but"),
        ({"size": len(TEXT) + 1}, f"'x' inflates to {len(TEXT)} bytes but declares {len(TEXT) + 1}"),
        ({"size": len(TEXT) - 1}, f"'x' inflates to more than the {len(TEXT) - 1} bytes it declares"),
        ({"body": b"\xff\xff\xff\xff"}, "'x' cannot be inflated: "),
        ({"body": deflated(TEXT)[:-3]}, "'x' ends in the middle of its data"),
        ({"body": deflated(TEXT) + b"hidden"}, "'x' has bytes behind the end of its data"),
        ({"after": b"hidden"}, "'x' is followed by 6 bytes that belong to no entry"),
        ({"before": b"hidden"}, "'good' is followed by 6 bytes that belong to no entry"),
        ({"flags": 8}, "'x' is followed by 0 bytes that are not its data descriptor"),
        ({"flags": 8, "after": TAIL}, "'x' is followed by 16 bytes that are not its data descriptor"),
        (
            {"flags": 8, "after": b"FAKE" + descriptor(deflated(TEXT), TEXT)[4:]},
            "'x' is followed by 16 bytes that are not its data descriptor",
        ),
        ({"flags": 8, "local_flags": 0}, "'x' has flags 0 in its own header but 8"),
        ({"offset": 1}, "'good' overlaps 'x'"),
    ],
)
def test_an_entry_and_its_member_disagree(forge: Any, memory: Any, wrong: dict[str, Any], why: str) -> None:
    data = forge(forge.entry("good", TEXT), forge.entry("x", TEXT, **wrong), forge.entry("z", TEXT))
    assert why in refused(memory, data)


def test_a_wrong_crc_in_the_last_of_many_members_still_writes_nothing(forge: Any, memory: Any) -> None:
    entries = [forge.entry(f"{n}", TEXT) for n in range(50)]
    message = refused(memory, forge(*entries, forge.entry("last", TEXT, crc=7)))
    assert message == f"'last' has CRC {zlib.crc32(TEXT):08x} but declares 00000007: the archive is damaged"


def test_a_member_that_the_directory_does_not_list(forge: Any, memory: Any) -> None:
    hidden = forge.entry("hidden", TEXT).local()
    assert "belong to no entry" in refused(memory, forge(forge.entry("a", TEXT), gap=hidden))
    assert "bytes before the first member belong to no entry" in refused(
        memory, forge(forge.entry("a", TEXT), start=hidden)
    )
    assert "bytes between 'a' and the central directory belong to no entry" in refused(
        memory, forge(forge.entry("a", TEXT), gap=bytes(70_000))
    )


def test_bytes_in_front_of_a_whole_archive(forge: Any, memory: Any) -> None:
    """Self-extracting programs; other readers shift all offsets, and so could be shown another directory."""
    data = b"#!/bin/sh\n" + forge(forge.entry("a", TEXT))
    assert "does not end at the end record" in refused(memory, data)


@pytest.mark.parametrize("cut", [1, 10, 22, 60, 200])
def test_an_archive_that_is_cut_short(forge: Any, memory: Any, cut: int) -> None:
    data = forge(forge.entry("a", random.Random(1).randbytes(300)))
    assert refused(memory, data[:-cut]) == "no end record: not a ZIP archive, or cut short"


@pytest.mark.parametrize("data", [b"", b"PK", b"hello" * 100, bytes(70_000)])
def test_something_that_is_no_archive(memory: Any, data: bytes) -> None:
    assert refused(memory, data) == "no end record: not a ZIP archive, or cut short"


def test_two_end_records(forge: Any, memory: Any) -> None:
    inner = forge(forge.entry("shown", b"1"))
    data = forge(forge.entry("real", TEXT), comment=inner)
    assert refused(memory, data) == "two end records: programs would read two different archives"


@pytest.mark.parametrize("behind", [b"", b"and more"])
def test_an_archive_hidden_in_the_comment(forge: Any, memory: Any, behind: bytes) -> None:
    """The standard library searches backwards and would list 'evil'."""
    shown = forge(forge.entry("real", TEXT))
    hidden = forge(forge.entry("evil", b"2"), start=shown)[len(shown) :]
    data = forge(forge.entry("real", TEXT), comment=hidden + behind)
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["evil"]
    assert refused(memory, data) == "two end records: programs would read two different archives"


@pytest.mark.parametrize("where", ["central_extra", "local_extra"])
def test_a_second_name_in_an_extra_field(forge: Any, memory: Any, where: str) -> None:
    def unicode_path(name: bytes) -> bytes:
        return struct.pack("<2HBL", 0x7075, 5 + len(name), 1, zlib.crc32(b"a.sql")) + name

    assert refused(memory, forge(forge.entry("a.sql", TEXT, **{where: unicode_path(b"../evil")}))) == (
        "'a.sql' has a second name b'../evil': programs would write different files"
    )
    assert memory(forge(forge.entry("a.sql", TEXT, **{where: unicode_path(b"a.sql")}))).expand().uploaded == 1


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ({"count": 1}, "end record declares 1 entries, the central directory has 2"),
        ({"count": 3}, "end record declares 3 entries, the central directory has 2"),
        ({"offset": 0}, "does not end at the end record"),
        ({"size": 10}, "does not end at the end record"),
        ({"disk": 1}, "archive is split over several disks"),
        ({"disk_count": 1}, "archive is split over several disks"),
        ({"zip64": {"count": 1}}, "end record and ZIP64 end record disagree"),
        ({"zip64": {"offset": 0}}, "end record and ZIP64 end record disagree"),
        ({"zip64": {"start": 1}}, "ZIP64 end record at 1 is broken"),
        ({"zip64": {"start": 10**9}}, "ZIP64 locator points to 1000000000"),
        ({"offset": 0xFFFFFFFF}, "does not end at the end record"),
    ],
)
def test_an_end_record_that_lies(forge: Any, memory: Any, end: dict[str, Any], why: str) -> None:
    assert why in refused(memory, forge(forge.entry("a", TEXT), forge.entry("b"), **end))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (
            {"size": 0xFFFFFFFF, "central_extra": struct.pack("<2HL", 1, 4, 0)},
            "ZIP64 field that is too short",
        ),
        ({"central_extra": struct.pack("<2HQ2HQ", 1, 8, 1, 1, 8, 2)}, "two ZIP64 fields"),
        ({"central_extra": struct.pack("<2H", 1, 8)}, "broken extra field"),
        (
            {"size": 0xFFFFFFFF, "central_extra": struct.pack("<2HQ", 1, 8, 2**63)},
            "members declare more than",
        ),
    ],
)
def test_a_zip64_field_that_lies(forge: Any, memory: Any, wrong: dict[str, Any], why: str) -> None:
    assert why in refused(memory, forge(forge.entry("a", TEXT, **wrong)))


def test_a_central_directory_that_is_too_large_is_not_even_read(
    forge: Any, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(central_directory, "MAX_DIRECTORY_BYTES", 50)
    data = forge(forge.entry("a", TEXT), forge.entry("b", TEXT))
    assert refused(memory, data) == "central directory has 94 bytes, at most 50 are read"


def test_a_broken_central_directory(forge: Any, memory: Any) -> None:
    good = forge(forge.entry("a", TEXT), forge.entry("b", TEXT))
    second = good.rindex(b"PK\x01\x02")
    assert "entry 1 does not start there" in refused(memory, good[:second] + b"XX" + good[second + 2 :])
    long_name = good[: second + 28] + b"\xff\xff" + good[second + 30 :]
    assert "central directory is broken at entry 'b" in refused(memory, long_name)


@given(st.integers(0, 10**6), st.integers(0, 7))
def test_a_damaged_archive_never_comes_out_different(forge: Any, memory: Any, place: int, bit: int) -> None:
    """One bit changed anywhere: refused, or (a date, the comment) exactly the same files."""
    files = {f"d/{n}.sql": random.Random(n).randbytes(20) * n for n in range(5)}
    data = bytearray(forge(*[forge.entry(name, body) for name, body in files.items()], comment=b"note"))
    data[place % len(data)] ^= 1 << bit
    archive = memory(bytes(data))
    try:
        archive.expand()
    except ArchiveRefused:
        assert archive.objects == {}
    else:
        assert archive.objects == {f"p/{name}": body for name, body in files.items()}


@given(
    st.lists(
        st.binary(max_size=60) | st.sampled_from([b"PK\x01\x02", b"PK\x03\x04", b"PK\x06\x06", b"PK\x06\x07"])
    ),
    st.integers(0, 3),
    st.integers(0, 200),
    st.integers(0, 200),
)
def test_rubbish_before_an_end_record_is_refused(
    memory: Any, parts: list[bytes], count: int, size: int, offset: int
) -> None:
    rubbish = b"".join(parts)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size, min(offset, len(rubbish)), 0)
    archive = memory(rubbish + end)
    with pytest.raises(ArchiveRefused, match=r"^s3://in-bucket/a\.zip: \S"):
        archive.expand()
    assert archive.objects == {}


def test_a_zip64_locator_without_room_for_itself_is_refused(memory: Any) -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 4, 0, 0)
    assert "entry 0 does not start there" in refused(memory, b"PK\x06\x07" + end)


def python_s(files: dict[str, bytes], write: Callable[[zipfile.ZipFile], None] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
        if write:
            write(archive)
    return out.getvalue()


def test_a_symbolic_link_as_info_zip_stores_it(memory: Any) -> None:
    def link(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("link")
        info.create_system = 3
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")

    assert "'link' is a symbolic link" in refused(memory, python_s({"a": b"1"}, link))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_python_could_read(memory: Any, method: int) -> None:
    def other(archive: zipfile.ZipFile) -> None:
        archive.writestr("x", TEXT, compress_type=method)

    assert f"compression method {method}" in refused(memory, python_s({"a": b"1"}, other))
