"""Small builds in the shape `nox -s build` writes, made in a moment; the handlers really run."""

import hashlib
import json
import sys
import zipfile
from pathlib import Path

from deployer.blueprint.specs import SPECS

RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
HANDLER = "import os\n\n\ndef handler(event, context):\n    return {'event': event, 'env': os.environ['CARS_ENV']}\n"

UPLOAD = """
import io, zipfile


def handler(event, context):
    import boto3

    s3, source, target = boto3.client("s3"), event["input"], event["output"]
    body = s3.get_object(Bucket=source["bucket"], Key=source["key"])["Body"].read()
    archive = zipfile.ZipFile(io.BytesIO(body))
    for name in archive.namelist():
        s3.put_object(Bucket=target["bucket"], Key=f"{target['prefix']}/{name}", Body=archive.read(name))
    return {"uploaded": len(archive.namelist()), "skipped": 0}
"""


def write_lambda(build: Path, package: str, source: str = HANDLER) -> Path:
    """One Lambda zip whose handler is `{import name}.handler.handler`."""
    folder = build / "lambda" / RUNTIME
    folder.mkdir(parents=True, exist_ok=True)
    module = package.removeprefix("lambda-").replace("-", "_")
    names = {f"{module}/__init__.py": "", f"{module}/handler.py": source}
    path = folder / f"{package}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in names.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    about = {
        "package": package,
        "version": "0.1.0",
        "runtime": RUNTIME,
        "handler": f"{module}.handler.handler",
        "digest": hashlib.sha256(json.dumps(names).encode()).hexdigest(),
        "size": path.stat().st_size,
        "files": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in names.items()},
        "dependencies": {},
    }
    path.with_suffix(".json").write_text(json.dumps(about))
    return path


def write_glue(build: Path, script: str = "print('loaded')\n", version: str = "5.1") -> Path:
    """A Glue bundle with two wheels."""
    folder = build / "glue" / version
    (folder / "wheels").mkdir(parents=True, exist_ok=True)
    (folder / "datamart_exec_db_sql.py").write_text(script)
    wheels = ["process_control-0.1.0-py3-none-any.whl", "datamart_exec-0.1.0-py3-none-any.whl"]
    for name in wheels:
        (folder / "wheels" / name).write_bytes(name.encode())
    about = {
        "package": "glue-datamart-exec",
        "version": "0.1.0",
        "glue_version": version,
        "python": "3.11",
        "script": "datamart_exec_db_sql.py",
        "wheels": wheels,
        "digest": "0" * 64,
        "files": {},
    }
    (folder / "glue.json").write_text(json.dumps(about))
    return folder


def write_builds(build: Path) -> Path:
    """Everything a deploy needs."""
    for spec in SPECS:
        write_lambda(build, spec.package, UPLOAD if spec.suffix == "UploadConfig" else HANDLER)
    write_glue(build)
    return build
