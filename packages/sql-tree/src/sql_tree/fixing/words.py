"""The words of one script with their bytes in its file, so that an edit touches nothing else."""

from dataclasses import dataclass
from functools import cached_property

from sqlglot import Dialect
from sqlglot.tokenizer_core import Token, TokenType

from sql_tree.compiler.scan import Scan
from sql_tree.fixing.edits import Edit

_BOM = b"\xef\xbb\xbf"
_STRINGS = (
    TokenType.STRING,
    TokenType.RAW_STRING,
    TokenType.BYTE_STRING,
    TokenType.HEREDOC_STRING,
    TokenType.NATIONAL_STRING,
    TokenType.UNICODE_STRING,
)
_QUOTES = {**dict.fromkeys(_STRINGS, "'"), TokenType.IDENTIFIER: '"'}


@dataclass(frozen=True)
class Script:
    """A scanned script and its bytes. Offsets are those of the bound text, as the parser counts them."""

    scan: Scan
    content: bytes

    @property
    def path(self) -> str:
        return self.scan.script.path

    @cached_property
    def words(self) -> list[Token]:
        return Dialect.get_or_raise(self.scan.dialect).tokenize(self.scan.bound.text)

    @cached_property
    def _bom(self) -> int:
        return len(_BOM) if self.content.startswith(_BOM) else 0

    def line(self, offset: int) -> int:
        return self.scan.bound.place(offset)[0]

    def edit(self, start: int, end: int, new: str) -> Edit:
        """An edit from the word that begins at `start` to the one that ends before `end`."""
        return Edit(self.path, self._byte(start), self._byte(end), new.encode())

    def original(self, start: int, end: int) -> str:
        """What the script has there, tokens included."""
        return self.scan.bound.original_part(start, end)

    def word(self, at: int) -> str:
        """The word in upper case, a string or quoted name in its quotes; '' outside the script."""
        if not 0 <= at < len(self.words):
            return ""
        quote = _QUOTES.get(self.words[at].token_type, "")
        return f"{quote}{self.words[at].text.upper()}{quote}"

    def closing(self, at: int) -> int:
        """The word that closes the parenthesis at word `at`; -1 when none does."""
        depth = 0
        for index in range(at, len(self.words)):
            depth += {"(": 1, ")": -1}.get(self.word(index), 0)
            if depth == 0:
                return index
        return -1

    def _byte(self, offset: int) -> int:
        before = self.scan.bound.original_part(0, offset)
        return self._bom + len(before.encode())


def end_of(word: Token) -> int:
    """The offset after a word."""
    return int(word.end) + 1
