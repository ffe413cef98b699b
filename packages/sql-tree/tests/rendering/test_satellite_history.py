"""Properties of the satellites' scripts on a real Postgres, against an independent oracle."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import Rules, hash_key, history, key_text
from vault import Vault

from sql_tree.model.tables import Model

FIRST_DAY = date(2024, 5, 1)
LOADED = ("load_dt", "data_eff_strt_dt", "data_eff_end_dt", "load_end_dt")
QUICK = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

Rows = list[dict[str, Any]]
Day = tuple[date, Rows]

TRACT = Rules(
    entity="tr_id",
    key=lambda row: hash_key(
        [
            key_text(row["st_fsa_cd"], is_text=True),
            key_text(row["cnty_fsa_cd"], is_text=True),
            key_text(row["tr_nbr"], is_text=False),
        ]
    ),
    payload=(
        "tr_id", "data_stat_cd", "cre_dt", "last_chg_dt", "last_chg_user_nm", "crop_acrg_rpt_id", "fmld_acrg",
        "cpld_acrg", "tr_desc",
    ),
)  # fmt: skip
SHARE = Rules(
    entity="bus_pty_shr_id",
    key=lambda row: hash_key(
        [key_text(row["ag_prod_plan_id"], is_text=False), key_text(row["core_cust_id"], is_text=False)]
    ),
    payload=(
        "bus_pty_shr_id", "data_stat_cd", "cre_dt", "last_chg_dt", "last_chg_user_nm", "crop_shr_pct",
        "land_unit_rma_nbr", "bus_pty_type_cd", "ag_prod_plan_id", "bus_pty_id", "tr_bus_pty_id", "tr_id",
        "hemp_lic_nbr",
    ),
    is_resolved=lambda row: row["core_cust_id"] is not None,
)  # fmt: skip
PRODUCER = Rules(
    entity="acrsi_prdr_id",
    key=lambda row: row["core_cust_id"],
    payload=(
        "pgm_yr", "acrsi_prdr_id", "data_stat_cd", "cre_dt", "cre_user_nm", "last_chg_dt", "last_chg_user_nm",
    ),
    is_resolved=lambda row: row["core_cust_id"] is not None,
)  # fmt: skip

texts = st.sampled_from([None, "01", " 01", "a", "A ", ""])
numbers = st.sampled_from([None, 1, 22])
# before the day, at its start, in it, at its end, after it; several changes often share a time
moments = st.sampled_from([-90_000.0, 0.0, 3_600.0, 3_600.000001, 43_200.0, 86_399.999999, 90_000.0])


def tract_rows() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "tr_id": st.sampled_from([1, 2]),
            "st_fsa_cd": texts,
            "cnty_fsa_cd": st.just("003"),
            "tr_nbr": numbers,
            "tr_desc": st.sampled_from([None, "x", '"x"']),
            "data_stat_cd": st.sampled_from(["A", None]),
        }
    )


def share_rows() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "bus_pty_shr_id": st.sampled_from([7, 8]),
            "ag_prod_plan_id": numbers,
            "core_cust_id": numbers,
            "land_unit_rma_nbr": numbers,
        }
    )


def producer_rows() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"acrsi_prdr_id": st.sampled_from([5, 6]), "core_cust_id": numbers, "pgm_yr": numbers}
    )


SATELLITES: dict[str, tuple[str, str, str, Rules, Callable[[], st.SearchStrategy[dict[str, Any]]]]] = {
    "cars_tr_hs": ("tr", "tr_id", "tr_h_id", TRACT, tract_rows),
    "crop_acrg_rpt_bus_pty_shr_ls": (
        "bus_pty_shr", "bus_pty_shr_id", "crop_acrg_rpt_bus_pty_shr_l_id", SHARE, share_rows,
    ),
    "acrsi_prdr_hs": ("acrsi_prdr", "acrsi_prdr_id", "core_cust_id", PRODUCER, producer_rows),
}  # fmt: skip
every_satellite = pytest.mark.parametrize("satellite", SATELLITES)


@st.composite
def staged_rows(draw: st.DrawFn, satellite: str, day: date, *, within_day: bool = False) -> Rows:
    """Rows of one day: several changes of an entity, exact repeats, late ones and unknown change times."""
    described = SATELLITES[satellite][4]()
    rows: Rows = []
    for values in draw(st.lists(described, max_size=5)):
        seconds = draw(st.floats(1, 80_000) if within_day else st.none() | moments)
        changed = None if seconds is None else datetime.combine(day, time()) + timedelta(seconds=seconds)
        operation = draw(st.sampled_from(["I", "UN", "UN", "D"]))
        rows.append(
            {
                **values,
                "last_chg_dt": changed,
                "cre_dt": datetime(2024, 1, 1),  # noqa: DTZ001 - the vault's times carry no zone
                "cdc_oper_cd": operation,
                "cdc_dt": day,
                "data_src_nm": "CARS_STG",
                "load_dt": datetime.combine(day, time()),
            }
        )
    return rows + draw(st.lists(st.sampled_from(rows), max_size=2) if rows else st.just([]))


def days(satellite: str, *, within_day: bool = False) -> st.SearchStrategy[list[Day]]:
    dates = [FIRST_DAY + timedelta(days=number) for number in range(3)]
    return st.tuples(*(staged_rows(satellite, day, within_day=within_day) for day in dates)).map(
        lambda rows: list(zip(dates, rows, strict=True))
    )


def load(vault: Vault, satellite: str, run_date: date, rows: Sequence[Mapping[str, Any]]) -> None:
    vault.stage(SATELLITES[satellite][0], rows)
    vault.load(satellite, run_date)


def held(vault: Vault, satellite: str) -> list[tuple[Any, ...]]:
    _, entity, key, *_ = SATELLITES[satellite]
    return vault.rows(satellite, (entity, key, "hash_dif", *LOADED))


@every_satellite
@QUICK
@given(data=st.data())
def test_history_is_what_the_rules_say(vault: Vault, satellite: str, data: st.DataObject) -> None:
    loads = data.draw(days(satellite))
    with vault.fresh():
        for run_date, rows in loads:
            load(vault, satellite, run_date, rows)
        assert held(vault, satellite) == history(SATELLITES[satellite][3], loads)


@every_satellite
@QUICK
@given(data=st.data())
def test_files_of_a_day_in_any_order_and_split_give_the_same_vault(
    vault: Vault, satellite: str, data: st.DataObject
) -> None:
    """A day's first run sees some of its files, its second run all of them, in another order."""
    loads = data.draw(days(satellite))
    with vault.fresh():
        for run_date, rows in loads:
            shuffled = data.draw(st.permutations(rows))
            load(vault, satellite, run_date, shuffled[: data.draw(st.integers(0, len(rows)))])
            load(vault, satellite, run_date, data.draw(st.permutations(rows)))
        assert held(vault, satellite) == history(SATELLITES[satellite][3], loads)


