"""The measured process: does what Lambda does (import, then one call) and prints its own peak and times.

    python call.py MODULE EVENT

Must import the standard library only: whatever is imported here would count as the handler's memory.
The last line of standard output is JSON: peak_mb (VmHWM), seconds (of the call), cpu (seconds), answer.
"""

import importlib
import json
import resource
import sys
import time
from pathlib import Path


class Context:
    """As Lambda's, with its longest timeout."""

    aws_request_id = "measured"

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def main(module: str, event: str) -> None:
    handler = importlib.import_module(module).handler
    started = time.perf_counter()
    answer = handler(json.loads(event), Context())
    seconds = time.perf_counter() - started
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    used = resource.getrusage(resource.RUSAGE_SELF)
    measured = {"peak_mb": peak / 1024, "seconds": seconds, "cpu": used.ru_utime + used.ru_stime}
    print(json.dumps(measured | {"answer": answer}))  # noqa: T201 - what the measuring process reads


if __name__ == "__main__":
    main(*sys.argv[1:])
