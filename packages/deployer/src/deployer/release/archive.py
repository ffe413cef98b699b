"""A deterministic zip of a release: same content, same bytes, on every machine and day."""

import hashlib
import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
MANIFEST = "manifest.json"


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