@every_satellite
@QUICK
@given(data=st.data())
def test_days_in_any_order_and_once_more_in_order_give_the_same_vault(
    vault: Vault, satellite: str, data: st.DataObject
) -> None:
    """A day whose file came late is loaded after later days; loading those again puts everything right."""
    loads = data.draw(days(satellite, within_day=True))
    with vault.fresh():
        for run_date, rows in [*data.draw(st.permutations(loads)), *loads]:
            load(vault, satellite, run_date, rows)
        assert held(vault, satellite) == history(SATELLITES[satellite][3], loads)


@every_satellite
@QUICK
@given(data=st.data())
def test_loading_again_changes_nothing(vault: Vault, satellite: str, data: st.DataObject) -> None:
    loads = data.draw(st.permutations(data.draw(days(satellite))))
    with vault.fresh():
        for run_date, rows in loads:
            load(vault, satellite, run_date, rows)
            before = vault.rows(satellite)
            load(vault, satellite, run_date, rows)
            assert vault.rows(satellite) == before


@every_satellite
@QUICK
@given(data=st.data())
def test_whatever_comes_an_entity_has_one_open_row_and_no_overlap(
    vault: Vault, satellite: str, data: st.DataObject
) -> None:
    """Also when a run sees only new files, days are mixed in one file and dates go backwards."""
    every_row = [row for _, rows in data.draw(days(satellite)) for row in rows]
    with vault.fresh():
        for _ in range(4):
            run_date = FIRST_DAY + timedelta(days=data.draw(st.integers(0, 3)))
            load(
                vault,
                satellite,
                run_date,
                data.draw(st.lists(st.sampled_from(every_row)) if every_row else st.just([])),
            )
        rows = held(vault, satellite)
    by_entity = itertools.groupby(
        sorted(rows, key=lambda row: (row[0], row[4], row[5])), key=lambda row: row[0]
    )
    for _, versions in by_entity:
        line = list(versions)
        assert all(row[2] is not None and row[4] <= row[5] and row[3] <= row[6] for row in line)
        assert all(before[5] <= after[4] for before, after in itertools.pairwise(line))
        assert sum(row[6].year == 9999 for row in line) <= 1
        assert all((row[5].year == 9999) == (row[6].year == 9999) for row in line)


