"""What the image is made of, and that it is made only when it has to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from monorepo import image
from monorepo.packages import MonorepoError

LOCKED = """\
moto[s3]==5.2.5 ; python_version >= "3.11" \\
    --hash=sha256:aa
pyarrow==26.0.1 \\
    --hash=sha256:bb \\
    --hash=sha256:cc
six==1.17.0 \\
    --hash=sha256:dd
"""
TARGETS = """\
https://packages.example.com/apt/ bookworm contrib
http://mirror.example.com/debian/ bookworm-updates main
http://mirror.example.com/debian/ bookworm main
http://security.example.com/debian-security/ bookworm-security main
"""


def test_what_is_left_out_goes_with_its_hashes() -> None:
    kept = image.without(LOCKED, ["pyarrow"])
    assert "pyarrow" not in kept
    assert "sha256:bb" not in kept
    assert kept.count("--hash") == 2
    assert kept.startswith("moto[s3]==5.2.5 ;")


def test_a_package_that_the_lock_has_no_more_is_no_longer_left_out() -> None:
    with pytest.raises(MonorepoError, match="the lock has no numpy; drop it from LEFT_OUT"):
        image.without(LOCKED, ["pyarrow", "numpy"])


def test_debian_comes_from_where_the_machine_takes_it() -> None:
    assert image.debian_mirror(TARGETS, "bookworm") == "http://mirror.example.com/debian/"
    assert image.debian_mirror(TARGETS, "trixie") is None


def test_a_mirror_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARS_DEBIAN_MIRROR", "http://other.example.com/debian")
    assert image.mirror() == "http://other.example.com/debian"


def test_a_machine_that_is_no_debian_must_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARS_DEBIAN_MIRROR", raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(
        MonorepoError, match="apt here knows no mirror of Debian; name one in CARS_DEBIAN_MIRROR"
    ):
        image.mirror()


def docker(home: Path, script: str) -> str:
    """A docker command that notes its words; the answer is a PATH with it."""
    command = home / "docker"
    command.write_text(f'#!/bin/sh\necho "$*" >>{home}/words\n{script}\n', encoding="utf-8")
    command.chmod(0o755)
    return f"{home}:/usr/bin:/bin"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock and a wheel that take no time to make; the answer is the wheel."""
    locked, wheel = tmp_path / "locked.txt", tmp_path / "code.whl"
    locked.write_text(LOCKED, encoding="utf-8")
    wheel.write_bytes(b"code")
    monkeypatch.setattr(image, "LEFT_OUT", ("pyarrow",))
    monkeypatch.setattr(image, "requirements", lambda package: locked)
    monkeypatch.setattr(image, "build_wheel", lambda package, build: wheel)
    return wheel


def test_an_image_of_the_same_inputs_is_not_made_again(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", docker(tmp_path, ""))
    name = image.build_image(tmp_path)
    assert name.startswith("cars/stepfunctions-local:0.")
    words = (tmp_path / "words").read_text(encoding="utf-8").splitlines()
    assert words == [
        f"image inspect --format {{{{.Id}}}} {name}",
        f"tag {name} cars/stepfunctions-local:latest",
    ]


def test_other_code_is_another_image_and_another_recipe_another_base(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", docker(tmp_path, ""))
    name, base = image.build_image(tmp_path), image.base_name()
    package.write_bytes(b"other code")
    other = image.build_image(tmp_path)
    assert other != name
    assert image.base_name() == base
    monkeypatch.setattr(image, "DEBIAN_PACKAGES", ("python3",))
    assert image.base_name() != base
    assert image.build_image(tmp_path) not in (name, other)


def test_without_an_engine_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", docker(tmp_path, "echo 'Cannot connect to the Docker daemon' >&2; exit 1"))
    with pytest.raises(
        MonorepoError, match=r"Cannot connect to the Docker daemon; `ci/docker/engine` starts an engine"
    ):
        image.exists("an/image:1")
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MonorepoError, match="there is no docker command; `ci/docker/engine` installs it"):
        image.exists("an/image:1")


def test_an_image_that_is_not_there_is_told_from_an_engine_that_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", docker(tmp_path, "echo 'Error: No such image: an/image:1' >&2; exit 1"))
    assert not image.exists("an/image:1")
