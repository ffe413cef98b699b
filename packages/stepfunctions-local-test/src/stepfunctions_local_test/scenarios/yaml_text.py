"""YAML with the types of JSON: `2026-06-01` and `yes` stay text, and duplicate keys are refused."""

import re
from pathlib import Path
from typing import Any

import yaml

from stepfunctions_local_test.errors import StatesError

_BOOL, _INT, _FLOAT, _NULL, _MERGE = (
    f"tag:yaml.org,2002:{name}" for name in ("bool", "int", "float", "null", "merge")
)


class _Loader(yaml.SafeLoader):
    """SafeLoader that knows the scalars of JSON only."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        _refuse_repeated(node)
        return super().construct_mapping(node, deep)


def _refuse_repeated(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.tag != _MERGE and key.value in seen:
            raise yaml.MarkedYAMLError(
                problem=f"the key '{key.value}' is written twice", problem_mark=key.start_mark
            )
        seen.add(key.value)


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(_INT, re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    _FLOAT, re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?$"), list("-0123456789")
)
_Loader.add_implicit_resolver(_NULL, re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver(_MERGE, re.compile(r"^<<$"), ["<"])


def read(file: Path) -> Any:
    """The content of a file. Raises StatesError, without the file's name, when it cannot be read or is not YAML."""
    try:
        return yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise StatesError(f"the file cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StatesError(f"the file is not YAML: {_told(error)}") from error


def _told(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" in line {mark.line + 1}" if mark else ""
    return f"{getattr(error, 'problem', None) or error}{where}"
