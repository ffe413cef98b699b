"""Names without case, `*`, and marts of either layer: trees that others wrote compile."""

import shutil
from pathlib import Path

import pytest
from trees import HUB, INCREMENTAL, INITIAL, add_marts, found, put

from sql_tree.compiler.compile import compile_tree, examine_tree

DIM = "INSERT INTO car_dm_stg.a_dim (id) SELECT farm_id FROM edv.farm_h ON CONFLICT DO NOTHING;"
SUMM = "TRUNCATE TABLE car_dm_stg.b_summ; INSERT INTO car_dm_stg.b_summ (n) SELECT COUNT(*) FROM car_dm_stg.a_dim;"


def test_names_are_compared_without_case_and_the_manifest_has_one_spelling(small: Path) -> None:
    before = compile_tree(small, checks=[]).manifest
    put(small, "metadata/stg_tables.csv", "tbl\nfarm\n")
    put(small, "metadata/dv_tables.csv", "etl_dv_tbl_id|dv_tbl_nm\n1|farm_h\n2|Farm_Hs\n")
    put(small, "metadata/external_tables.csv", "TBL\nFSA-{env}-CARS.farm\nfsa-{env}-cars-cdc.FARM\n")
    (small / "EDV/FARM_H").rename(small / "EDV/farm_h")
    (small / "EDV/farm_h/2_DV_INSERT.sql").rename(small / "EDV/farm_h/2_dv_insert.sql")
    (small / "STG/FARM/initial/FARM.sql").rename(small / "STG/FARM/initial/farm.sql")
    after = compile_tree(small, checks=[]).manifest
    assert after["groups"] == before["groups"]
    assert {layer: list(tables) for layer, tables in after["tables"].items()} == {
        layer: list(tables) for layer, tables in before["tables"].items()
    }
    hub = after["tables"]["EDV"]["FARM_H"]
    assert hub["scripts"] == ["EDV/farm_h/2_dv_insert.sql"]
    assert hub["requires"] == before["tables"]["EDV"]["FARM_H"]["requires"]


def test_two_folders_that_differ_in_case_are_one_table(small: Path) -> None:
    put(small, "STG/farm/initial/farm.sql", (small / INITIAL).read_text(encoding="utf-8"))
    assert "script-order STG/farm/initial/farm.sql" in found(small)


def test_a_star_of_a_subquery_a_cte_or_a_known_table_is_expanded(small: Path) -> None:
    new = "(SELECT DISTINCT s.farm_id FROM cars_stg.farm AS s) q"
    select = f"SELECT q.* FROM {new} LEFT JOIN edv.farm_h v ON q.farm_id = v.farm_id"
    for query in (
        f"({select} WHERE v.farm_id IS NULL)",
        "WITH q AS (SELECT farm_id FROM cars_stg.farm) SELECT * FROM q EXCEPT SELECT farm_id FROM edv.farm_h",
        "SELECT s.* FROM cars_stg.farm AS s WHERE NOT EXISTS (SELECT 1 FROM edv.farm_h AS h WHERE h.farm_id = s.farm_id)",
    ):
        put(small, HUB, f"INSERT INTO edv.farm_h (farm_id) {query}")
        assert found(small) == []


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO edv.farm_h (farm_id) SELECT g.x FROM generate_series(1, 3) AS g(x) ON CONFLICT DO NOTHING",
        "MERGE INTO edv.farm_h AS t USING (SELECT farm_id FROM cars_stg.farm) s ON t.farm_id = s.farm_id"
        " WHEN NOT MATCHED THEN INSERT (farm_id) VALUES (s.farm_id)",
        "DELETE FROM edv.farm_h h USING cars_stg.farm t WHERE h.farm_id = t.farm_id",
        "UPDATE edv.farm_h SET farm_id = x.farm_id FROM (SELECT t.*, 1 AS n FROM cars_stg.farm t) x WHERE x.n = 1",
        "INSERT INTO edv.farm_h (farm_id) WITH RECURSIVE q AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM q WHERE a < 3)"
        " SELECT q.a FROM q ON CONFLICT (farm_id) DO UPDATE SET farm_id = EXCLUDED.farm_id",
        "INSERT INTO edv.farm_h (farm_id) SELECT l.x FROM cars_stg.farm t CROSS JOIN LATERAL (SELECT t.farm_id AS x) l"
        " WHERE NOT EXISTS (SELECT 1 FROM edv.farm_h AS h WHERE h.farm_id = l.x)",
        "INSERT INTO edv.farm_h (farm_id) VALUES (1), (2) ON CONFLICT DO NOTHING",
        "INSERT INTO edv.farm_h (farm_id) SELECT l.x FROM cars_stg.farm t CROSS JOIN LATERAL (SELECT t.farm_id AS x) l"
        " ON CONFLICT (farm_id) DO UPDATE SET farm_id = EXCLUDED.farm_id",
        "INSERT INTO edv.farm_h (farm_id) OVERRIDING USER VALUE SELECT farm_id FROM cars_stg.farm ON CONFLICT DO NOTHING",
        "MERGE INTO edv.farm_h AS t USING cars_stg.farm AS s ON t.farm_id = s.farm_id"
        " WHEN NOT MATCHED THEN INSERT VALUES (s.farm_id)",
        "CREATE TEMP TABLE x ON COMMIT DROP AS SELECT farm_id FROM cars_stg.farm; ANALYZE x;"
        " DELETE FROM edv.farm_h USING x WHERE x.farm_id = farm_h.farm_id; DROP TABLE x;;",
        "SELECT farm_id INTO TEMP x FROM cars_stg.farm; DELETE FROM edv.farm_h WHERE farm_id IN (TABLE x)",
        "DELETE FROM edv.farm_h WHERE farm_id IN (SELECT v.a FROM (VALUES (1, 2)) AS v(a, b))",
    ],
)
def test_statements_of_other_styles_have_no_finding(small: Path, text: str) -> None:
    put(small, HUB, text)
    assert found(small) == []