def rows_of(*changes: tuple[str, int, str, str]) -> Rows:
    """Tract changes as (operation, hour, state, description) on the first day."""
    midnight = datetime.combine(FIRST_DAY, time())
    return [
        {
            "tr_id": 1, "st_fsa_cd": state, "cnty_fsa_cd": "001", "tr_nbr": 9, "tr_desc": text,
            "last_chg_dt": midnight + timedelta(hours=hour), "cre_dt": midnight, "cdc_oper_cd": operation,
            "cdc_dt": FIRST_DAY, "data_src_nm": "CARS_STG", "load_dt": midnight,
        }
        for operation, hour, state, text in changes
    ]  # fmt: skip


def timeline(vault: Vault) -> list[tuple[Any, ...]]:
    """Description, start and end of each version as hours of the first day; None while open."""
    midnight = datetime.combine(FIRST_DAY, time())
    rows = vault.rows("cars_tr_hs", ("tr_desc", "data_eff_strt_dt", "data_eff_end_dt"))

    def hours(moment: datetime) -> float | None:
        return None if moment.year == 9999 else (moment - midnight).total_seconds() / 3600

    return [(text, hours(start), hours(end)) for text, start, end in sorted(rows, key=lambda row: row[1:])]


def test_several_changes_of_a_day_follow_each_other(vault: Vault) -> None:
    with vault.fresh():
        load(
            vault,
            "cars_tr_hs",
            FIRST_DAY,
            rows_of(("UN", 9, "01", "b"), ("I", 8, "01", "a"), ("UN", 10, "01", "c")),
        )
        assert timeline(vault) == [("a", 8, 9), ("b", 9, 10), ("c", 10, None)]


def test_a_deleted_row_that_comes_back_opens_again(vault: Vault) -> None:
    with vault.fresh():
        load(
            vault,
            "cars_tr_hs",
            FIRST_DAY,
            rows_of(("I", 8, "01", "a"), ("D", 9, "01", "a"), ("I", 11, "01", "a")),
        )
        assert timeline(vault) == [("a", 8, 9), ("a", 11, None)]


def test_a_delete_closes_by_identifier_even_without_its_parents(vault: Vault) -> None:
    with vault.fresh():
        load(vault, "cars_tr_hs", FIRST_DAY, rows_of(("I", 8, "01", "a")))
        orphan = [{**row, "st_fsa_cd": None, "cnty_fsa_cd": None} for row in rows_of(("D", 9, "01", "a"))]
        load(vault, "cars_tr_hs", FIRST_DAY, orphan)
        assert timeline(vault) == [("a", 8, 9)]


def test_a_row_that_moves_to_another_key_is_closed_under_the_old_one(vault: Vault) -> None:
    with vault.fresh():
        load(vault, "cars_tr_hs", FIRST_DAY, rows_of(("I", 8, "01", "a")))
        load(vault, "cars_tr_hs", FIRST_DAY, rows_of(("UN", 9, "02", "a")))
        assert timeline(vault) == [("a", 8, 9), ("a", 9, None)]
        assert vault.scalar("SELECT COUNT(DISTINCT tr_h_id) FROM edv.cars_tr_hs") == 2


