"""Renders staging scripts: one Spark SQL SELECT over the driving table and the current rows of its parents."""

from sql_tree.model.tables import ColumnRef, Model, StagingTable
from sql_tree.rendering.sql_text import header, lines

DRIVING_ALIAS = "d"
FINAL_ZONE = "fsa-{env}-cars"
CHANGE_ZONE = "fsa-{env}-cars-cdc"

_PURPOSE = {
    "initial": "all current rows of {source}",
    "incremental": "the changes of {source} of one day",
}


def staging_script(model: Model, table: StagingTable, run_type: str) -> str:
    """The SELECT of one staging table for `initial` or `incremental` runs."""
    incremental = run_type == "incremental"
    zone = CHANGE_ZONE if incremental else FINAL_ZONE
    purpose = _PURPOSE[run_type].format(source=table.source)
    where = f"WHERE {DRIVING_ALIAS}.dart_filedate = '{{ETL_START_DATE}}'\n" if incremental else ""
    return (
        header("staging.yaml", table.name, purpose)
        + "SELECT\n    "
        + ",\n    ".join(_columns(model, table))
        + f"\nFROM `{zone}`.`{table.source}` AS {DRIVING_ALIAS}\n"
        + "".join(_join(model, table, parent) for parent in table.parents)
        + where
    )


def _columns(model: Model, table: StagingTable) -> list[str]:
    carried = [f"{_value(model, table, ref)} AS {name}" for name, ref in table.columns.items()]
    return [
        *carried,
        "'' AS hash_diff",
        f"CASE WHEN {DRIVING_ALIAS}.op = 'U' THEN 'UN' ELSE COALESCE({DRIVING_ALIAS}.op, 'I') END AS cdc_oper_cd",
        "CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt",
        "'CARS_STG' AS data_src_nm",
        f"CAST({DRIVING_ALIAS}.dart_filedate AS DATE) AS cdc_dt",
    ]


def _value(model: Model, table: StagingTable, reference: ColumnRef) -> str:
    value = _qualified(table, reference)
    is_timestamp = model.sources[reference.table].columns[reference.column] == "timestamp"
    return f"CAST({value} AS TIMESTAMP)" if is_timestamp else value


def _qualified(table: StagingTable, reference: ColumnRef) -> str:
    alias = DRIVING_ALIAS if reference.table == table.source else reference.table
    return f"{alias}.{reference.column}"


def _join(model: Model, table: StagingTable, parent: str) -> str:
    candidates = [_qualified(table, reference) for reference in table.parents[parent]]
    identifier = (
        candidates[0] if len(candidates) == 1 else f"COALESCE(\n        {lines(candidates, 8)}\n    )"
    )
    return f"LEFT JOIN `{FINAL_ZONE}`.`{parent}` AS {parent}\n    ON {parent}.{model.sources[parent].key} = {identifier}\n"