def test_a_star_that_is_too_wide_is_still_found(small: Path) -> None:
    put(
        small,
        HUB,
        "INSERT INTO edv.farm_h (farm_id) SELECT q.* FROM (SELECT farm_id, 1 AS b FROM cars_stg.farm) q",
    )
    assert found(small) == [f"value-count {HUB}:1:13", f"not-idempotent {HUB}:1:13"]


def test_staging_that_selects_a_star_of_unknown_columns_names_them(small: Path) -> None:
    put(small, INITIAL, "SELECT d.* FROM `fsa-{env}-cars`.`farm` AS d")
    assert found(small) == [f"staging-columns {INITIAL}"]


def test_a_shared_mart_requires_the_mart_that_loads_what_it_reads(small: Path) -> None:
    add_marts(small, "A_DIM", "B_SUMM", needs="2|1\n")
    put(small, "DM/B_SUMM/1_DM_INSERT.sql", SUMM)
    for layer, other in (("DM", "CAR_DM"), ("CAR_DM", "DM")):
        (small / other / "A_DIM/1_DM_INSERT.sql").unlink(missing_ok=True)
        put(small, f"{layer}/A_DIM/1_DM_INSERT.sql", DIM)
        tables = compile_tree(small, checks=[]).manifest["tables"]
        assert tables["DM"]["B_SUMM"]["requires"] == [f"{layer}.A_DIM"]


def test_a_shared_mart_may_be_built_in_the_schema_of_its_kind(small: Path) -> None:
    add_marts(small, "CUST_DIM", "B_SUMM", needs="2|1\n")
    put(small, "DM/CUST_DIM/1_DM_INSERT.sql", DIM.replace("car_dm_stg.a_dim", "cmn_dim_dm_stg.cust_dim"))
    put(small, "CAR_DM/B_SUMM/1_DM_INSERT.sql", SUMM.replace("car_dm_stg.a_dim", "cmn_dim_dm_stg.cust_dim"))
    tables = compile_tree(small, checks=[]).manifest["tables"]
    assert tables["CAR_DM"]["B_SUMM"]["requires"] == ["DM.CUST_DIM"]


