"""The data files of a snapshot, from its manifests. Imports as little of pyiceberg as reads them."""

from __future__ import annotations

import io

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat, read_manifest_list

from datamart_exec.errors import DatamartError
from datamart_exec.storage import Storage


def data_files(storage: Storage, table: str, manifest_list: str) -> list[tuple[str, int]]:
    """Path and size of each data file, by path.

    Raises `DatamartError` for deletes beside the data, and for files that are no Parquet.
    """
    reader = _Reader(storage)
    found = [
        _checked(table, entry.data_file)
        for manifest in read_manifest_list(reader.new_input(manifest_list))
        for entry in manifest.fetch_manifest_entry(reader)
    ]
    return sorted(found)


def _checked(table: str, file: DataFile) -> tuple[str, int]:
    if file.content != DataFileContent.DATA:
        raise DatamartError(
            f"{table} has delete files such as {file.file_path} (merge-on-read), which staging does not apply; write it"
            " with write.delete.mode, write.update.mode and write.merge.mode copy-on-write, and rewrite its data files"
        )
    if file.file_format != FileFormat.PARQUET:
        raise DatamartError(
            f"{table} has the {file.file_format.value} file {file.file_path}; staging reads Parquet: rewrite its"
            " data files"
        )
    if not file.file_path.startswith("s3://"):
        raise DatamartError(f"{table} has the data file {file.file_path}; staging reads s3:// only")
    return file.file_path, file.file_size_in_bytes


class _Reader(FileIO):
    """Whole small objects of S3 for pyiceberg."""

    def __init__(self, storage: Storage) -> None:
        super().__init__()
        self.storage = storage

    def new_input(self, location: str) -> InputFile:
        return _Object(self.storage, location)

    def new_output(self, location: str) -> OutputFile:
        raise NotImplementedError(f"only reads, not {location}")

    def delete(self, location: str | InputFile | OutputFile) -> None:
        raise NotImplementedError(f"only reads, not {location}")


class _Object(InputFile):
    def __init__(self, storage: Storage, location: str) -> None:
        super().__init__(location)
        self.storage = storage

    def __len__(self) -> int:
        return len(self._content())

    def exists(self) -> bool:
        raise NotImplementedError(f"only reads, asked for {self.location}")

    def open(self, seekable: bool = True) -> InputStream:
        return io.BytesIO(self._content())

    def _content(self) -> bytes:
        bucket, _, key = self.location.removeprefix("s3://").partition("/")
        return self.storage.read(bucket, key)
