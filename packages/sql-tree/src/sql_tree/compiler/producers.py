"""Which table of the tree loads which database table: listed names for staging and vault, what scripts write for marts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sql_tree.compiler.metadata import Metadata
from sql_tree.compiler.scan import Scan
from sql_tree.layout import MART_LAYERS, PUBLISHED

_SCHEMAS = {"STG": "cars_stg", "EDV": "edv"}


@dataclass(frozen=True, slots=True)
class Producers:
    """`tables` maps `schema.table` to all its producers `LAYER.TABLE`; `holders` the layers that hold a mart's scripts."""

    tables: Mapping[str, tuple[str, ...]]
    holders: Mapping[str, tuple[str, ...]]

    def of(self, table: str, layer: str) -> str | None:
        """The producer of a database table as a script of `layer` means it: its own layer's, where two have it."""
        found = self.tables.get(table, ())
        return next((name for name in found if name.startswith(f"{layer}.")), found[0] if found else None)

    def mart(self, name: str, layer: str) -> str:
        """A mart by its name, in the layer that holds its scripts."""
        layers = self.holders.get(name, ())
        return f"{layer if layer in layers or not layers else layers[0]}.{name}"


def producers(scans: Iterable[Scan], metadata: Metadata) -> Producers:
    """The producers of a tree. What a mart's script writes decides, not the folder that it lies in."""
    tables: dict[str, list[str]] = {}
    holders: dict[str, list[str]] = {}
    for layer, names in (("STG", metadata.staging), ("EDV", metadata.vault.names.values())):
        for name in names:
            tables[f"{_SCHEMAS[layer]}.{name.lower()}"] = [f"{layer}.{name}"]
    marts = set(metadata.marts.names.values())
    for scanned in scans:
        layer, name = scanned.script.layer, scanned.script.table
        if layer not in MART_LAYERS or name not in marts:
            continue
        _add(holders, name, layer)
        # a script that does not parse writes somewhere: what reads its table should not be a finding as well
        written = [table for table in scanned.writes if table.partition(".")[2] == name.lower()]
        for table in written or [f"car_dm_stg.{name.lower()}"] * bool(scanned.problems):
            schema = table.partition(".")[0]
            _add(tables, table, f"{layer}.{name}")
            if schema in PUBLISHED:
                _add(tables, f"{PUBLISHED[schema]}.{name.lower()}", f"{layer}.{name}")
    return Producers(_frozen(tables), _frozen(holders))


def own_schema(layer: str, schema: str) -> bool:
    """Whether the tables of a layer are built in this schema."""
    if layer in MART_LAYERS:
        return schema == "car_dm" or schema.endswith("dm_stg")
    return schema == _SCHEMAS.get(layer)


def _add(found: dict[str, list[str]], key: str, value: str) -> None:
    values = found.setdefault(key, [])
    if value not in values:
        values.append(value)


def _frozen(found: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in found.items()}
