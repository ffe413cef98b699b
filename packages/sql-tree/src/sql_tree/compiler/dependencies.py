"""What the scripts of a table read and write: every table read is produced or declared, and loaded before."""

import re
from collections.abc import Iterable, Iterator, Mapping

from sql_tree.compiler.metadata import Metadata, TableList
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.producers import Producers, own_schema
from sql_tree.compiler.scan import Place, Scan
from sql_tree.layout import MART_LAYERS

_CATALOG = ("fsa-{env}-cars.", "fsa-{env}-cars-cdc.")  # filled by the landing, whatever tables the source has
_ONE_ENVIRONMENT = re.compile(r"fsa-[a-z0-9_-]+-cars(-cdc)?\.")
_OWN_SCHEMAS = {
    "cars_stg": "stg_tables.csv",
    "edv": "dv_tables.csv",
    "car_dm_stg": "dm_tables.csv",
    "car_dm": "dm_tables.csv",
}


def dependency_problems(scans: Iterable[Scan], metadata: Metadata, produced: Producers) -> Iterator[Problem]:
    """Reads of unknown tables or of tables loaded later, and writes to another table than the script's own."""
    for scanned in scans:
        if scanned.script.layer == "DDL":
            continue
        for table, at in scanned.reads.items():
            if table not in produced.tables and table not in metadata.external:
                yield from _unknown_table(scanned, table, at, metadata)
        yield from _write_problems(scanned)
        yield from _order_problems(scanned, metadata, produced)


def idle_problems(scans: Iterable[Scan]) -> Iterator[Problem]:
    """Vault and mart tables whose scripts change nothing."""
    # A run would report such a table as loaded.
    scans = list(scans)
    changed = {(s.script.layer, s.script.table) for s in scans if s.writes or not s.statements}
    for scanned in scans:
        table = (scanned.script.layer, scanned.script.table)
        if table not in changed and table[0] not in ("STG", "DDL"):
            text = f"no script of {table[1]} changes a table"
            yield scanned.found(Place(), "no-effect", text, (f"file:{scanned.script.path}",))
            changed.add(table)


def _unknown_table(scanned: Scan, table: str, at: Place, metadata: Metadata) -> Iterator[Problem]:
    schema, _, name = table.partition(".")
    listing = _OWN_SCHEMAS.get(schema)
    follows = (f"unlisted:{name}", *((f"file:metadata/{listing}",) if listing else ()))
    named = _ONE_ENVIRONMENT.match(table) if scanned.script.layer == "STG" else None
    if named:
        text = f"reads {schema}, which only one environment has; write `fsa-{{env}}-cars{named[1] or ''}`"
        yield scanned.found(at, "one-environment", text, follows)
        return
    if metadata.declares_external:
        text = f"reads {table}, which nothing here produces and metadata/external_tables.csv does not list"
        yield scanned.found(at, "unknown-table", text, follows)
    elif schema == "cars_stg":
        yield scanned.found(at, "unknown-table", f"reads {table}, which nothing here produces", follows)
    elif not (scanned.script.layer == "STG" and table.startswith(_CATALOG)):
        text = f"reads {table}, which nothing here produces; it is taken for a table of others"
        yield scanned.found(at, "undeclared-table", text, follows)


def _write_problems(scanned: Scan) -> Iterator[Problem]:
    script = scanned.script
    for table, at in scanned.writes.items():
        if is_foreign(scanned, table):
            text = f"writes {table}; a script of {script.table} writes its own table only"
            yield scanned.found(at, "foreign-write", text)


def is_foreign(scanned: Scan, table: str) -> bool:
    """Whether a table that a script writes is not its own."""
    schema, _, name = table.partition(".")
    script = scanned.script
    return script.layer == "STG" or name != script.table.lower() or not own_schema(script.layer, schema)


def _order_problems(scanned: Scan, metadata: Metadata, produced: Producers) -> Iterator[Problem]:
    """A vault or mart table that another one reads must be loaded before it."""
    script = scanned.script
    tables = _tables_of(script.layer, metadata)
    needs = tables.requirements().get(script.table, [])
    peers = {"EDV": ("EDV",)}.get(script.layer, MART_LAYERS)
    for table, at in scanned.reads.items():
        layer, _, name = (produced.of(table, script.layer) or "").partition(".")
        if layer in peers and name != script.table and name not in needs and table not in scanned.writes:
            text = f"reads {table}, but the metadata does not say that it requires {name}"
            yield scanned.found(at, "missing-requirement", text, _requirement_causes(script.layer))


def _requirement_causes(layer: str) -> tuple[str, ...]:
    prefix = "dv" if layer == "EDV" else "dm"
    return (f"file:metadata/{prefix}_tbl_dpnds.csv", f"file:metadata/{prefix}_tables.csv")


def _tables_of(layer: str, metadata: Metadata) -> TableList:
    lists: Mapping[str, TableList] = {"EDV": metadata.vault, "DM": metadata.marts, "CAR_DM": metadata.marts}
    return lists.get(layer, TableList())
