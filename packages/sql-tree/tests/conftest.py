"""The committed tree and its model, and a Postgres that has the tree's tables."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from vault import Vault, create_tables

from local_aws.postgres import EmbeddedPostgres
from sql_tree.layout import MODEL_FOLDER
from sql_tree.model.load import load_model
from sql_tree.model.tables import Model
from sql_tree.rendering.tree import MIGRATIONS


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository around this package."""
    return Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def tree_root(repository: Path) -> Path:
    return repository / "car_configs"


@pytest.fixture(scope="session")
def migrations(repository: Path) -> Path:
    return repository / MIGRATIONS


@pytest.fixture(scope="session")
def model(tree_root: Path) -> Model:
    return load_model(tree_root / MODEL_FOLDER)


@pytest.fixture(scope="session")
def vault_server(postgres_server: EmbeddedPostgres, tree_root: Path) -> Iterator[str]:
    """The DSN of a database with all tables of the tree; tests leave no rows in it."""
    postgres_server.create_database("vault")
    dsn = postgres_server.dsn("vault")
    with psycopg.connect(dsn) as conn:
        create_tables(conn, tree_root)
    yield dsn
    postgres_server.drop_database("vault")


@pytest.fixture(scope="session")
def vault(vault_server: str, tree_root: Path, model: Model) -> Iterator[Vault]:
    """One connection to that database; `fresh()` gives an empty vault that is rolled back."""
    with psycopg.connect(vault_server) as conn:
        yield Vault(conn, tree_root, model)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A tree of one staging table, one hub, one satellite and their DDL."""
    root = tmp_path / "tree"
    files = {
        "STG/FARM/initial/FARM.sql": "SELECT d.id AS farm_id FROM `fsa-{env}-cars`.`farm` AS d\n",
        "STG/FARM/incremental/FARM.sql": (
            "SELECT d.id AS farm_id\nFROM `fsa-{env}-cars-cdc`.`farm` AS d\nWHERE d.dart_filedate = '{ETL_START_DATE}'\n"
        ),
        "EDV/FARM_H/2_DV_INSERT.sql": (
            "INSERT INTO edv.farm_h (farm_id)\nSELECT s.farm_id FROM cars_stg.farm AS s\nON CONFLICT DO NOTHING;\n"
        ),
        "EDV/FARM_HS/1_DV_UPDATE.sql": (
            "CREATE TEMPORARY TABLE farm_change AS SELECT * FROM cars_stg.farm;\n"
            "UPDATE edv.farm_hs AS v SET farm_id = 1 FROM farm_change AS c WHERE c.farm_id = v.farm_id;\n"
        ),
        "EDV/FARM_HS/2_DV_INSERT.sql": "INSERT INTO edv.farm_hs (farm_id) SELECT farm_id FROM farm_change;\n",
        "DDL/CARS_STG/1_FARM.sql": "CREATE TABLE IF NOT EXISTS cars_stg.farm (farm_id bigint);\n",
        "DDL/EDV/1_FARM.sql": (
            "CREATE TABLE IF NOT EXISTS edv.farm_h (farm_id bigint);\n"
            "CREATE TABLE IF NOT EXISTS edv.farm_hs ();\n"
            "ALTER TABLE edv.farm_hs ADD COLUMN IF NOT EXISTS farm_id bigint;\n"
        ),
        "metadata/stg_tables.csv": "tbl\nFARM\n",
        "metadata/dv_tables.csv": "etl_dv_tbl_id|dv_tbl_nm\n1|FARM_H\n2|FARM_HS\n",
        "metadata/dv_tbl_dpnds.csv": "etl_dv_tbl_id|rqr_etl_dv_tbl_id\n2|1\n",
        "metadata/dm_tables.csv": "etl_dm_tbl_id|dm_tbl_nm\n",
        "metadata/dm_tbl_dpnds.csv": "etl_dm_tbl_id|rqr_etl_dm_tbl_id\n",
        "metadata/external_tables.csv": "tbl\nfsa-{env}-cars.farm\nfsa-{env}-cars-cdc.farm\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root
