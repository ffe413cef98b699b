"""The allow-list for those who compile a release: the same checks as a run makes, before any data is there.

Registered under the entry point group `cars.staging_check`. Imports the parser and nothing heavier: no engine, no
Arrow, no database.
"""

from __future__ import annotations

from datetime import date

from datamart_exec import tokens
from datamart_exec.staging import script

ANY_DATE, ANY_ENV = date(2001, 2, 3), "dev"  # what the tokens stand for while nothing runs


def check_script(path: str, text: str) -> None:
    """Raise `DatamartError`, naming script and construct, when a staging script would be refused as it is written.

    What depends on the columns of the source files (unknown ones, types that do not mix) only a run can find.
    """
    script.parse(path, tokens.bind(path, text, tokens.values(ANY_DATE, ANY_ENV)))
