"""What a release is named by and contains."""

from sql_tree.release.contents import Release, digests, release_name, summary

FILES = {"EDV/A/2_DV_INSERT.sql": b"SELECT 1", "metadata/dv_tables.csv": b"etl_dv_tbl_id|dv_tbl_nm\n1|A\n"}


def test_names_and_contents_cannot_be_confused() -> None:
    assert release_name({"a": b"bc"}) != release_name({"ab": b"c"})
    assert len(release_name({})) == 32


def test_everything_is_the_files_and_the_manifest() -> None:
    release = Release("r1", FILES, {"release": "r1", "files": {}})
    assert release.everything == {**FILES, "manifest.json": release.manifest_bytes}
    assert digests(release.everything).keys() == release.everything.keys()


def test_the_summary_counts_files_bytes_and_the_tables_of_each_layer_that_has_some() -> None:
    release = Release("r1", FILES, {"tables": {"EDV": {"A": {}}, "DM": {}}})
    assert summary(release) == {
        "release": "r1",
        "files": 2,
        "bytes": sum(len(data) for data in FILES.values()),
        "tables": {"EDV": 1},
        "directories": {"EDV": 1, "metadata": 1},
    }
