"""A deterministic zip of a release: same content, same bytes, on every machine and day."""

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
_UNIX = 3


def archive(files: Mapping[str, bytes]) -> bytes:
    """Zip of the files, sorted by name."""
    buffer = io.BytesIO()
    # Stored, not compressed: compressed bytes differ between zlib builds.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _MODE
            target.writestr(entry, files[name])
    return buffer.getvalue()
