"""Which objects a reference means, and that no more is listed than the script's dates ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest

from datamart_exec.errors import DatamartError
from datamart_exec.staging.script import Reference
from datamart_exec.staging.sources import Source, Zones
from datamart_exec.storage import Storage, StoredObject

ROOT = "cars/_cdc/t/"


@dataclass
class Keys(Storage):
    """A bucket that is a list of keys and remembers what was asked."""

    keys: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def objects(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        self.asked.append(prefix)
        return (StoredObject(key, "e", 1) for key in sorted(self.keys) if key.startswith(prefix))

    def folders(self, bucket: str, prefix: str) -> list[str]:
        self.asked.append(f"{prefix}/")
        rest = (key[len(prefix) :] for key in self.keys if key.startswith(prefix))
        return sorted({each.split("/")[0] for each in rest if "/" in each})


def reference(
    first: date | None = None, last: date | None = None, database: str = "fsa-dev-cars-cdc"
) -> Reference:
    return Reference("source_1", database, "t", first, last)


def resolved(keys: list[str], wanted: Reference) -> tuple[Source, Keys]:
    storage = Keys(keys)
    return Zones(storage, "b", "cars", "dev").resolve("S", wanted), storage


def day(number: int) -> date:
    return date(2025, 3, number)


def partition(number: int, name: str = "1.parquet") -> str:
    return f"{ROOT}dart_filedate=2025-03-{number:02}/{name}"


def test_a_given_date_lists_its_partition_and_nothing_else() -> None:
    source, storage = resolved([partition(1), partition(2)], reference(day(1), day(1)))
    assert [(file.uri, file.partition) for file in source.files] == [(f"s3://b/{partition(1)}", day(1))]
    assert storage.asked == [f"{ROOT}dart_filedate=2025-03-01/"]


def test_a_short_range_lists_its_dates_one_by_one() -> None:
    source, storage = resolved([partition(number) for number in range(1, 9)], reference(day(2), day(4)))
    assert [file.partition for file in source.files] == [day(2), day(3), day(4)]
    assert len(storage.asked) == 3


@pytest.mark.parametrize(
    ("first", "last", "expected"), [(3, None, [3, 4]), (None, 2, [1, 2]), (None, None, [1, 2, 3, 4])]
)
def test_an_open_range_lists_the_partitions_that_exist(
    first: int | None, last: int | None, expected: list[int]
) -> None:
    wanted = reference(day(first) if first else None, day(last) if last else None)
    source, _ = resolved([partition(number) for number in range(1, 5)], wanted)
    assert [file.partition for file in source.files] == [day(number) for number in expected]


def test_an_empty_day_has_the_columns_of_the_newest_partition() -> None:
    source, _ = resolved([partition(1), partition(5), "cars/t/1.parquet"], reference(day(9), day(9)))
    assert source.files == ()
    assert source.schema_file is not None
    assert source.schema_file.uri == f"s3://b/{partition(5)}"


def test_hidden_and_foreign_files_are_not_data() -> None:
    others = [
        partition(1, name)
        for name in ("_SUCCESS", ".1.parquet.crc", "_tmp/1.parquet", "notes.txt", "1.PARQUET")
    ]
    source, _ = resolved(others, reference(day(1), day(1)))
    assert [file.object.key.rpartition("/")[2] for file in source.files] == ["1.PARQUET"]


def test_a_table_whose_name_starts_like_another_is_not_read() -> None:
    source, _ = resolved(["cars/t/1.parquet", "cars/tract/1.parquet"], reference(database="fsa-dev-cars"))
    assert [file.object.key for file in source.files] == ["cars/t/1.parquet"]


def test_an_unknown_database_is_named_with_the_known_ones() -> None:
    with pytest.raises(
        DatamartError,
        match=r"^S: unknown database `fsa-prod-cars`.`t`; known are `fsa-dev-cars` and `fsa-dev",
    ):
        resolved([], reference(database="fsa-prod-cars"))


def test_a_partition_that_is_no_date_is_named() -> None:
    with pytest.raises(
        DatamartError, match=r"^partition cars/_cdc/t/dart_filedate=2025-3-1/ must be YYYY-MM-DD"
    ):
        resolved([f"{ROOT}dart_filedate=2025-3-1/1.parquet"], reference())
