import subprocess
import sys
from types import SimpleNamespace

import pytest

from local_aws.emulator.patching import PatchError, add, check_version, replace


def owner() -> SimpleNamespace:
    return SimpleNamespace(__name__="Owner", known=1)


def test_another_version_of_moto_is_refused_with_the_way_out() -> None:
    with pytest.raises(
        PatchError, match=r"moto is 5\.2\.6, the patches were written for 5\.2\.5; check every module"
    ):
        check_version("5.2.6")
    check_version()


def test_server_does_not_start_on_another_version_of_moto() -> None:
    program = (
        "from local_aws.emulator import settings; settings.MOTO_VERSION = '9.9.9'\n"
        "from local_aws.emulator import patching; patching.MOTO_VERSION = '9.9.9'\n"
        "from local_aws.server.runtimes import Runtimes; Runtimes('http://127.0.0.1:1', None, engine=None)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 1
    assert "the patches were written for 9.9.9" in run.stderr


def test_what_is_replaced_must_exist() -> None:
    target = owner()
    assert replace(target, "known", 2, reason="r") == 1
    assert target.known == 2
    with pytest.raises(PatchError, match=r"moto has no Owner\.gone to replace: because"):
        replace(target, "gone", 2, reason="because")


def test_what_is_added_must_not_exist_yet() -> None:
    target = owner()
    add(target, "new", 3, reason="r")
    assert target.new == 3
    with pytest.raises(
        PatchError, match=r"moto has Owner\.new now; drop ours, which was added because: missing"
    ):
        add(target, "new", 4, reason="missing")


def test_a_patch_without_a_reason_is_refused() -> None:
    with pytest.raises(PatchError, match="without a reason"):
        replace(owner(), "known", 2, reason="")
    with pytest.raises(PatchError, match="without a reason"):
        add(owner(), "new", 2, reason="")
