"""The typed event and the answer; holds no rule about S3 or ZIP."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from download_zip.errors import BadEvent

Bucket = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]\Z")]
Pattern = Annotated[str, msgspec.Meta(min_length=1)]

_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<index>\d+)\]")
_SHOWN = 200
_MAX_KEY_BYTES = 1024  # S3's limit for an object key in UTF-8
_IGNORED = ("*.zip",)


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Source and destination; `source_folder` is required, and '' means the whole bucket."""

    source_bucket: Bucket
    source_folder: str
    destination_bucket: Bucket
    destination_key: str | None = None
    ignore_patterns: tuple[Pattern, ...] = _IGNORED
    include_source_folder_in_zip: bool = True

    @property
    def folder(self) -> str:
        """The folder without slashes around it."""
        return self.source_folder.strip("/")

    @property
    def ignored(self) -> tuple[str, ...]:
        """The patterns in force: callers in use send an empty list for the default."""
        return self.ignore_patterns or _IGNORED

    @property
    def prefix(self) -> str:
        """The key prefix to list: '' or the folder and one slash."""
        return f"{self.folder}/" if self.folder else ""

    @property
    def target_key(self) -> str:
        """The key of the archive: `destination_key`, or `exports/{bucket}-{folder}.zip`."""
        if self.destination_key:
            return self.destination_key
        return f"exports/{self.source_bucket}-{self.folder.replace('/', '_') or 'root'}.zip"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The result: size in bytes, counts of objects without folder markers."""

    ok: bool = True
    source_bucket: str
    source_folder: str
    destination_bucket: str
    destination_key: str
    ignore_patterns: list[str]
    include_source_folder_in_zip: bool
    zipped_files: int
    skipped_files: int
    zip_size_bytes: int


def parse(event: Mapping[str, Any]) -> Request:
    """Read an event strictly; raises BadEvent that names the field and the value."""
    try:
        request = msgspec.convert(event, Request)
    except msgspec.ValidationError as error:
        raise BadEvent(_explain(str(error), event)) from None
    _check_key(request)
    return request


def _check_key(request: Request) -> None:
    key = request.target_key
    if key.endswith("/") or not key.isprintable() or len(key.encode()) > _MAX_KEY_BYTES:
        default = "" if request.destination_key else " (the default made of event['source_folder'])"
        raise BadEvent(
            "event['destination_key'] must be an object key: at most 1024 bytes, printable, "
            f"not ending in '/', got {_shown(key)}{default}"
        )


def _explain(message: str, event: object) -> str:
    """Turn msgspec's "... - at `$.a[0]`" into "event['a'][0]: ..., got <value>"."""
    problem, _, path = message.partition(" - at `$")
    where, value = "event", event
    for step in _STEP.finditer(path):
        part: Any = step["name"] or int(step["index"])
        where, value = f"{where}[{part!r}]", value[part]  # type: ignore[index]
    return f"{where}: {problem[:1].lower()}{problem[1:]}, got {_shown(value)}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
