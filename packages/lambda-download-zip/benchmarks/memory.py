"""Peak memory and time of DownloadZip runs against S3 emulated in another process.

    python benchmarks/memory.py [--megabytes 1024] [--members 5000 2 1]

For each number of objects: fills a bucket with incompressible ones, runs the handler of the built zip
(of the source tree where the build is missing or older) in a process of its own and prints that process's
peak resident memory (VmHWM). Wall-clock time includes the emulator's, which shares the machine's
processors: a bound from above. The two columns of processor time say whose it was.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from local_aws.measuring import Subject, incompressible, main

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EVENT = {"source_bucket": "bench-source", "source_folder": "in", "destination_bucket": "bench-target"}


def fill(s3: "S3Client", objects: int, size: int) -> None:
    for bucket in (EVENT["source_bucket"], EVENT["destination_bucket"]):
        s3.create_bucket(Bucket=bucket)
    content = incompressible(size)

    def put(number: int) -> None:
        key = f"{EVENT['source_folder']}/{number % 50:02}/{number:05}.bin"
        s3.put_object(Bucket=EVENT["source_bucket"], Key=key, Body=content(number))

    with ThreadPoolExecutor(4) as threads:
        for _ in threads.map(put, range(objects)):
            pass


SUBJECT = Subject(
    name="DownloadZip",
    items="objects",
    package=Path(__file__).resolve().parents[1],
    module="download_zip.handler",
    event=EVENT,
    size_field="zip_size_bytes",
    limit_mb=200,
    fill=fill,
)

if __name__ == "__main__":
    main(SUBJECT, __doc__)
