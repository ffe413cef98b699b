"""Reading a release from a store: the pointer pins it, the manifest or the listing gives the files."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from edv_build_processing_plan.config_release import read_release
from edv_build_processing_plan.errors import BadRelease

ROOT = "releases/abc/"


@dataclass(frozen=True)
class Memory:
    """A store in a dictionary."""

    objects: dict[str, bytes]

    def read(self, name: str) -> bytes | None:
        return self.objects.get(name)

    def names(self, folder: str) -> list[str]:
        return sorted(name for name in self.objects if name.startswith(folder))

    def where(self, name: str) -> str:
        return f"mem://{name}"


def _objects() -> dict[str, bytes]:
    return {
        "current.json": b'{"release": "abc", "manifest": "releases/abc/manifest.json", "files": 4}',
        f"{ROOT}metadata/stg_tables.csv": b"s",
        f"{ROOT}metadata/dv_tables.csv": b"d",
        f"{ROOT}metadata/dv_tbl_dpnds.csv": b"n",
        f"{ROOT}STG/A/initial/A.sql": b"",
        f"{ROOT}EDV/A_H/2_DV_INSERT.sql": b"",
        "releases/old/EDV/GONE_H/2_DV_INSERT.sql": b"",
    }


def test_without_a_manifest_the_files_are_listed() -> None:
    release = read_release(Memory(_objects()))
    assert (release.id, release.stg_tables, release.dv_tables, release.dv_tbl_dpnds) == (
        "abc",
        b"s",
        b"d",
        b"n",
    )
    assert sorted(release.files) == ["EDV/A_H/2_DV_INSERT.sql", "STG/A/initial/A.sql"]


def test_the_manifest_says_which_files_belong_to_the_release() -> None:
    manifest = json.dumps(
        {"version": 1, "files": {"EDV/B_H/2_DV_INSERT.sql": {"size": 1}}, "tables": {}}
    ).encode()
    release = read_release(Memory(_objects() | {f"{ROOT}manifest.json": manifest}))
    assert list(release.files) == ["EDV/B_H/2_DV_INSERT.sql"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("current.json", None, "mem://current.json does not exist; push a config release first"),
        ("current.json", b"{", "mem://current.json is not a pointer to a release: "),
        ("current.json", b"{}", "mem://current.json is not a pointer to a release: .*`release`"),
        (
            "current.json",
            b'{"release": "../x"}',
            r"mem://current.json points at '../x', which is not a release's",
        ),
        (
            f"{ROOT}metadata/dv_tables.csv",
            None,
            "mem://releases/abc/metadata/dv_tables.csv does not exist; the release is incomplete, push it again",
        ),
        (f"{ROOT}manifest.json", b"[]", "mem://releases/abc/manifest.json is not a manifest: "),
    ],
)
def test_a_broken_release_is_named_with_its_address(name: str, data: bytes | None, message: str) -> None:
    objects = {key: value for key, value in _objects().items() if key != name}
    if data is not None:
        objects[name] = data
    with pytest.raises(BadRelease, match=f"^{message}"):
        read_release(Memory(objects))
