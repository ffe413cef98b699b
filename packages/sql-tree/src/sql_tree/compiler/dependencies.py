"""What the scripts of a table read and write: every table read is produced or declared, and loaded before."""

from collections.abc import Iterable, Iterator

from sql_tree.compiler.metadata import Metadata, TableList
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Scan

SCHEMAS = {
    "STG": ("cars_stg",),
    "EDV": ("edv",),
    "DM": ("car_dm_stg", "car_dm"),
    "CAR_DM": ("car_dm_stg", "car_dm"),
}


def produced_tables(metadata: Metadata) -> dict[str, str]:
    """Database tables a release loads: `schema.table` to `LAYER.TABLE`."""
    layers = {
        "STG": metadata.staging,
        "EDV": metadata.vault.names.values(),
        "CAR_DM": metadata.marts.names.values(),
    }
    return {
        f"{schema}.{name.lower()}": f"{layer}.{name}"
        for layer, names in layers.items()
        for schema in SCHEMAS[layer]
        for name in names
    }


def dependency_problems(scans: Iterable[Scan], metadata: Metadata) -> Iterator[Problem]:
    """Reads of unknown tables or of tables loaded later, and writes to another table than the script's own."""
    known = {*produced_tables(metadata), *(name.lower() for name in metadata.external)}
    for scanned in scans:
        if scanned.script.layer == "DDL":
            continue
        for table, line in scanned.reads.items():
            if table not in known:
                text = f"reads {table}, which nothing here produces and metadata/external_tables.csv does not list"
                yield Problem(scanned.script.path, line, text)
        yield from _write_problems(scanned)
        yield from _order_problems(scanned, metadata)


def idle_problems(scans: Iterable[Scan]) -> Iterator[Problem]:
    """Vault and mart tables whose scripts change nothing."""
    # A run would report such a table as loaded.
    scans = list(scans)
    changed = {(s.script.layer, s.script.table) for s in scans if s.writes or not s.statements}
    for scanned in scans:
        table = (scanned.script.layer, scanned.script.table)
        if table not in changed and table[0] not in ("STG", "DDL"):
            yield Problem(scanned.script.path, 0, f"no script of {table[1]} changes a table")
            changed.add(table)


def _write_problems(scanned: Scan) -> Iterator[Problem]:
    script = scanned.script
    own = {f"{schema}.{script.table.lower()}" for schema in SCHEMAS[script.layer]}
    for table, line in scanned.writes.items():
        if script.layer == "STG" or table not in own:
            text = f"writes {table}; a script of {script.table} writes its own table only"
            yield Problem(script.path, line, text)


def _order_problems(scanned: Scan, metadata: Metadata) -> Iterator[Problem]:
    """A vault or mart table that another one reads must be loaded before it."""
    script = scanned.script
    tables = _tables_of(script.layer, metadata)
    needs = tables.requirements().get(script.table, [])
    peers = {
        f"{schema}.{name.lower()}": name
        for name in tables.names.values()
        for schema in SCHEMAS[script.layer]
        if name != script.table and name not in needs
    }
    for table, line in scanned.reads.items():
        if table in peers:
            text = f"reads {table}, but the metadata does not say that it requires {peers[table]}"
            yield Problem(script.path, line, text)


def _tables_of(layer: str, metadata: Metadata) -> TableList:
    lists = {"EDV": metadata.vault, "DM": metadata.marts, "CAR_DM": metadata.marts}
    return lists.get(layer, TableList())
