"""`States.Format` with escaped braces, which are text and not placeholders.

moto 5.2.5 hands the text to Python's `str.format`, which fails at every brace beside `{}`.
"""

import re

from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.generic.string_format import (
    StringFormat,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment

from local_aws.emulator.patching import replace

# An escaped character, or a place for a value. moto reads definitions as text, so a backslash of an intrinsic, which JSON
# doubles, is still double here; in a text that comes from the state data it is single.
TOKEN = re.compile(r"\\{1,2}(?P<escaped>[{}'\\])|\{\}")


def install() -> None:
    """Replace the evaluation."""
    replace(StringFormat, "_eval_body", format_text, reason="a brace that is text fails")


def format_text(self: StringFormat, env: Environment) -> None:
    """Replace each `{}` of the first argument by the next argument."""
    self.argument_list.eval(env=env)
    text, *values = env.stack.pop()
    places = sum(match["escaped"] is None for match in TOKEN.finditer(text))
    if places != len(values):
        raise ValueError(f"States.Format has {places} places for {len(values)} values in {text!r}")
    shown = map(self._to_str_repr, values)
    env.stack.append(TOKEN.sub(lambda match: match["escaped"] or next(shown), text))
