"""Many roles are made and read at once."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from local_aws.server import LocalAws

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


@pytest.fixture
def names(local_aws: LocalAws) -> list[str]:
    return [f"iam-reads-{number}" for number in range(40)]


def test_roles_can_be_read_while_others_are_made(local_aws: LocalAws, names: list[str]) -> None:
    iam = local_aws.client("iam")

    def make_and_read(name: str) -> str:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        return str(iam.get_role(RoleName=name)["Role"]["RoleName"])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(make_and_read, names)) == names
    for name in names:
        iam.delete_role(RoleName=name)


def test_a_walk_over_roles_is_not_disturbed_by_a_new_one() -> None:
    from moto.iam.models import IAMBackend

    from local_aws.patches.iam.reads import roles_now

    backend = IAMBackend("us-east-1", "111122223333")
    backend.roles.update({"one": object(), "two": object()})  # type: ignore[dict-item]
    walk = iter(roles_now(backend))
    next(walk)
    backend.roles["three"] = object()  # type: ignore[assignment]
    assert len(list(walk)) == 1
