"""Renders the metadata: which tables a release loads, and which tables each one requires."""

from collections.abc import Iterable, Mapping

from sql_tree.layout import METADATA_COLUMNS
from sql_tree.model.tables import Model
from sql_tree.rendering.staging import CHANGE_ZONE, FINAL_ZONE


def metadata_files(model: Model) -> dict[str, str]:
    """The CSV files of `metadata/` by file name."""
    vault = sorted(model.vault.values(), key=lambda table: table.etl_id)
    ids = {table.name: table.etl_id for table in vault}
    needs = {
        table.etl_id: {*(ids[name] for name in table.requires), *table.requires_outside} for table in vault
    }
    rows: Mapping[str, Iterable[Iterable[object]]] = {
        "stg_tables.csv": ([name.upper()] for name in model.staging),
        "dv_tables.csv": ([table.etl_id, table.name.upper()] for table in vault),
        "dv_tbl_dpnds.csv": (
            [table_id, need] for table_id, wanted in needs.items() for need in sorted(wanted)
        ),
        "external_tables.csv": ([name] for name in _external(model)),
    }
    return {file: _csv(columns, rows.get(file, ())) for file, columns in METADATA_COLUMNS.items()}


def _external(model: Model) -> list[str]:
    """Tables that scripts read and no script of a release writes: the zones of the CARS source."""
    return [f"{zone}.{source}" for zone in (FINAL_ZONE, CHANGE_ZONE) for source in model.sources]


def _csv(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    return "".join("|".join(map(str, row)) + "\n" for row in (columns, *rows))
