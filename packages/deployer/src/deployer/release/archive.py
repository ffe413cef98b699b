"""A deterministic zip of a release: same content, same bytes, on every machine and day."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
MANIFEST = "manifest.json"


def contents(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """Everything that is put below a release's prefix: the tree and its manifest."""
    text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
    return {**files, MANIFEST: f"{text}\n".encode()}


def archive(files: Mapping[str, bytes]) -> bytes:
    """Zip of the files, sorted and stored: compressed bytes would differ between zlib builds."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3
            entry.external_attr = _MODE
            target.writestr(entry, files[name])
    return buffer.getvalue()


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """sha256 of each file's bytes, in hex."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
