"""Walking an archive does not depend on how its bytes arrive."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upload_config import members
from upload_config.central_directory import entries, find
from upload_config.core import plan
from upload_config.events import parse
from upload_config.members import contents

EVENT = {"input": {"bucket": "in-bucket", "key": "k"}, "output": {"bucket": "out-bucket", "prefix": ""}}


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,4}", fullmatch=True), st.binary(max_size=3000), min_size=1, max_size=5
    ),
    st.integers(1, 400),
    st.integers(1, 500),
    st.sampled_from([0, 8]),
)
def test_blocks_and_steps_of_any_size_give_the_same_files(
    forge: Any, memory: Any, files: dict[str, bytes], block: int, step: int, method: int
) -> None:
    archive = memory(
        forge(*[forge.entry(name, body, method=method) for name, body in files.items()]), block=block
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(members, "OUTPUT_BYTES", step)
        archive.expand()
    assert archive.objects == {f"p/{name}": body for name, body in files.items()}


def test_a_member_that_is_not_used_is_checked_all_the_same(forge: Any, memory: Any) -> None:
    archive = memory(forge(forge.entry("a", b"1" * 5000), forge.entry("b", b"2")))
    directory = find(archive)
    planned = plan(entries(archive, directory), directory.offset, parse(EVENT, {}))
    walked = [next(data, b"") for _, data in contents(archive.blocks(planned.offset), planned)]
    assert walked == [b"1" * 5000, b"2"]


def test_the_order_of_the_directory_does_not_matter(forge: Any, memory: Any) -> None:
    one, two = forge.entry("a", b"1" * 50), forge.entry("b", b"2" * 60)
    data = forge(one, two)
    start = data.index(b"PK\x01\x02")
    first = len(one.central(0))
    swapped = (
        data[:start]
        + data[start + first : start + 2 * first]
        + data[start : start + first]
        + data[start + 2 * first :]
    )
    archive = memory(swapped)
    archive.expand()
    assert archive.objects == {"p/a": b"1" * 50, "p/b": b"2" * 60}


def test_no_step_of_inflating_gives_more_than_its_limit(forge: Any, memory: Any) -> None:
    archive = memory(forge(forge.entry("a", bytes(10_000_000))))
    directory = find(archive)
    planned = plan(entries(archive, directory), directory.offset, parse(EVENT, {}))
    for _, data in contents(archive.blocks(planned.offset), planned):
        sizes = [len(chunk) for chunk in data]
    assert sum(sizes) == 10_000_000
    assert max(sizes) <= members.OUTPUT_BYTES
