"""Who deploys, from where and by which build."""

import os

from deployer.guard.identity import build_url, holder_here, who


def test_holder_is_the_session_the_user_and_the_build() -> None:
    arn = "arn:aws:sts::111122223333:assumed-role/Deployer/build-17"
    holder = holder_here(arn, "deploy DEV", {"BUILD_URL": "https://bot:hidden@ci.example.com/job/7/"})
    assert holder.who == "role Deployer, session build-17"
    assert holder.pid == os.getpid()
    assert holder.build_url == "https://ci.example.com/job/7/"
    assert who("arn:aws:iam::111122223333:user/team/anna") == "user anna"
    assert who("arn:aws:iam::111122223333:root") == "root"


def test_build_is_found_on_other_ci_systems() -> None:
    github = {
        "GITHUB_SERVER_URL": "https://git.example.com",
        "GITHUB_REPOSITORY": "team/cars",
        "GITHUB_RUN_ID": "7",
    }
    assert build_url(github) == "https://git.example.com/team/cars/actions/runs/7"
    assert build_url({"CI_JOB_URL": "https://lab.example.com/-/jobs/1"}) == "https://lab.example.com/-/jobs/1"
    assert build_url({}) is None
