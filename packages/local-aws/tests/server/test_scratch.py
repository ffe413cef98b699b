import os
import subprocess
import sys
from pathlib import Path

from local_aws.server.scratch import make_scratch


def test_directories_of_killed_servers_are_removed_and_those_of_living_ones_are_not(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / f"local-aws-{ended.pid}-x").mkdir()
    (tmp_path / f"local-aws-{os.getppid()}-x").mkdir()
    (tmp_path / "local-aws-of-somebody").mkdir()
    mine = make_scratch(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(
        [mine, tmp_path / f"local-aws-{os.getppid()}-x", tmp_path / "local-aws-of-somebody"]
    )
    assert mine.name.startswith(f"local-aws-{os.getpid()}-")
