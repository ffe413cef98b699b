import io
import os
import stat
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_aws.processes.cache import bytecode_settings, cache_root, forget_unused, unpack


def archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as members:
        for name, content in files.items():
            members.writestr(name, content)
    return buffer.getvalue()


def test_same_archive_is_unpacked_once(tmp_path: Path) -> None:
    content = archive(a="1")
    first = unpack(content, tmp_path)
    (first / "a").write_text("touched")
    assert unpack(content, tmp_path) == first
    assert (first / "a").read_text() == "touched"
    assert unpack(archive(a="2"), tmp_path) != first


def test_unpacking_at_the_same_time_gives_one_directory(tmp_path: Path) -> None:
    content = archive(**{f"file{number}": "x" for number in range(200)})
    with ThreadPoolExecutor(8) as threads:
        folders = set(threads.map(lambda _: unpack(content, tmp_path), range(8)))
    assert len(folders) == 1
    assert [path.name for path in (tmp_path / "unpacked").iterdir()] == [folders.pop().name]


def test_broken_archive_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(zipfile.BadZipFile):
        unpack(b"no zip at all", tmp_path)
    assert list((tmp_path / "unpacked").iterdir()) == []


def test_members_stay_inside_and_keep_their_mode(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as members:
        program = zipfile.ZipInfo("bin/run")
        program.external_attr = (stat.S_IFREG | 0o755) << 16
        members.writestr(program, "#!/bin/sh")
        members.writestr("../outside", "x")
    folder = unpack(buffer.getvalue(), tmp_path)
    assert os.access(folder / "bin" / "run", os.X_OK)
    assert (folder / "outside").exists()
    assert not (folder.parent / "outside").exists()


def test_what_nothing_used_for_long_is_forgotten(tmp_path: Path) -> None:
    old, new = unpack(archive(a="1"), tmp_path), unpack(archive(a="2"), tmp_path)
    os.utime(old, (time.time() - 1000, time.time() - 1000))
    forget_unused(tmp_path, keep_seconds=500)
    assert not old.exists()
    assert new.exists()


def test_cache_directory_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("LOCAL_AWS_CACHE", raising=False)
    assert cache_root() == tmp_path / "local-aws"
    monkeypatch.setenv("LOCAL_AWS_CACHE", "/somewhere")
    assert cache_root() == Path("/somewhere")


def test_byte_code_goes_to_the_cache_where_it_may_not_lie_beside_the_sources(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    source = tmp_path / "source"
    source.mkdir()
    (source / "module.py").write_text("")
    settings = bytecode_settings(tmp_path / "cache")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **settings}
    subprocess.run([sys.executable, "-c", "import module"], cwd=source, env=environment, check=True)
    assert [path.name for path in source.iterdir()] == ["module.py"]
    assert list((tmp_path / "cache" / "bytecode").rglob("module.*.pyc"))
    forget_unused(tmp_path / "cache", keep_seconds=-60)
    assert list((tmp_path / "cache" / "bytecode").iterdir()) == []
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert bytecode_settings(tmp_path / "cache") == {}
