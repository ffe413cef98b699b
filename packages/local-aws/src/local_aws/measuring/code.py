"""The code of a measured handler: the built zip when it matches the current sources, else the sources."""

import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"


@contextmanager
def code(package: Path, module: str) -> Iterator[tuple[str, str]]:
    """What it is, for the reader, and the folder to import from; `module` is the package's import name."""
    built = package.parents[1] / "build" / "lambda" / RUNTIME / f"{package.name}.zip"
    sources = package / "src"
    if not is_current(built, sources, module):
        yield "source tree (no build of it for this Python)", str(sources)
        return
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(built) as archive:
            archive.extractall(folder)
        yield f"build/lambda/{RUNTIME}/{built.name}", folder


def is_current(built: Path, sources: Path, module: str) -> bool:
    """Whether the zip was built and holds every source file as it is now."""
    if not built.exists():
        return False
    wanted = {
        path.relative_to(sources).as_posix(): path.read_bytes() for path in (sources / module).rglob("*.py")
    }
    with zipfile.ZipFile(built) as archive:
        inside = {name: archive.read(name) for name in wanted.keys() & set(archive.namelist())}
    return inside == wanted
