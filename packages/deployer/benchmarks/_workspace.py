"""The build to deploy: a copy that costs no disk, and a function in it that changes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from pathlib import Path

CHANGED = "lambda-edv-check-results"
HANDLER = "edv_check_results/handler.py"


def copy_build(build: Path, target: Path) -> Path:
    """Zips and Glue bundle of a build, as links: nothing is written to the files of the original."""
    for part in ("lambda", "glue"):
        shutil.copytree(build / part, target / part, copy_function=_link)
    return target


def change_function(build: Path) -> None:
    """One more line in a file of one function, and the description beside the zip as a build would write it."""
    (path,) = build.glob(f"lambda/*/{CHANGED}.zip")
    with zipfile.ZipFile(path) as archive:
        contents = {item: archive.read(item) for item in archive.infolist()}
    (item,) = (item for item in contents if item.filename == HANDLER)
    contents[item] += b"\n# changed\n"
    path.unlink()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in contents.items():
            archive.writestr(member, content)
    _describe(path, item.filename, contents[item])


def _describe(path: Path, name: str, content: bytes) -> None:
    beside = path.with_suffix(".json")
    about = json.loads(beside.read_text(encoding="utf-8"))
    about["digest"] = hashlib.sha256(path.read_bytes()).hexdigest()
    about["files"][name] = hashlib.sha256(content).hexdigest()
    beside.unlink()
    beside.write_text(json.dumps(about), encoding="utf-8")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
