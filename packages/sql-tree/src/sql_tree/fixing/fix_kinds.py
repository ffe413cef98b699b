# ruff: noqa: E501 - one kind is one line
"""Every kind of fix: its name, the findings that it is for, and why it is safe. Names are part of the JSON output."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FixKind:
    """`codes` are the kinds of findings that the fix is for; none where the compiler accepts both ways to write."""

    name: str
    title: str
    proof: str
    codes: tuple[str, ...] = ()


FIX_KINDS = {
    kind.name: kind
    for kind in (
        FixKind("names", "names in upper case, one ending", "names are compared without case: the release has the same tables", ("doubled-ending",)),
        FixKind("clock", "the clock to tokens of the run", "the token has the type of what it replaces, and only a stamp or a date is taken from it", ("clock",)),
        FixKind("operations", "operation code U to UN", "staging holds I, UN and D; the mapping was evaluated for I, U, D and NULL", ("unmapped-operation",)),
        FixKind("hashes", "hashes that survive NULL", "only COALESCE is added: rows without NULL keep their hash, rows with NULL get one; a hash that is stored as NULL stays", ("null-hash", "null-key")),
        FixKind("external", "tables of others declared", "the names have a schema and resemble no table of the tree", ("unknown-table", "undeclared-table")),
        FixKind("requirements", "requirements that the scripts show", "the table is read, and no cycle follows", ("missing-requirement",)),
        FixKind("duplicates", "rows that repeat another row", "the row says the same as an earlier one", ("duplicate-entry",)),
        FixKind("waivers", "waivers that waive nothing", "no finding fits them, and no other error hides one", ("stale-waiver",)),
    )
}  # fmt: skip
OF_CODE = {code: kind.name for kind in FIX_KINDS.values() for code in kind.codes}
