"""The whole rendered vault on a real Postgres: every table loads, keys are the contract's, nothing is an orphan."""

import itertools
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from oracle import hash_key, key_text
from rows import staged_rows
from vault import Vault

from sql_tree.compiler.compile import compile_tree
from sql_tree.model.lineage import hub_feeds, is_text, parent, references, staging_columns, staging_name
from sql_tree.model.tables import HUBS, LINKS, SATELLITES, Model, VaultTable

FIRST_DAY = date(2024, 5, 1)
RUNS = 3


@pytest.fixture(scope="module")
def load_order(tree_root: Any) -> list[str]:
    """Vault tables in the order of the compiled release."""
    groups: list[list[str]] = compile_tree(tree_root, checks=[]).manifest["groups"]["EDV"]
    return [table.lower() for group in groups for table in group]


def load_day(vault: Vault, order: list[str], day: date, random: Random) -> dict[str, list[dict[str, Any]]]:
    staged = staged_rows(vault.model, day, random)
    for table, rows in staged.items():
        vault.stage(table, rows)
    for table in order:
        vault.load(table, day)
    return staged


@pytest.fixture(scope="module", params=[1, 2, 3])
def loaded(
    request: pytest.FixtureRequest, vault: Vault, load_order: list[str]
) -> Iterator[tuple[Vault, dict[str, list[dict[str, Any]]]]]:
    """A vault after three days of random rows, and all rows that were staged."""
    random = Random(request.param)
    staged: dict[str, list[dict[str, Any]]] = {}
    with vault.fresh():
        for number in range(RUNS):
            for table, rows in load_day(
                vault, load_order, FIRST_DAY + timedelta(days=number), random
            ).items():
                staged.setdefault(table, []).extend(rows)
        yield vault, staged


def test_every_table_of_the_model_is_loaded(loaded: tuple[Vault, Any], model: Model) -> None:
    vault, _ = loaded
    empty = [table for table in model.vault if vault.scalar(f"SELECT COUNT(*) FROM edv.{table}") == 0]
    assert len(model.vault) == 29
    assert empty == []


def expected_keys(model: Model, table: VaultTable, staged: dict[str, list[dict[str, Any]]]) -> set[Any]:
    """Own keys of the staged rows, by the formula of the contract."""
    feeds = hub_feeds(model, table) if table.kind in HUBS else ()
    ways = [(feed.staging, feed.columns, feed.complete_only) for feed in feeds] or [
        (table.staging[0], table.hash_columns, False)
    ]
    needed = [column for columns in references(model, table).values() for column in columns]
    keys = set()
    for staging, columns, complete_only in ways:
        types = staging_columns(model, staging)
        for row in staged[staging]:
            incomplete = complete_only and any(row[column] is None for column in columns)
            if row["cdc_oper_cd"] == "D" or incomplete or any(row[column] is None for column in needed):
                continue
            parts = [key_text(row[column], is_text=is_text(types[column])) for column in columns]
            keys.add("~~".join(parts) if table.natural_key else hash_key(parts))
    return keys


def test_keys_are_byte_equal_to_the_contract(loaded: tuple[Vault, Any], model: Model) -> None:
    vault, staged = loaded
    for table in model.vault.values():
        rows = vault.rows(table.name, table.own_key)
        held = {"~~".join(map(str, row)) if table.natural_key else row[0] for row in rows}
        assert held == expected_keys(model, table, staged), table.name


def test_no_link_and_no_satellite_is_an_orphan(loaded: tuple[Vault, Any], model: Model) -> None:
    vault, _ = loaded
    checked = 0
    for table in model.vault.values():
        for target, columns in pointers(model, table):
            on = " AND ".join(
                f"h.{theirs} = t.{ours}"
                for theirs, ours in zip(model.vault[target].own_key, columns, strict=True)
            )
            orphans = f"SELECT COUNT(*) FROM edv.{table.name} t WHERE NOT EXISTS (SELECT 1 FROM edv.{target} h WHERE {on})"
            assert vault.scalar(orphans) == 0, f"{table.name} -> {target}"
            checked += 1
    assert checked == 27  # 14 satellites with a parent, 13 references of the seven links that have hubs here


