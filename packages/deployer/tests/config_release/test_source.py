"""Which tree is compiled."""

from pathlib import Path

import pytest
from support.environments import environment

from deployer.config_release.source import source_of
from deployer.errors import ReleaseError


def test_missing_source_directory_names_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ReleaseError,
        match=r"configUpload.sourceDir 'nowhere' is not a directory: .*; name the folder that holds STG/",
    ):
        source_of(environment(configUpload={"sourceDir": "nowhere"}), None)
