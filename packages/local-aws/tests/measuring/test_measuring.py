"""A handler of the test's own is measured, from its sources and from a built zip."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from local_aws.measuring import Subject, incompressible, main
from local_aws.measuring.code import RUNTIME, code

HANDLER = """
import boto3

def handler(event, context):
    assert context.get_remaining_time_in_millis() > 0
    s3 = boto3.client("s3")
    held = bytes([1]) * (event["hold_mb"] * 1024 * 1024)
    print("a log line")
    found = s3.list_objects_v2(Bucket=event["bucket"])["Contents"]
    return {"bytes": sum(item["Size"] for item in found), "held": len(held)}
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A checkout with one package in it, not built."""
    folder = tmp_path / "packages" / "lambda-held"
    sources = folder / "src" / "held"
    sources.mkdir(parents=True)
    (sources / "__init__.py").write_text("")
    (sources / "handler.py").write_text(HANDLER)
    return folder


def subject(package: Path, *, hold_mb: int, limit_mb: int) -> Subject:
    def fill(s3: Any, count: int, size: int) -> None:
        s3.create_bucket(Bucket="held")
        content = incompressible(size)
        for number in range(count):
            s3.put_object(Bucket="held", Key=f"{number}", Body=content(number))

    return Subject(
        name="Held",
        items="objects",
        package=package,
        module="held.handler",
        event={"bucket": "held", "hold_mb": hold_mb},
        size_field="bytes",
        limit_mb=limit_mb,
        fill=fill,
    )


def build(package: Path) -> Path:
    built = package.parents[1] / "build" / "lambda" / RUNTIME / "lambda-held.zip"
    built.parent.mkdir(parents=True)
    with zipfile.ZipFile(built, "w") as archive:
        for path in (package / "src").rglob("*.py"):
            archive.write(path, path.relative_to(package / "src").as_posix())
    return built


def test_the_peak_is_the_handlers_and_a_limit_it_keeps_is_success(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(subject(package, hold_mb=100, limit_mb=2000), "text", ["--megabytes", "2", "--members", "3"])
    assert not ended.value.code
    said, heading, line = capsys.readouterr().out.splitlines()
    assert said == "code: source tree (no build of it for this Python)"
    assert heading.split()[:2] == ["Held", "objects"]
    count, archive, peak, limit, *_ = line.split()
    assert (count, archive, limit) == ("3", "2", "2000")
    assert 100 < float(peak) < 200  # what it holds, Python and boto3, and nothing of the emulator


def test_a_peak_at_the_limit_is_failure(package: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(subject(package, hold_mb=100, limit_mb=100), None, ["--megabytes", "1", "--members", "1"])
    assert ended.value.code == 1


def test_the_built_zip_is_measured_only_while_it_is_of_todays_sources(package: Path) -> None:
    built = build(package)
    with code(package, "held") as (kind, folder):
        assert kind == f"build/lambda/{RUNTIME}/{built.name}"
        assert (Path(folder) / "held" / "handler.py").read_text() == HANDLER
    (package / "src" / "held" / "deeper").mkdir()
    (package / "src" / "held" / "deeper" / "new.py").write_text("")
    with code(package, "held") as (kind, folder):
        assert kind.startswith("source tree")
        assert folder == str(package / "src")


def test_contents_differ_have_the_size_asked_for_and_do_not_compress() -> None:
    import zlib

    for size in (1, 1000, 9 * 1024 * 1024):
        assert len(incompressible(size)(7)) == size
    content = incompressible(1000)
    assert content(1) != content(2)
    assert len(zlib.compress(content(1))) >= 1000
