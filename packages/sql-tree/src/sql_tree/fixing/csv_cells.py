"""The cells of a pipe-delimited file with their places, so that an edit keeps quotes, line ends and BOM."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sql_tree.fixing.edits import Edit

_CELL = re.compile(r'"((?:[^"]|"")*)"|([^|\r\n]*)')
_LINE_END = re.compile(r"\r\n|\n|\r")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value without quotes and blanks around it; `start` and `end` are the places of its characters."""

    value: str
    start: int
    end: int
    quoted: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank; `end` lies after its line end."""

    line: int
    start: int
    end: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class CsvFile:
    """The rows of a metadata file, header first."""

    path: str
    text: str
    rows: tuple[Row, ...]

    @property
    def header(self) -> list[str]:
        return [cell.value.lower() for cell in self.rows[0].cells] if self.rows else []

    def edit(self, start: int, end: int, new: str) -> Edit:
        return Edit(self.path, len(self.text[:start].encode()), len(self.text[:end].encode()), new.encode())

    def without(self, row: Row) -> Edit:
        """Deletes a row with its line end."""
        return self.edit(row.start, row.end, "")

    def with_row(self, values: list[str]) -> Edit:
        """Adds a row at the end, quoted and ended as the rows of the file are."""
        end = _LINE_END.search(self.text)
        newline = end[0] if end else "\n"
        quoted = len(self.rows) > 1 and all(cell.quoted for row in self.rows[1:] for cell in row.cells)
        written = "|".join(f'"{value}"' if quoted else value for value in values)
        ended = self.text.endswith(("\n", "\r"))
        row_text = f"{written}{newline}" if ended else f"{newline}{written}"
        return self.edit(len(self.text), len(self.text), row_text)

    def at_line(self, line: int) -> Row | None:
        return next((row for row in self.rows if row.line == line), None)


def read_csv(path: str, content: bytes) -> CsvFile | None:
    """The file; None when it is not UTF-8 or has a quote or line end where none is expected."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    try:
        return CsvFile(path, text, tuple(_rows(text)))
    except ValueError:
        return None


def _rows(text: str) -> Iterator[Row]:
    at = len(_BOM) if text.startswith(_BOM) else 0
    line = 0
    while at < len(text):
        line, start, cells = line + 1, at, list[Cell]()
        while True:
            cell, at = _cell(text, at)
            cells.append(cell)
            if at < len(text) and text[at] == "|":
                at += 1
                continue
            break
        end = _LINE_END.match(text, at)
        if end is None and at < len(text):
            raise ValueError(at)
        at = end.end() if end else at
        if any(cell.value for cell in cells):
            yield Row(line, start, at, tuple(cells))


def _cell(text: str, at: int) -> tuple[Cell, int]:
    match = _CELL.match(text, at)
    if match is None:  # the second branch matches nothing as well
        raise ValueError(at)
    if match[1] is not None:
        if "\n" in match[1] or "\r" in match[1] or '"' in match[1]:
            raise ValueError(at)
        return _stripped(match[1], match.start(1), quoted=True), match.end()
    if '"' in match[2]:
        raise ValueError(at)
    return _stripped(match[2], match.start(2), quoted=False), match.end()


def _stripped(raw: str, start: int, *, quoted: bool) -> Cell:
    value = raw.strip()
    first = start + len(raw) - len(raw.lstrip())
    return Cell(value, first, first + len(value), quoted)
