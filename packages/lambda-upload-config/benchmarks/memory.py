"""Peak memory and time of UploadConfig runs against S3 emulated in another process.

    python benchmarks/memory.py [--megabytes 1024] [--members 5000 2 1]

For each number of members: uploads an archive of incompressible ones, runs the handler of the built zip
(of the source tree where the build is missing or older) in a process of its own and prints that process's
peak resident memory (VmHWM). Wall-clock time includes the emulator's, which shares the machine's
processors: a bound from above. The two columns of processor time say whose it was.
"""

import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from local_aws.measuring import Subject, incompressible, main

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EVENT = {
    "input": {"bucket": "bench-source", "key": "archive.zip"},
    "output": {"bucket": "bench-target", "prefix": "out"},
}


def fill(s3: "S3Client", members: int, size: int) -> None:
    """An archive written and uploaded as it comes."""
    for place in (EVENT["input"], EVENT["output"]):
        s3.create_bucket(Bucket=place["bucket"])
    content = incompressible(size)
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for number in range(members):
                archive.writestr(f"{number % 50:02}/{number:05}.bin", content(number))
        file.seek(0)
        s3.upload_fileobj(file, EVENT["input"]["bucket"], EVENT["input"]["key"])


SUBJECT = Subject(
    name="UploadConfig",
    items="members",
    package=Path(__file__).resolve().parents[1],
    module="upload_config.handler",
    event=EVENT,
    size_field="bytes_uploaded",
    limit_mb=200,
    fill=fill,
)

if __name__ == "__main__":
    main(SUBJECT, __doc__)
