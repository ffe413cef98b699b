import io
import time
import zipfile
from dataclasses import dataclass
from typing import Any

from local_aws.server import LocalAws

ROLE = "arn:aws:iam::111122223333:role/glue"


def wheel(module: str, source: str) -> bytes:
    """A wheel with one module."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(f"{module}.py", source)
        archive.writestr(
            f"{module}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n"
        )
    return buffer.getvalue()


@dataclass
class Glue:
    """Short words for what the tests do with the Glue API."""

    aws: LocalAws

    def __post_init__(self) -> None:
        self.s3 = self.aws.client("s3")
        self.api = self.aws.client("glue")
        self.logs = self.aws.client("logs")

    def put(self, key: str, content: str | bytes) -> str:
        body = content.encode() if isinstance(content, str) else content
        self.s3.put_object(Bucket="glue-bucket", Key=key, Body=body)
        return f"s3://glue-bucket/{key}"

    def job(self, name: str, script: str, **definition: Any) -> str:
        location = self.put(f"glue/{name}.py", script)
        self.api.create_job(
            Name=name,
            Role=ROLE,
            Command={"Name": "glueetl", "ScriptLocation": location, "PythonVersion": "3"},
            **{"GlueVersion": "5.1", **definition},
        )
        return name

    def start(self, name: str, **options: Any) -> str:
        run_id: str = self.api.start_job_run(JobName=name, **options)["JobRunId"]
        return run_id

    def state(self, name: str, run_id: str) -> dict[str, Any]:
        run: dict[str, Any] = self.api.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        return run

    def wait(
        self, name: str, run_id: str, states: tuple[str, ...] = (), seconds: float = 30
    ) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while True:
            run = self.state(name, run_id)
            done = run["JobRunState"] in states if states else "CompletedOn" in run
            if done:
                return run
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"job run {run_id} of {name} is still {run['JobRunState']} after {seconds} s"
                )
            time.sleep(0.005)

    def run(self, name: str, **options: Any) -> dict[str, Any]:
        return self.wait(name, self.start(name, **options))

    def output(self, run: dict[str, Any], stream: str = "output") -> list[str]:
        events = self.logs.get_log_events(
            logGroupName=f"/aws-glue/jobs/{stream}", logStreamName=run["Id"], startFromHead=True
        )["events"]
        return [event["message"] for event in events]