def pointers(model: Model, table: VaultTable) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Hubs and links a table points to, with its columns that hold their keys."""
    if table.kind in HUBS:
        return
    if table.kind in SATELLITES and not table.natural_key:
        yield parent(model, table).name, table.columns[:1]
        return
    yield from references(model, table).items()
    if table.kind in LINKS:
        for key in table.keys:
            if key != table.columns[0]:
                yield next(hub.name for hub in model.vault.values() if hub.columns[0] == key), (key,)


def test_open_rows_are_one_per_entity_and_hashes_are_never_null(
    loaded: tuple[Vault, Any], model: Model
) -> None:
    vault, _ = loaded
    for table in (table for table in model.vault.values() if table.kind in SATELLITES):
        assert vault.scalar(f"SELECT COUNT(*) FROM edv.{table.name} WHERE hash_dif IS NULL") == 0
        twice = f"SELECT COUNT(*) FROM (SELECT 1 FROM edv.{table.name} WHERE data_eff_end_dt = '9999-12-31'"
        assert vault.scalar(f"{twice} GROUP BY {table.entity} HAVING COUNT(*) > 1) t") == 0, table.name


def test_payload_is_what_was_staged(loaded: tuple[Vault, Any], model: Model) -> None:
    """Every column of a version comes from one staged row, under its staging name."""
    vault, staged = loaded
    for table in (table for table in model.vault.values() if table.kind in SATELLITES):
        columns = [c for c in table.columns if c not in model.vault_technical and c not in table.keys]
        names = [staging_name(model, column) for column in columns]
        known = {tuple(str(row[name]) for name in names) for row in staged[table.staging[0]]}
        held = {tuple(str(_plain(value)) for value in row) for row in vault.rows(table.name, columns)}
        assert held <= known, table.name


def _plain(value: Any) -> Any:
    """Decimals as the whole numbers they were staged as."""
    return int(value) if value is not None and hasattr(value, "quantize") else value


def test_loading_a_day_again_leaves_every_table_as_it_is(
    vault: Vault, load_order: list[str], model: Model
) -> None:
    with vault.fresh():
        load_day(vault, load_order, FIRST_DAY, Random(9))
        before = {table: vault.rows(table) for table in model.vault}
        load_day(vault, load_order, FIRST_DAY, Random(9))
        assert {table: vault.rows(table) for table in model.vault} == before


def test_the_order_of_rows_decides_nothing(vault: Vault, load_order: list[str], model: Model) -> None:
    staged = staged_rows(model, FIRST_DAY, Random(4))
    results = []
    for seed in (None, 1, 2):
        with vault.fresh():
            for table, rows in staged.items():
                shuffled = rows if seed is None else Random(seed).sample(rows, len(rows))
                vault.stage(table, shuffled)
            for table in load_order:
                vault.load(table, FIRST_DAY)
            results.append({table: vault.rows(table) for table in model.vault})
    assert results[0] == results[1] == results[2]


def test_durable_numbers_follow_the_key_and_leave_no_gap(vault: Vault) -> None:
    midnight = datetime.combine(FIRST_DAY, time())
    common = {"cdc_oper_cd": "I", "cdc_dt": FIRST_DAY, "load_dt": midnight, "data_src_nm": "CARS_STG"}
    with vault.fresh():
        for number, customers in enumerate(((30, 10, 10), (30, 5, 20))):
            vault.stage("acrsi_prdr", [{"core_cust_id": customer, **common} for customer in customers])
            vault.load("core_cust_h", FIRST_DAY + timedelta(days=number))
        assert vault.rows("core_cust_h", ("core_cust_id", "durb_id")) == [(10, 1), (20, 4), (30, 2), (5, 3)]


def test_a_hub_that_is_only_carried_takes_no_incomplete_key(vault: Vault) -> None:
    """A plan without its report would otherwise put a farm without number into the hub."""
    midnight = datetime.combine(FIRST_DAY, time())
    row = {
        "cdc_oper_cd": "I",
        "cdc_dt": FIRST_DAY,
        "load_dt": midnight,
        "data_src_nm": "CARS_STG",
        "st_fsa_cd": "01",
    }
    with vault.fresh():
        vault.stage("ag_prod_plan", [{"ag_prod_plan_id": 1, **row}])
        vault.load("farm_h", FIRST_DAY)
        assert vault.rows("farm_h") == []
        vault.stage("acrsi_farm", [{"acrsi_farm_id": 1, **row}])
        vault.load("farm_h", FIRST_DAY)
        assert vault.rows("farm_h", ("farm_h_id",)) == [(hash_key(["01", "--", "--"]),)]


def test_spellings_of_a_key_are_one_hub_row(vault: Vault) -> None:
    midnight = datetime.combine(FIRST_DAY, time())
    row = {"cdc_oper_cd": "I", "cdc_dt": FIRST_DAY, "load_dt": midnight, "data_src_nm": "CARS_STG"}
    spellings = list(itertools.product(["a1", " A1 "], ["003"], ["7x", "7X"]))
    with vault.fresh():
        vault.stage(
            "acrsi_farm",
            [
                {"acrsi_farm_id": number, "st_fsa_cd": state, "cnty_fsa_cd": county, "farm_nbr": farm, **row}
                for number, (state, county, farm) in enumerate(spellings)
            ],
        )
        vault.load("farm_h", FIRST_DAY)
        assert vault.rows("farm_h", ("farm_h_id",)) == [(hash_key(["A1", "003", "7X"]),)]
