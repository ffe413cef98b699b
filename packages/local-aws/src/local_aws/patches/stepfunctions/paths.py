"""JSONPath expressions are parsed once: moto parses (some ten milliseconds) at every use."""

from functools import lru_cache
from typing import Any

from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.utils import json_path

from local_aws.emulator.patching import replace

REASON = "parsing an expression costs more than everything else a state does"


def install() -> None:
    """Cache the expressions of both parsers; they have no state."""
    modules: tuple[Any, ...] = (json_path, result_path)
    for module in modules:
        replace(module, "parse", lru_cache(maxsize=4096)(module.parse), reason=REASON)
