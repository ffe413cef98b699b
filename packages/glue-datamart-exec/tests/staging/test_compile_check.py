"""The check of a release's staging scripts: what a run would refuse, without data and without an engine."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from datamart_exec.errors import DatamartError
from datamart_exec.staging.compile_check import check_script

PATH = "STG/FARM/incremental/FARM.sql"
GOOD = (
    "SELECT UPPER(f.name) AS farm_nm, CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt"
    " FROM `fsa-{env}-cars-cdc`.`farm` f WHERE f.dart_filedate = '{ETL_START_DATE}'"
)


def test_the_check_is_registered_for_the_compiler() -> None:
    assert check_script in [point.load() for point in entry_points(group="cars.staging_check")]


def test_a_script_of_listed_constructs_passes() -> None:
    check_script(PATH, GOOD)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GOOD.replace("UPPER", "SOUNDEX"),
            f"{PATH}, line 1, column 8: function SOUNDEX is not on the list of constructs",
        ),
        (
            GOOD.replace("UPPER", "MY_OWN"),
            f"{PATH}, line 1, column 8: function MY_OWN is not on the list of constructs",
        ),
        (GOOD + " LIMIT 3", f"{PATH}, line 1, column 8: SELECT with limit is not on the list of constructs"),
        (
            GOOD.replace("f.name", "CURRENT_DATE()"),
            f"{PATH}, line 1, column 14: CURRENT_DATE is the wall clock",
        ),
        (GOOD.replace("ETL_START_DATE", "NOPE"), f"{PATH}, line 1: unknown token {{NOPE}}"),
        ("SELEC 1 FRM", f"{PATH} cannot be parsed as Spark SQL"),
        ("-- nothing\n", f"{PATH} holds no statement"),
    ],
)
def test_what_a_run_would_refuse_is_refused_and_named(text: str, message: str) -> None:
    with pytest.raises(DatamartError) as raised:
        check_script(PATH, text)
    assert str(raised.value).startswith(message)


def test_the_check_costs_neither_engine_nor_database_driver() -> None:
    program = (
        "import sys, datamart_exec.staging.compile_check;"
        "print({'duckdb', 'pyarrow', 'numpy', 'pgpq', 'psycopg', 'boto3'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
