import os
import signal
import subprocess
import sys
from dataclasses import replace

from stepfunctions_local_test.containers.owners import Owner, started_at, this_host


def test_owner_is_read_back_from_its_labels() -> None:
    owner = Owner.this_process()
    assert Owner.of(owner.labels) == owner
    assert owner.pid == os.getpid()


def test_a_living_owner_is_not_gone() -> None:
    assert not Owner.this_process().is_gone


def test_a_later_process_of_the_same_id_is_another_owner() -> None:
    assert replace(Owner.this_process(), started="1").is_gone


def test_of_another_host_nothing_is_certain() -> None:
    assert not Owner("elsewhere", 999_999_999, "1").is_gone


def test_a_killed_process_is_gone_even_before_it_is_reaped() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        owner = Owner(this_host(), child.pid, started_at(child.pid))
        assert owner.started
        assert not owner.is_gone
        child.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, and still in the table of processes
        assert owner.is_gone
    finally:
        child.kill()
        child.communicate()


def test_containers_of_others_have_no_owner() -> None:
    assert Owner.of({"maintainer": "somebody"}) is None
    assert Owner.of({**Owner.this_process().labels, "cars.stepfunctions-local.owner-pid": "many"}) is None
