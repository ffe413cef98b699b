"""An environment with UploadConfig, deployed once, and its config root."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.build_output import write_builds, write_lambda
from support.config_releases import route, wipe
from support.sandbox import TODAY, Sandbox

from deployer.aws.clients import Clients
from deployer.config_release.publish import Route
from deployer.preflight import checks

if TYPE_CHECKING:
    from local_aws.server import LocalAws

# Expands an archive. Names of releases say what goes wrong: it `dies` the first time after one file, or it `loses` some.
EXPANDS = """
import io, zipfile


def handler(event, context):
    import boto3

    s3, source, target = boto3.client("s3"), event["input"], event["output"]
    archive = zipfile.ZipFile(io.BytesIO(s3.get_object(Bucket=source["bucket"], Key=source["key"])["Body"].read()))
    keys = {name: target["prefix"] + "/" + name for name in archive.namelist()}
    again = "dies" not in target["prefix"] or exists(s3, target["bucket"], next(iter(keys.values())))
    loses = "loses" in target["prefix"]
    for number, (name, key) in list(enumerate(keys.items()))[loses:]:
        if number and not again:
            raise RuntimeError("out of memory")
        s3.put_object(Bucket=target["bucket"], Key=key, Body=b"other" if loses else archive.read(name))


def exists(s3, bucket, key):
    try:
        return bool(s3.get_object(Bucket=bucket, Key=key))
    except s3.exceptions.ClientError:
        return False
"""


@pytest.fixture(scope="session")
def deployed(
    furnished_aws: "LocalAws",
    recorded_clients: tuple[Clients, list[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Sandbox:
    """The environment; its clients are made, so that tests need no variables."""
    folder = tmp_path_factory.mktemp("pushed")
    sandbox = Sandbox("PUSHED", write_builds(folder / "build"), furnished_aws, *recorded_clients)
    write_lambda(sandbox.build_dir, "lambda-upload-config", EXPANDS)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in furnished_aws.env.items():
            patch.setenv(name, value)
        patch.setattr(checks, "today", lambda: TODAY)
        route(sandbox, folder)  # the role may write to its config root
        sandbox.deploy()
    return sandbox


@pytest.fixture
def root(deployed: Sandbox, tmp_path: Path) -> Route:
    """The way to its config root, which is empty."""
    way = route(deployed, tmp_path / "records")
    wipe(deployed, way)
    return way
