"""Copies rows into Postgres: one thread encodes Arrow batches as binary COPY, another one sends them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import Any

import pgpq
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from datamart_exec.errors import BadValueError, shown
from datamart_exec.session import Connection
from datamart_exec.staging.cast import identifier
from datamart_exec.staging.checksum import ChecksumCounter, Checksums

MAX_QUEUED = 3  # encoded batches that wait to be sent: bounds the memory of a load
SLICE_BYTES = 65_536  # sent at once: a slice stays in the processor's cache until the server has read it
STALL_CHECK_SECONDS = 0.1  # how often a waiting thread checks whether the other one has stopped
NUL = re.compile(b"\0")
# the range that Postgres stores, counted from 1970: from 4714-11-24 BC; dates up to the year 5874897
TIMES = range(-209_920_118_400_000_000, 1 << 63)  # microseconds
DAYS = range(-2_440_588, 2_145_042_906)


def copy_rows(postgres: Connection, table: str, reader: pa.RecordBatchReader) -> Checksums:
    """COPY all rows of the reader into the table and return their checksums.

    The table must have been created or emptied in this transaction: FREEZE demands it.
    """
    names = ", ".join(identifier(name) for name in reader.schema.names)
    producer = _Producer(table, reader)
    # FREEZE: committed rows are visible to everybody at once, so that later readers need not mark or vacuum them
    command = f"COPY {table} ({names}) FROM STDIN WITH (FORMAT binary, FREEZE)".encode()
    producer.start()
    try:
        with postgres.cursor() as cursor, cursor.copy(command) as copy:
            for part in producer.parts():
                view = memoryview(part)
                for start in range(0, len(view), SLICE_BYTES):
                    copy.write(view[start : start + SLICE_BYTES])
    except psycopg.errors.QueryCanceled:
        producer.raise_own_error()
        raise
    finally:
        producer.stop()
    return producer.counter.result()


class _Producer:
    """Reads, checks, sums and encodes the batches in a second thread."""

    def __init__(self, table: str, reader: pa.RecordBatchReader) -> None:
        self.table = table
        self.reader = reader
        self.counter = ChecksumCounter(reader.schema)
        self.queue: Queue[bytes | None] = Queue(MAX_QUEUED)
        self.stopped = Event()
        self.error: BaseException | None = None
        self.thread = Thread(target=self._run, name="encode", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.stopped.set()
        self.thread.join()

    def parts(self) -> Iterator[bytes]:
        """The bytes to send, in order; raises the error of the thread."""
        while (part := self.queue.get()) is not None:
            yield part
        self.raise_own_error()

    def raise_own_error(self) -> None:
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            encoder = pgpq.ArrowToPostgresBinaryEncoder(self.reader.schema)
            self._put(encoder.write_header())
            for batch in self.reader:
                refuse_nul(self.table, batch)
                refuse_out_of_range_times(self.table, batch)
                self.counter.add(batch)
                self._put(encoder.write_batch(batch))
                if self.stopped.is_set():
                    return
            self._put(encoder.finish())
        except BaseException as error:
            self.error = error
        finally:
            self._put(None)

    def _put(self, part: bytes | None) -> None:
        while not self.stopped.is_set():
            try:
                return self.queue.put(part, timeout=STALL_CHECK_SECONDS)
            except Full:
                continue
        return None


def refuse_nul(table: str, batch: pa.RecordBatch) -> None:
    """Raise `BadValueError` with column and value for a NUL character, which Postgres cannot store in a text."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if not pa.types.is_string(column.type):
            continue
        data = column.buffers()[2]
        if data is None or not NUL.search(data):
            continue
        bad = next((text for text in column.to_pylist() if text is not None and "\0" in text), None)
        if bad is not None:
            raise BadValueError(
                f"{table}.{name}: value {shown(bad)} holds a NUL character (0x00), which Postgres text cannot;"
                " fix the source"
            )


def refuse_out_of_range_times(table: str, batch: pa.RecordBatch) -> None:
    """Raise `BadValueError` with column and value for a date or timestamp that Postgres cannot store."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if pa.types.is_timestamp(column.type):
            kind, unit = TIMES, "microseconds"
        elif pa.types.is_date32(column.type):
            kind, unit = DAYS, "days"
        else:
            continue
        bounds: Any = pc.min_max(column)
        for value in (bounds["min"].value, bounds["max"].value):
            if value is not None and value not in kind:
                raise BadValueError(
                    f"{table}.{name}: value {value} {unit} from 1970-01-01 is outside what Postgres stores"
                    " (from 4714-11-24 BC; dates to 5874897-12-31); fix the source"
                )