def test_a_mart_that_reads_a_mart_without_requiring_it_is_found(small: Path) -> None:
    add_marts(small, "A_DIM", "B_SUMM")
    put(small, "CAR_DM/A_DIM/1_DM_INSERT.sql", DIM)
    put(small, "DM/B_SUMM/1_DM_INSERT.sql", SUMM)
    assert found(small) == [
        f"missing-requirement DM/B_SUMM/1_DM_INSERT.sql:1:{SUMM.index('car_dm_stg.a_dim') + 1}"
    ]


def test_two_writers_of_one_table_are_found_once(small: Path) -> None:
    add_marts(small, "A_DIM")
    put(small, "DM/A_DIM/1_DM_INSERT.sql", DIM)
    put(small, "CAR_DM/A_DIM/1_DM_INSERT.sql", DIM.replace("INSERT INTO", "INSERT"))
    assert found(small) == [
        f"{code} CAR_DM/A_DIM/1_DM_INSERT.sql:1:8" for code in ("postgres-syntax", "two-writers")
    ]


def test_a_layer_that_is_a_copy_is_one_cause_and_two_writers_follow_from_it(small: Path) -> None:
    add_marts(small, "A_DIM", "C_DIM")
    for layer in ("DM", "CAR_DM"):
        for name in ("a_dim", "c_dim"):
            put(small, f"{layer}/{name.upper()}/1_DM_INSERT.sql", DIM.replace("a_dim", name))
    assert [line.split()[0] for line in found(small)].count("two-writers") == 2
    put(
        small,
        "metadata/waivers.csv",
        "code|file|match|reason\ncopied-layer|CAR_DM/*||the copy goes with the next release\n",
    )
    assert found(small) == []
    tables = compile_tree(small, checks=[]).manifest["tables"]
    assert (tables["DM"]["A_DIM"]["writes"], tables["CAR_DM"]["A_DIM"]["writes"]) == (
        ["car_dm_stg.a_dim"],
    ) * 2


def test_without_ddl_staging_tables_are_taken_to_exist_and_a_note_says_so(small: Path) -> None:
    shutil.rmtree(small / "DDL")
    compiled = examine_tree(small, checks=[])
    assert not compiled.findings.open
    assert any("no DDL/CARS_STG" in note and "not compared" in note for note in compiled.notes)
    put(small, INITIAL, "SELECT * FROM `fsa-{env}-cars`.`farm` AS d\n")
    assert found(small) == []
    put(small, INITIAL, "SELECT d.id AS farm_id, d.no AS farm_id FROM `fsa-{env}-cars`.`farm` AS d\n")
    assert found(small) == [f"staging-columns {INITIAL}"]


@pytest.mark.parametrize("declares", [True, False])
def test_databases_of_one_environment_are_one_finding_each_with_what_to_write(
    small: Path, declares: bool
) -> None:
    if not declares:
        (small / "metadata/external_tables.csv").unlink()
    put(small, INITIAL, "SELECT d.id AS farm_id FROM `fsa-prod-cars`.`farm` AS d\n")
    changes = "SELECT d.id AS farm_id FROM `fsa-prod-cars-cdc`.`farm` AS d WHERE d.dart_filedate = '{ETL_START_DATE}'"
    put(small, INCREMENTAL, changes)
    assert found(small) == [f"one-environment {INCREMENTAL}:1:29", f"one-environment {INITIAL}:1:29"]
    texts = [item.problem.text for item in examine_tree(small, checks=[]).findings.open]
    assert texts[0].startswith("reads fsa-prod-cars-cdc")
    assert texts[0].endswith("write `fsa-{env}-cars-cdc`")
    assert texts[1].endswith("write `fsa-{env}-cars`")


def test_a_declared_table_of_another_environment_is_read_on_purpose(small: Path) -> None:
    put(small, INITIAL, "SELECT d.id AS farm_id FROM `fsa-prod-cars`.`farm` AS d\n")
    listed = (small / "metadata/external_tables.csv").read_text()
    put(small, "metadata/external_tables.csv", f"{listed}fsa-prod-cars.farm\n")
    assert found(small) == []


