"""The plan of a landing: the tables of the target schema, dealt into batches. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from edv_build_processing_plan.errors import BadEvent, BadSchema, EmptyPlan
from edv_build_processing_plan.events import Request
from edv_build_processing_plan.metadata import listing

# What the Glue job accepts in --table_name, where names are joined by commas.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


class _Table(msgspec.Struct):
    source_table: str
    target_table: str


class _Schema(msgspec.Struct):
    tables: list[_Table]


def tables_of(data: bytes, where: str) -> tuple[_Table, ...]:
    """The tables of a target schema, in its order. Columns and types are checked by the job, which reads them.

    Raises BadSchema for what is no target schema, and for names that are wrong or repeated.
    """
    try:
        tables = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Schema).tables
    except msgspec.DecodeError as error:
        raise BadSchema(f"{where} is no target schema: {error}; correct the file") from None
    names = [table.target_table for table in tables]
    wrong = [name for name in names if not _NAME.fullmatch(name)]
    if wrong:
        raise BadSchema(
            f"{where}: a target_table is 1 to 63 letters, digits and _, got {listing(wrong, ', ')}"
        )
    repeated = {name for name in names if [each.upper() for each in names].count(name.upper()) > 1}
    if repeated:
        raise BadSchema(f"{where} lists tables twice: {listing(sorted(repeated), ', ')}")
    return tuple(tables)


def build_landing_plan(request: Request, tables: Sequence[_Table], where: str) -> dict[str, Any]:
    """The batches of a run, each with the names of its tables joined by commas, as the Glue job takes them.

    Raises BadEvent for asked tables that the schema lacks, EmptyPlan when it lists none.
    """
    chosen = (
        _chosen(request.tables, tables, where) if request.tables else [one.target_table for one in tables]
    )
    if not chosen and not request.allow_empty:
        raise EmptyPlan(f'{where} lists no table; add tables, or start the run with "allow_empty": true')
    count = min(request.batches, len(chosen))
    return {
        "batches": [",".join(chosen[start::count]) for start in range(count)],
        "counts": {"stg": len(chosen), "dv": 0, "dvGroups": 0, "batches": count},
        "data_src_nm": request.data_src_nm,
        "run_type": request.run_type,
        "start_date": request.start_date.isoformat(),
        "env": request.env,
        "warnings": [],
    }


def _chosen(asked: Sequence[str], tables: Sequence[_Table], where: str) -> list[str]:
    """The asked tables by the name of target or source, in any case, each once."""
    known = {one.source_table.upper(): one.target_table for one in tables}
    known |= {one.target_table.upper(): one.target_table for one in tables}
    missing = [name for name in asked if name.upper() not in known]
    if missing:
        raise BadEvent(
            f"event['tables'] has {listing(missing, ', ')}, which {where} does not list; it lists "
            f"{listing([one.target_table for one in tables], ', ')}"
        )
    return list(dict.fromkeys(known[name.upper()] for name in asked))
