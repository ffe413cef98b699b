"""Unpacked deployment archives, kept between runs under the SHA-256 of the archive."""

import contextlib
import hashlib
import io
import os
import shutil
import tempfile
import time
import zipfile
from pathlib import Path

KEEP_SECONDS = 30 * 24 * 3600


def cache_root() -> Path:
    """`LOCAL_AWS_CACHE`, else `local-aws` in the user's cache directory."""
    chosen = os.environ.get("LOCAL_AWS_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    return Path(base) / "local-aws"


def unpack(archive: bytes, root: Path | None = None) -> Path:
    """The directory with the content of a zip archive, made once per digest; raises `zipfile.BadZipFile`."""
    target = (root or cache_root()) / "unpacked" / hashlib.sha256(archive).hexdigest()
    if target.is_dir():
        with contextlib.suppress(OSError):
            os.utime(target)
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=target.parent))
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as members:
            for member in members.infolist():
                path = members.extract(member, scratch)
                mode = member.external_attr >> 16 & 0o777
                if mode and not member.is_dir():
                    Path(path).chmod(mode | 0o400)
        scratch.chmod(0o755)
        scratch.rename(target)
    except OSError:
        if not target.is_dir():  # else another process was faster
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def forget_unused(root: Path | None = None, keep_seconds: float = KEEP_SECONDS) -> None:
    """Remove archives that nothing has used for a month."""
    limit = time.time() - keep_seconds
    for path in ((root or cache_root()) / "unpacked").glob("*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < limit:
                shutil.rmtree(path, ignore_errors=True)
