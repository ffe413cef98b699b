"""Queries of the loaded database, read-only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

from cars_acceptance.main_job.vault_model import Reference, Satellite
from cars_acceptance.source.controls import Key, Line
from cars_acceptance.source.state import Value

Connection = psycopg.Connection[tuple[Any, ...]]
STAGING, VAULT = "cars_stg", "edv"
OPEN = sql.SQL("load_end_dt >= date '9999-12-31' and data_eff_end_dt >= date '9999-12-31'")

_ACRES = """
    select s.st_fsa_cd, s.cnty_fsa_cd, s.fsa_crop_cd, s.fsa_crop_type_cd, s.intn_use_cd, s.irr_prac_cd,
           s.plnt_prim_stat_cd, sum(s.crop_fld_rpt_qty)
      from edv.ag_prod_plan_hs s
      join edv.ag_prod_plan_h h on h.ag_prod_plan_h_id = s.ag_prod_plan_h_id
     where {open}
     group by 1, 2, 3, 4, 5, 6, 7
"""

_LOADS = """
    select distinct on (layer_nm, data_obj_nm)
           layer_nm, data_obj_nm, data_ppln_oper_stat_nm, coalesce(rcd_ct, 0),
           extract(epoch from oper_end_dt - oper_strt_dt)::float8, coalesce(err_msg_txt, ''), data_ppln_oper_id > %s
      from dart_process_control.data_ppln_oper
     where start_date = %s and layer_nm <> 'DDL'
     order by layer_nm, data_obj_nm, data_ppln_oper_id desc
"""


@dataclass(frozen=True)
class TableLoad:
    """The latest load of one table for one date, from the ledger."""

    layer: str
    table: str
    status: str
    rows: int
    seconds: float | None  # None while it runs
    error: str
    fresh: bool = True  # False: an earlier run already loaded the same inputs

    @property
    def outcome(self) -> str:
        """The ledger's status, or a note that there was nothing to load."""
        return self.status if self.fresh or self.status != "Complete" else "already loaded"


def acres(connection: Connection) -> dict[Key, Decimal]:
    """Current acres by control total: open rows of the plan satellite joined to their hub."""
    rows = connection.execute(sql.SQL(_ACRES).format(open=OPEN)).fetchall()
    return {Key(Line(*row[:6]), row[6]): row[7] for row in rows}


def row_counts(connection: Connection, tables: Iterable[str]) -> dict[str, int]:
    """Rows per table, which is written `schema.table`."""
    return _per_table(connection, "count(*)", tables)


def open_rows(connection: Connection, satellites: Iterable[Satellite]) -> dict[str, int]:
    """Open rows per satellite."""
    return {item.name: _count(connection, _open(item.name)) for item in satellites}


def doubled(connection: Connection, satellites: Iterable[Satellite]) -> dict[str, int]:
    """Entities with more than one open row, per satellite."""
    query = "select {entity} from ({rows}) open_rows group by 1 having count(*) > 1"
    return {
        item.name: _count(
            connection, sql.SQL(query).format(entity=sql.Identifier(item.entity), rows=_open(item.name))
        )
        for item in satellites
    }


def orphans(connection: Connection, references: Iterable[Reference]) -> dict[Reference, int]:
    """Rows whose parent is missing, per reference."""
    return {reference: _count(connection, _orphans(reference)) for reference in references}


def closed_versions(connection: Connection, plan: Value, changed: Value) -> int:
    """Closed rows of a plan with the given time of last change."""
    query = (
        "select * from edv.ag_prod_plan_hs where ag_prod_plan_id = %s and src_last_chg_dt = %s and not ({})"
    )
    return len(connection.execute(sql.SQL(query).format(OPEN), [plan, changed]).fetchall())


def fingerprints(connection: Connection, tables: Iterable[str]) -> dict[str, str]:
    """Row count and digest of all values per table `schema.table`, independent of row order."""
    digest = "count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)), 0)"
    return _per_table(connection, digest, tables)


def loads(connection: Connection, day: date, mark: int) -> list[TableLoad]:
    """The latest load of every table for a date; a load after `mark` is fresh."""
    return [TableLoad(*row) for row in connection.execute(_LOADS, [mark, day]).fetchall()]


def ledger_mark(connection: Connection) -> int:
    """The number of the ledger's newest entry."""
    found = connection.execute(
        "select coalesce(max(data_ppln_oper_id), 0) from dart_process_control.data_ppln_oper"
    ).fetchone()
    return int(found[0]) if found else 0


def columns(connection: Connection) -> dict[str, frozenset[str]]:
    """The columns of every table, which is written `schema.table`."""
    query = """
        select table_schema || '.' || table_name, array_agg(column_name::text)
          from information_schema.columns group by 1
    """
    return {table: frozenset(found) for table, found in connection.execute(query).fetchall()}


def _per_table(connection: Connection, what: str, tables: Iterable[str]) -> dict[str, Any]:
    """One value per table `schema.table`, in one round trip."""
    query = "select {name}, {what} from {table} t"
    parts = [
        sql.SQL(query).format(name=table, what=sql.SQL(what), table=sql.Identifier(*table.split(".")))
        for table in tables
    ]
    if not parts:
        return {}
    rows: Mapping[str, Any] = dict(connection.execute(sql.SQL(" union all ").join(parts)).fetchall())
    return dict(rows)


def _open(table: str) -> sql.Composed:
    return sql.SQL("select * from {} where {}").format(sql.Identifier(VAULT, table), OPEN)


def _orphans(reference: Reference) -> sql.Composed:
    matches = [
        sql.SQL("p.{} = c.{}").format(sql.Identifier(parent), sql.Identifier(column))
        for parent, column in zip(reference.parent_columns, reference.columns, strict=True)
    ]
    return sql.SQL("select 1 from {} c where not exists (select 1 from {} p where {})").format(
        sql.Identifier(VAULT, reference.table),
        sql.Identifier(VAULT, reference.parent),
        sql.SQL(" and ").join(matches),
    )


def _count(connection: Connection, rows: sql.Composed) -> int:
    found = connection.execute(sql.SQL("select count(*) from ({}) counted").format(rows)).fetchone()
    return int(found[0]) if found else 0
