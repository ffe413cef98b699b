"""From a job definition to files on disk: the script, its wheels unpacked, and the Python that runs them."""

import hashlib
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path

from local_aws.emulator.account import Account, StoredObject
from local_aws.errors import LocalAwsError
from local_aws.glue.arguments import JobArguments
from local_aws.processes.cache import unpack
from local_aws.processes.interpreters import interpreter

# https://docs.aws.amazon.com/glue/latest/dg/release-notes.html; a job without a version gets 6.0
PYTHON_OF_GLUE = {"3.0": "3.7", "4.0": "3.10", "5.0": "3.11", "5.1": "3.11", "6.0": "3.13"}
GLUE_DEFAULT = "6.0"


class BundleError(LocalAwsError):
    """A job run cannot be prepared; the run fails with this message."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The inputs of a warm process; runs with equal bundles share one."""

    python: str
    script: Path
    path: tuple[Path, ...]


class Bundles:
    """Downloads and unpacks; an object with a known ETag is not read again."""

    def __init__(self, account: Account, scratch: Path) -> None:
        self._account = account
        self._scratch = scratch
        self._known: dict[tuple[str, str], Path] = {}
        self._lock = threading.Lock()

    def prepare(self, glue_version: str | None, script_location: str, arguments: JobArguments) -> Bundle:
        """Everything on disk for one run; raises `BundleError`, `NoSuchObjectError` or `InterpreterError`."""
        version = glue_version or GLUE_DEFAULT
        if version not in PYTHON_OF_GLUE:
            raise BundleError(f"GlueVersion is {version}; known are {', '.join(PYTHON_OF_GLUE)}")
        python = interpreter(PYTHON_OF_GLUE[version])
        with self._lock:
            script = self._place(self._account.find_object(script_location))
            folders = [self._wheel(module) for module in arguments.modules]
            files = [self._py_file(url) for url in arguments.py_files]
        return Bundle(python, script, (*folders, *files))

    def files(self, arguments: JobArguments, target: Path) -> None:
        """Put `--extra-files` into the working directory of a run."""
        for url in arguments.files:
            (target / Path(url).name).write_bytes(self._account.find_object(url).read())

    def _wheel(self, module: str) -> Path:
        if not (module.startswith("s3://") and module.endswith(".whl")):
            raise BundleError(
                f"--additional-python-modules names {module}; only wheels at s3://... are installed here"
            )
        return self._unpacked(self._account.find_object(module))

    def _py_file(self, url: str) -> Path:
        stored = self._account.find_object(url)
        if url.endswith((".whl", ".zip", ".egg")):
            return self._unpacked(stored)
        return self._place(stored).parent

    def _unpacked(self, stored: StoredObject) -> Path:
        key = (stored.url, stored.etag)
        if key not in self._known:
            try:
                self._known[key] = unpack(stored.read())
            except zipfile.BadZipFile as error:
                raise BundleError(f"{stored.url} is not a zip archive: {error}") from error
        return self._known[key]

    def _place(self, stored: StoredObject) -> Path:
        key = (stored.url, stored.etag)
        if key not in self._known:
            content = stored.read()
            folder = self._scratch / hashlib.sha256(content).hexdigest()
            folder.mkdir(parents=True, exist_ok=True)
            self._known[key] = folder / Path(stored.url).name
            self._known[key].write_bytes(content)
        return self._known[key]
