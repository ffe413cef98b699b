"""The allow list at compile time: checks a staging script as a run does, without data.

The compiler of a config release finds it under the entry point group `cars.staging_check`. It imports the parser, but
no engine, no Arrow and no database.
"""

from __future__ import annotations

from datetime import date

from datamart_exec import tokens
from datamart_exec.staging import script

ANY_DATE, ANY_ENV = date(2001, 2, 3), "dev"  # values for the tokens: the checks do not depend on them


def check_script(path: str, text: str) -> None:
    """Raise `DatamartError` with script and construct when a run would refuse the script.

    Problems with columns of the source files (unknown columns, types that do not mix) are found only by a run.
    """
    script.parse(path, tokens.bind(path, text, tokens.values(ANY_DATE, ANY_ENV)))
