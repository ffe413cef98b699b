"""One problem that the compiler found: what, where, and what it follows from."""

from dataclasses import dataclass

from sql_tree.compiler.kinds import ERROR, KINDS, Kind


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in which file; `line` and `column` count from 1, 0 when there is none.

    `about` names what the problem is about, such as `file:metadata/dv_tables.csv` or `table:edv.farm_h`; `follows`
    names what else would explain it. A problem that follows from another one is a consequence.
    """

    file: str
    line: int
    text: str
    code: str
    column: int = 0
    about: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        return KINDS[self.code]

    @property
    def is_error(self) -> bool:
        return self.kind.severity == ERROR

    @property
    def place(self) -> str:
        """`file:line:column`, as far as they are known."""
        parts = [self.file, *(str(number) for number in (self.line, self.column) if number)]
        return ":".join(parts)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"
