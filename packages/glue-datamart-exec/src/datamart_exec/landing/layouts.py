"""Landing objects by layout: the footers of many objects in one call, and the objects that one call may read together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import duckdb

from datamart_exec.staging.cast import literal

# one call asks for its footers one after the other: calls side by side wait less
A_CALL, CALLS = 32, 8
# all that decides how a file is read: the tree of its columns, and what Spark says of its calendar
_LAYOUTS = """
    WITH tree AS (
        SELECT file_name, md5(string_agg(concat_ws(chr(31), name, coalesce(type, ''), coalesce(num_children, 0),
               coalesce(precision, 0), coalesce(scale, 0), coalesce(logical_type, ''), coalesce(converted_type, ''),
               coalesce(type_length, '')), chr(30) ORDER BY column_id)) AS digest
        FROM parquet_schema([{files}]) GROUP BY file_name
    ), spark AS (
        SELECT file_name, string_agg(decode(key) || '=' || decode(value), chr(30) ORDER BY key) AS words
        FROM parquet_kv_metadata([{files}])
        WHERE key IN ('org.apache.spark.version'::BLOB, 'org.apache.spark.legacyDateTime'::BLOB,
                      'org.apache.spark.legacyINT96'::BLOB, 'org.apache.spark.timeZone'::BLOB)
        GROUP BY file_name
    )
    SELECT digest || coalesce(words, ''), file_name, num_rows
    FROM tree JOIN parquet_file_metadata([{files}]) USING (file_name) LEFT JOIN spark USING (file_name)
"""


def read_layouts(duck: duckdb.DuckDBPyConnection, uris: Sequence[str]) -> list[Mapping[str, int]]:
    """The files of each layout with their numbers of rows. One file that is no Parquet ends the call with an error."""
    found: dict[str, dict[str, int]] = {}
    slices = [uris[start : start + A_CALL] for start in range(0, len(uris), A_CALL)]
    with ThreadPoolExecutor(CALLS) as pool:
        for rows in pool.map(lambda some: _footers(duck.cursor(), some), slices):
            for layout, uri, count in rows:
                found.setdefault(layout, {})[uri] = count
    return list(found.values())


def _footers(duck: duckdb.DuckDBPyConnection, uris: Sequence[str]) -> list[tuple[str, str, int]]:
    duck.execute("SET parquet_metadata_cache = true")  # a cursor has settings of its own
    return duck.execute(_LAYOUTS.format(files=", ".join(literal(uri) for uri in uris))).fetchall()