def test_a_bare_tree_needs_neither_model_nor_external_tables(small: Path) -> None:
    (small / "metadata/external_tables.csv").unlink()
    assert found(small) == []
    put(
        small,
        HUB,
        "INSERT INTO edv.farm_h (farm_id) SELECT c.id FROM other.cust AS c ON CONFLICT DO NOTHING;",
    )
    assert found(small) == [f"undeclared-table {HUB}:1:51"]
    put(
        small,
        HUB,
        "INSERT INTO edv.farm_h (farm_id) SELECT c.id FROM cars_stg.farn AS c ON CONFLICT DO NOTHING;",
    )
    assert found(small) == [f"unknown-table {HUB}:1:51"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "WITH x AS (INSERT INTO edv.farm_hs (farm_id) SELECT 1 ON CONFLICT DO NOTHING) DELETE FROM edv.farm_h",
            "foreign-write 1:24",
        ),
        ('WITH x AS (DELETE FROM "edv"."farm_hs" RETURNING 1) DELETE FROM edv.farm_h', "foreign-write 1:24"),
        ("DELETE FROM edv.farm_h;\nSELECT 1 AS a INTO edv.kept", "not-a-load 2:20"),
        ("SET search_path = edv, cars_stg; DELETE FROM edv.farm_h", "not-a-load 1:1"),
        ("DELETE FROM edv.farm_h;\nSAVEPOINT a", "transaction 2:1"),
        ("DELETE FROM edv.farm_h; END", "transaction 1:25"),
        ("START TRANSACTION; DELETE FROM edv.farm_h", "transaction 1:1"),
        ("DELETE FROM edv.farm_h;\nCALL edv.load()", "not-understood 2:1"),
        ("DELETE FROM edv.farm_h WHERE `farm_id` = 1", "postgres-syntax 1:30"),
        ("UPDATE edv.farm_h SET (farm_id, nope) = (1, 2)", "unknown-column 1:33"),
        ("INSERT INTO edv.farm_h (farm_id) SELECT 1 ON CONFLICT (nope) DO NOTHING", "unknown-column 1:56"),
        (
            "INSERT INTO edv.farm_h (farm_id) SELECT 1 ON CONFLICT (farm_id) DO UPDATE SET nope = 1",
            "unknown-column 1:79",
        ),
        (
            "INSERT INTO edv.farm_h (farm_id) SELECT 1 ON CONFLICT (farm_id) DO UPDATE SET farm_id = excluded.nope",
            "unknown-column 1:89",
        ),
        (
            "MERGE INTO edv.farm_h t USING cars_stg.farm s ON t.farm_id = s.farm_id WHEN MATCHED THEN UPDATE SET nope = 1",
            "unknown-column 1:101",
        ),
        ("DELETE FROM edv.farm_h USING (SELECT farm_id FROM cars_stg.farm) q WHERE q.nope = 1", "unknown-column 1:74"),
        ("INSERT INTO edv.farm_h (farm_id) VALUES (1, 2) ON CONFLICT DO NOTHING", "value-count 1:13"),
        ("INSERT INTO edv.farm_h SELECT 1, 2 ON CONFLICT DO NOTHING", "value-count 1:13"),
        ("DELETE FROM edv.farm_h WHERE farm_id < sysdate", "clock 1:40"),
        ("DELETE FROM edv.farm_h;\n/* the last", "unclosed-quote 2:1"),
        ("DELETE FROM edv.farm_h WHERE 'a' = $q$b", "unclosed-quote 1:36"),
    ],
)  # fmt: skip
def test_faults_inside_a_right_script_are_one_finding_each(small: Path, text: str, expected: str) -> None:
    put(small, HUB, text)
    code, _, at = expected.partition(" ")
    assert found(small) == [f"{code} {HUB}:{at}"]


def test_ddl_may_hold_grants_comments_functions_and_code(small: Path) -> None:
    put(
        small,
        "DDL/EDV/2_ROLES.sql",
        "DO $$ BEGIN CREATE ROLE reader; END $$; GRANT USAGE ON SCHEMA edv TO reader; SET search_path = edv, pg_catalog;"
        "GRANT SELECT ON ALL TABLES IN SCHEMA edv TO reader; COMMENT ON TABLE edv.farm_h IS 'it''s; one';"
        "CREATE FUNCTION edv.f(v text) RETURNS text LANGUAGE sql AS $f$ SELECT upper(v); $f$; CREATE SEQUENCE edv.s;",
    )
    assert found(small) == []
