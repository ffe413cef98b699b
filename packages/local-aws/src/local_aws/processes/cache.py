"""What is kept between runs: unpacked deployment archives under their SHA-256, and the byte code of the server."""

import contextlib
import hashlib
import io
import os
import shutil
import sys
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


def bytecode_settings(root: Path | None = None) -> dict[str, str]:
    """Variables with which a Python of this installation keeps its byte code in the cache; none when it keeps it already.

    Where PYTHONDONTWRITEBYTECODE protects the source tree, each start of the server would compile all of moto again.
    """
    if not sys.dont_write_bytecode:
        return {}
    installation = hashlib.sha256(sys.prefix.encode()).hexdigest()[:16]
    folder = (root or cache_root()) / "bytecode" / installation
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder)}  # empty counts as not set


def forget_unused(root: Path | None = None, keep_seconds: float = KEEP_SECONDS) -> None:
    """Remove archives and byte code that nothing has used for a month."""
    limit = time.time() - keep_seconds
    chosen = root or cache_root()
    for path in [*(chosen / "unpacked").glob("*"), *(chosen / "bytecode").glob("*")]:
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < limit:
                shutil.rmtree(path, ignore_errors=True)
