"""`States.Format` with braces that are no placeholders: escaped ones are text.

moto 5.2.5 hands the text to Python's `str.format`, which fails at every brace beside `{}`.
"""

from typing import Any

from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.string_operations.string_format import (
    StringFormat,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment

from stepfunctions_local_test.patches.patching import replace

PLACEHOLDER = "{}"


def install() -> None:
    """Replace the evaluation."""
    replace(StringFormat, "_eval_body", format_text, reason="a brace that is text fails")


def format_text(self: StringFormat, env: Environment) -> None:
    """Put the other arguments, one after the other, where the first has `{}`."""
    self.argument_list.eval(env=env)
    text, *values = env.stack.pop()
    parts = text.split(PLACEHOLDER)
    if len(parts) != len(values) + 1:
        raise ValueError(f"States.Format has {len(parts) - 1} places for {len(values)} values in {text!r}")
    shown: list[Any] = [self._to_str_repr(value) for value in values]
    pieces = [piece for pair in zip(parts, [*shown, ""], strict=True) for piece in pair]
    env.stack.append("".join(pieces))
