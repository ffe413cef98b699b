"""The environments of the proof, and the small release that they run."""

from pathlib import Path

import pytest

from cars_acceptance.permissions.cli import ENVIRONMENTS, Chosen, app
from cars_acceptance.permissions.deployment import small_tree
from cars_acceptance.permissions.environments import EVERYTHING, PLAIN

MADE = {
    "key": "k",
    "topic": "t",
    "network": {"SubnetIds": "s", "SecurityGroupIds": "g"},
    "file": "f",
    "module": "m",
}


def test_everything_has_the_optional_keys_and_plain_has_not() -> None:
    optional = {"lambdaVpc", "snsTopicArn", "kmsKeyArn", "schedule", "landing"}
    assert EVERYTHING.file(MADE).keys() - PLAIN.file({}).keys() == optional
    names = [item["ConnectionName"] for item in EVERYTHING.file(MADE)["GlueJobParameters"]["Connections"]]
    assert len(set(names)) == 2
    assert not set(EVERYTHING.buckets) & set(PLAIN.buckets)
    assert ENVIRONMENTS[Chosen.ALL] == (EVERYTHING, PLAIN)


def test_small_tree_keeps_one_vault_table_and_what_it_reads(tmp_path: Path) -> None:
    source = tmp_path / "car_configs"
    for name in (
        "STG/AG_PROD_PLAN/initial/AG_PROD_PLAN.sql",
        "STG/TR/initial/TR.sql",
        "EDV/TR_H/2_DV_INSERT.sql",
    ):
        (source / name).parent.mkdir(parents=True)
        (source / name).write_text("SELECT 1")
    (source / "metadata").mkdir()
    (source / "metadata/stg_tables.csv").write_text("tbl\nAG_PROD_PLAN\nTR\n")
    (source / "metadata/dv_tables.csv").write_text("etl_dv_tbl_id|dv_tbl_nm\n1|AG_PROD_PLAN_H\n2|TR_H\n")
    (source / "metadata/dv_tbl_dpnds.csv").write_text("etl_dv_tbl_id|rqr_etl_dv_tbl_id\n1|1\n2|1\n")
    tree = small_tree(source, tmp_path / "small")
    assert [path.name for path in sorted(tree.glob("*/*")) if path.is_dir()] == ["AG_PROD_PLAN"]
    assert (tree / "metadata/stg_tables.csv").read_text() == "tbl\nAG_PROD_PLAN\n"
    assert (tree / "metadata/dv_tables.csv").read_text() == "etl_dv_tbl_id|dv_tbl_nm\n1|AG_PROD_PLAN_H\n"
    assert (tree / "metadata/dv_tbl_dpnds.csv").read_text() == "etl_dv_tbl_id|rqr_etl_dv_tbl_id\n1|1\n"


def test_missing_car_configs_is_reported_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        app([])
    assert left.value.code == 1
    assert "there is no car_configs" in capsys.readouterr().out
