"""A `python -m deployer` that records its calls and reads its answers from files in its directory.

`answers.json` beside it maps the words of a command to {"code", "out", "err"}; other commands succeed with "{}".
"""

import json
import os
import sys
from pathlib import Path

HOME = Path(__file__).parents[1]


def main() -> int:
    with (HOME / "calls.jsonl").open("a", encoding="utf-8") as calls:
        seen = {"argv": sys.argv[1:], "cwd": str(Path.cwd()), "endpoint": os.environ.get("AWS_ENDPOINT_URL")}
        calls.write(json.dumps(seen) + "\n")
    answers = json.loads((HOME / "answers.json").read_text(encoding="utf-8"))
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    answer = answers.get(" ".join(words[:2])) or {"out": "{}"}
    if isinstance(answer, list):
        turn = sum(
            1
            for line in (HOME / "calls.jsonl").read_text(encoding="utf-8").splitlines()
            if words == _words(line)
        )
        answer = answer[min(turn, len(answer)) - 1]
    sys.stdout.write(answer.get("out", ""))
    sys.stderr.write(answer.get("err", ""))
    return int(answer.get("code", 0))


def _words(line: str) -> list[str]:
    return [word for word in json.loads(line)["argv"] if not word.startswith("-")]


if __name__ == "__main__":
    sys.exit(main())
