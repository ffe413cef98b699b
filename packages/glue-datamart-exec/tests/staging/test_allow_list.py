"""The allow list and what says it: the README names every function, and every function and name has a proof."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from parity_cases import EQUAL
from parity_functions import AGGREGATES, FORMS, selected
from sqlglot import exp

from datamart_exec.staging import allow_list, script, spellings
from datamart_exec.staging.functions import FUNCTIONS

README = Path(__file__).parents[2] / "README.md"
OTHER_SPELLINGS = (
    "DATE_PART DECODE EXTRACT ISNOTNULL ISNULL NVL2"  # of CASE, IS NULL and functions of one part
)
SQL = [*EQUAL.values(), *map(selected, FORMS), *AGGREGATES.values()]


def named_functions() -> list[str]:
    return sorted({name for row in FUNCTIONS.values() for name in row.names} | set(OTHER_SPELLINGS.split()))


def test_the_readme_names_the_functions_of_the_list() -> None:
    found = re.search(
        r"<!-- functions: tests/staging/test_allow_list.py -->\n(.*?)\n<!-- end -->",
        README.read_text(),
        re.DOTALL,
    )
    assert found
    assert found[1] == ", ".join(f"`{name}`" for name in named_functions()) + "."


def test_every_construct_on_the_list_has_a_case() -> None:
    found: set[str] = set()
    for sql in SQL:
        tree = script._one_select("case", sql)
        spellings.unify(tree, sql)
        found |= {type(node).__name__ for node in tree.walk()}
    assert {each.__name__ for each in allow_list.CONSTRUCTS} - found == set()
    assert exp.Select.__name__ in found


@pytest.mark.parametrize("name", named_functions())
def test_every_name_of_a_function_has_a_case(name: str) -> None:
    infix = {"RLIKE", "REGEXP", "CASE"}
    assert [sql for sql in SQL if re.search(rf"\b{name}\b" if name in infix else rf"\b{name}\(", sql)]
