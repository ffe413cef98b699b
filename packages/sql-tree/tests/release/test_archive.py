"""The zip of a release."""

import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from sql_tree.release.archive import archive


@given(st.dictionaries(st.text(alphabet="abc/.", min_size=1, max_size=8), st.binary(max_size=30), max_size=6))
def test_archive_depends_on_content_alone_and_holds_all_of_it(files: dict[str, bytes]) -> None:
    shuffled = dict(reversed(files.items()))
    assert archive(files) == archive(shuffled)
    with zipfile.ZipFile(io.BytesIO(archive(files))) as found:
        assert {entry.filename: found.read(entry) for entry in found.infolist()} == files
