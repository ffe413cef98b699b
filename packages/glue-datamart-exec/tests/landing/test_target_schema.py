"""The target schema as an operator writes it: every problem with its line, its place and the way out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from datamart_exec.landing.sql_server_types import parse_type
from datamart_exec.landing.target_schema import SchemaError, parse

PLACE = "s3://final/cars/_configs/cars_target_schema.json"


def column(name: str, kind: str = "int", target: str | None = None) -> dict[str, str]:
    return {"src_col_nm": name, "target_column_name": target or name.lower(), "data_type": kind}


def table(*columns: Mapping[str, Any], **changed: object) -> dict[str, Any]:
    found = {
        "source_table": "Farm",
        "target_table": "farm",
        "columns": list(columns) or [column("Id", "bigint"), column("name", "varchar(20)")],
        "primary_key": "Id",
        "dedupe_key": "",
    }
    return {**found, **changed}


def problems(document: object) -> list[str]:
    text = document if isinstance(document, str) else json.dumps(document, indent=1)
    with pytest.raises(SchemaError) as caught:
        parse(text, PLACE)
    assert str(caught.value).startswith(f"{PLACE}: {len(caught.value.problems)} problem")
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("spelled", "reason"),
    [
        ("decimal(16", "not a type; write a name, with its size in brackets as in decimal(18,4)"),
        ("decimal(39,2)", "precision must be one whole number from 1 to 38"),
        ("decimal(10,11)", "scale must be one whole number from 0 to 10"),
        ("decimal(1,2,3)", "a decimal has precision and scale, as in decimal(18,4)"),
        ("varchar(0)", "length must be one whole number from 1 to 8000"),
        ("nvarchar(4001)", "length must be one whole number from 1 to 4000"),
        ("char(max)", "length must be one whole number from 1 to 8000"),
        ("int(4)", "int has no size"),
        ("datetime2(8)", "digits of a second must be one whole number from 0 to 7"),
        ("timestamp", "write rowversion, or datetime2 for a point in time"),
        ("geography", "deliver its STAsText() as nvarchar(max)"),
        ("hierarchyid", "deliver its ToString() as nvarchar"),
        ("sql_variant", "cast it in the source"),
        ("strnig", "strnig"),
    ],
)
def test_a_type_that_is_none_is_named_with_line_place_and_way_out(spelled: str, reason: str) -> None:
    (problem,) = problems({"tables": [table(column("Id", "bigint"), column("x", spelled))]})
    assert problem.startswith("line 15: tables[0].columns[1].data_type is ")
    assert repr(spelled) in problem
    assert reason in problem


def test_all_problems_are_told_at_once_with_their_lines() -> None:
    document = {
        "tables": [
            table(column("Id", "decimal(16"), column("ID")),
            table(primary_key="Id,nmae", dedupe_key="last_change_date"),
            table(source_table="Tract Land", target_table="tract"),
            {**table(), "columns": []},
            "farm",
        ]
    }
    found = problems(document)
    text = json.dumps(document, indent=1).splitlines()
    for problem in found:
        line = int(problem.removeprefix("line ").partition(":")[0])
        assert 0 < line <= len(text)
    assert [problem.partition(": ")[2] for problem in found[:1]] == [
        "tables[0].columns[0].data_type is 'decimal(16': not a type; write a name, with its size in brackets as in"
        " decimal(18,4)"
    ]
    joined = "\n".join(found)
    for words in (
        "tables[1].primary_key names 'nmae', which is no column of the table",
        "tables[1].dedupe_key names 'last_change_date', which is no column of the table",
        "tables[1] source_table farm is declared at tables[0] too; remove one",
        "tables[1] target_table farm is declared at tables[0] too; remove one",
        "tables[2].source_table must be a name of letters, digits and _, got 'Tract Land'",
        "tables[3].columns must be a list that is not empty",
        "tables[4].source_table must be a text",
    ):
        assert words in joined
    (told,) = [problem for problem in found if "nmae" in problem]
    number = int(told.removeprefix("line ").partition(":")[0])
    assert text[number - 1].strip() == '"primary_key": "Id,nmae",'


def test_columns_twice_in_different_case_are_named() -> None:
    found = problems(
        {"tables": [table(column("Id"), column("ID", target="other"), column("x", target="OTHER"))]}
    )
    assert [problem.partition(": ")[2] for problem in found] == [
        "tables[0] src_col_nm id stands there 2 times; names differ without case",
        "tables[0] target_column_name other stands there 2 times; names differ without case",
    ]


def test_names_that_the_landing_uses_itself_are_refused() -> None:
    (problem,) = problems({"tables": [table(column("Id"), column("Day"))]})
    assert problem.endswith("is 'day', a name that the landing uses itself; choose another")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON in UTF-8: Expecting property name"),
        ("[" * 100_000, "not JSON in UTF-8"),
        ('{"tables": [], "tables": []}', "the key 'tables' stands twice in one object"),
        ("[]", "line 1: the file must be an object with the list tables, got '[]'"),
        ('{"name": "other", "version": 3}', "line 1: tables must be a list that is not empty, got 'None'"),
    ],
)
def test_a_file_of_another_kind_is_named(text: str, reason: str) -> None:
    (problem,) = problems(text)
    assert reason in problem


def test_bytes_that_are_no_utf_8_are_named() -> None:
    with pytest.raises(SchemaError, match="not JSON in UTF-8: 'utf-8' codec can't decode byte 0xff"):
        parse(b"\xff\xfe{}", PLACE)


def test_a_byte_order_mark_and_every_spelling_of_a_key_are_read() -> None:
    text = "\ufeff" + json.dumps({"tables": [table(primary_key=" ID , name", dedupe_key="NAME")]})
    schema = parse(text.encode(), PLACE)
    assert schema.tables["farm"].key == ("id", "name")
    assert schema.tables["farm"].dedupe_key == ("name",)


# Microsoft's list of Transact-SQL data types, which is complete
KINDS = {
    "bigint": "BIGINT", "int": "INTEGER", "smallint": "INTEGER", "tinyint": "INTEGER", "bit": "BOOLEAN",
    "decimal(18, 4)": "DECIMAL(18,4)", "numeric(9)": "DECIMAL(9,0)", "decimal": "DECIMAL(18,0)",
    "money": "DECIMAL(19,4)", "smallmoney": "DECIMAL(10,4)", "float": "DOUBLE", "float(24)": "FLOAT", "real": "FLOAT",
    "date": "DATE", "time(7)": "TIME", "datetime2(7)": "TIMESTAMP", "datetime": "TIMESTAMP",
    "smalldatetime": "TIMESTAMP", "datetimeoffset(7)": "TIMESTAMP WITH TIME ZONE",
    "char(3)": "VARCHAR", "varchar(max)": "VARCHAR", "text": "VARCHAR", "nchar(3)": "VARCHAR",
    "nvarchar(50)": "VARCHAR", "ntext": "VARCHAR", "xml": "VARCHAR", "uniqueidentifier": "VARCHAR",
    "sysname": "VARCHAR", "binary(8)": "BLOB", "varbinary(max)": "BLOB", "image": "BLOB", "rowversion": "BLOB",
}  # fmt: skip
REFUSED = [
    "cursor",
    "geography",
    "geometry",
    "hierarchyid",
    "json",
    "vector",
    "sql_variant",
    "table",
    "timestamp",
]


@pytest.mark.parametrize(("spelled", "duckdb"), KINDS.items())
def test_every_type_of_sql_server_is_mapped(spelled: str, duckdb: str) -> None:
    assert parse_type(spelled.upper()).duckdb == duckdb
    assert parse_type(spelled).duckdb == duckdb


@pytest.mark.parametrize("spelled", REFUSED)
def test_or_refused(spelled: str) -> None:
    with pytest.raises(ValueError, match=rf"is '{spelled}'"):
        parse_type(spelled)