def test_a_late_row_becomes_closed_history(vault: Vault) -> None:
    with vault.fresh():
        load(vault, "cars_tr_hs", FIRST_DAY, rows_of(("I", 8, "01", "a"), ("UN", 12, "01", "c")))
        load(vault, "cars_tr_hs", FIRST_DAY, rows_of(("UN", 10, "01", "b")))
        assert timeline(vault) == [("a", 8, 10), ("b", 10, 12), ("c", 12, None)]


def test_an_unchanged_row_adds_nothing_even_when_columns_are_null(vault: Vault) -> None:
    rows = [{**row, "tr_desc": None, "data_stat_cd": None} for row in rows_of(("I", 8, "01", "a"))]
    with vault.fresh():
        for number in range(3):
            day = FIRST_DAY + timedelta(days=number)
            load(vault, "cars_tr_hs", day, [{**row, "cdc_dt": day} for row in rows])
        assert timeline(vault) == [(None, 8, None)]


def test_two_columns_that_swap_their_values_are_a_change(vault: Vault) -> None:
    """The text that is hashed keeps columns apart, whatever they hold."""
    first, second = rows_of(("I", 8, "01", "a"), ("UN", 8, "01", "a"))
    pairs = [
        ("x", "y"),
        ("y", "x"),
        ('x", "y', None),
        (None, 'x", "y'),
        ("xy", ""),
        ("null", None),
        (None, None),
    ]
    with vault.fresh():
        rows = [
            {**(first if number == 0 else second), "tr_id": number, "tr_desc": text, "last_chg_user_nm": user}
            for number, (text, user) in enumerate(pairs)
        ]
        load(vault, "cars_tr_hs", FIRST_DAY, [{**row, "tr_id": 1} for row in rows])
        assert vault.scalar("SELECT COUNT(DISTINCT hash_dif) FROM edv.cars_tr_hs") == len(pairs)


def test_a_share_that_loses_its_customer_is_closed(vault: Vault, model: Model) -> None:
    midnight = datetime.combine(FIRST_DAY, time())
    row = {
        "bus_pty_shr_id": 1, "ag_prod_plan_id": 2, "core_cust_id": 3, "cdc_oper_cd": "I", "cdc_dt": FIRST_DAY,
        "last_chg_dt": midnight, "data_src_nm": "CARS_STG", "load_dt": midnight,
    }  # fmt: skip
    later = {**row, "core_cust_id": None, "cdc_oper_cd": "UN", "last_chg_dt": midnight + timedelta(hours=2)}
    with vault.fresh():
        load(vault, "crop_acrg_rpt_bus_pty_shr_ls", FIRST_DAY, [row])
        load(vault, "crop_acrg_rpt_bus_pty_shr_ls", FIRST_DAY, [later])
        ends = vault.rows("crop_acrg_rpt_bus_pty_shr_ls", ("data_eff_end_dt",))
        assert ends == [(midnight + timedelta(hours=2),)]


def test_a_second_open_row_of_an_entity_is_refused_by_the_database(vault: Vault) -> None:
    with vault.fresh():
        load(vault, "cars_tr_hs", FIRST_DAY, rows_of(("I", 8, "01", "a")))
        with pytest.raises(psycopg.errors.UniqueViolation, match="cars_tr_hs_open"):
            vault.conn.execute(
                "INSERT INTO edv.cars_tr_hs (tr_h_id, tr_id, load_dt, data_eff_strt_dt, data_src_nm, data_eff_end_dt,"
                " load_end_dt, hash_dif) SELECT tr_h_id, tr_id, load_dt + INTERVAL '1 hour', data_eff_strt_dt,"
                " data_src_nm, data_eff_end_dt, load_end_dt, hash_dif FROM edv.cars_tr_hs"
            )
