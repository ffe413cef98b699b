"""The typed event, with defaults from the environment, and the answer."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from upload_config.errors import BadEvent

DEFAULT_MAX_BYTES = 4 * 1024**3
"""The most bytes of all inflated members; the variable MAX_TOTAL_BYTES overrides it."""

DEFAULT_MAX_RATIO = 200
"""How many times larger than the archive its members may be together; the variable MAX_RATIO overrides it.

SQL seldom reaches 20; DEFLATE, and so a ZIP bomb, reaches 1,032.
"""

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<index>\d+)\]")
_SHOWN = 200
_VARIABLES = {
    ("input", "bucket"): "INPUT_BUCKET",
    ("input", "key"): "INPUT_KEY",
    ("output", "bucket"): "OUTPUT_BUCKET",
    ("output", "prefix"): "OUTPUT_PREFIX",
}


class _Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bucket: str | None = None
    key: str | None = None


class _Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bucket: str | None = None
    prefix: str | None = None


class _Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    input: _Input = _Input()
    output: _Output = _Output()
    overwrite: bool | Literal["never"] = False
    max_files: Annotated[int, msgspec.Meta(ge=1)] = 20_000
    debug: bool = False


class Input(msgspec.Struct, frozen=True):
    """Bucket and key of the archive."""

    bucket: str
    key: str


class Output(msgspec.Struct, frozen=True):
    """Bucket and prefix of the members; slashes around `prefix` are ignored, '' is the bucket's root."""

    bucket: str
    prefix: str

    def key(self, name: str) -> str:
        """The object key of a member."""
        folder = self.prefix.strip("/")
        return f"{folder}/{name}" if folder else name


class Request(msgspec.Struct, frozen=True):
    """One expansion, with all defaults filled in."""

    input: Input
    output: Output
    keep_existing: bool
    max_files: int
    max_bytes: int
    max_ratio: int
    debug: bool


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The result: counts of files, inflated bytes; with `debug` also `keys`, at most 200 of the written ones."""

    input: Input
    output: Output
    uploaded: int
    skipped: int
    bytes_uploaded: int
    keys: list[str] | None = None


def parse(event: Mapping[str, Any], environment: Mapping[str, str]) -> Request:
    """Read an event strictly, with defaults from the environment; raises BadEvent that names the field."""
    try:
        read = msgspec.convert(event, _Event)
    except msgspec.ValidationError as error:
        raise BadEvent(_explain(str(error), event)) from None
    given = {
        ("input", "bucket"): read.input.bucket,
        ("input", "key"): read.input.key,
        ("output", "bucket"): read.output.bucket,
        ("output", "prefix"): read.output.prefix,
    }
    found = {field: _resolved(field, value, environment) for field, value in given.items()}
    return Request(
        Input(found["input", "bucket"], found["input", "key"]),
        Output(found["output", "bucket"], found["output", "prefix"]),
        # Callers in use send or default to false and expect changed files to arrive: only "never" keeps them.
        read.overwrite == "never",
        read.max_files,
        _limit("MAX_TOTAL_BYTES", DEFAULT_MAX_BYTES, environment),
        _limit("MAX_RATIO", DEFAULT_MAX_RATIO, environment),
        read.debug,
    )


def _resolved(field: tuple[str, str], value: str | None, environment: Mapping[str, str]) -> str:
    part, name = field
    variable = _VARIABLES[field]
    where = f"event[{part!r}][{name!r}]"
    if value is None:
        if variable not in environment:
            raise BadEvent(f"{where} is missing and the variable {variable} is not set")
        where, value = f"environment {variable}", environment[variable]
    if problem := _problem(name, value):
        raise BadEvent(f"{where} {problem}, got {_shown(value)}")
    return value


def _problem(name: str, value: str) -> str | None:
    if name == "bucket":
        return None if _BUCKET.fullmatch(value) else "must be a bucket name"
    if not value.isprintable():
        return "must not hold control characters"
    if name == "key":
        return None if value and not value.endswith("/") else "must be an object key"
    unsafe = "\\" in value or not {"..", "."}.isdisjoint(value.split("/"))
    return "must not hold a backslash or a '.' or '..' segment" if unsafe else None


def _limit(variable: str, default: int, environment: Mapping[str, str]) -> int:
    text = environment.get(variable, str(default))
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise BadEvent(f"environment {variable} must be a whole number above 0, got {_shown(text)}")
    return int(text)


def _explain(message: str, event: object) -> str:
    """Turn msgspec's "... - at `$.a.b`" into "event['a']['b']: ..., got <value>"."""
    problem, _, path = message.partition(" - at `$")
    where, value = "event", event
    for step in _STEP.finditer(path):
        part: Any = step["name"] or int(step["index"])
        where, value = f"{where}[{part!r}]", value[part]  # type: ignore[index]
    return f"{where}: {problem[:1].lower()}{problem[1:]}, got {_shown(value)}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
