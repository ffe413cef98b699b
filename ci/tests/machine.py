"""A machine on which commands are small scripts, for the tests of what is written for bash."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

# Answers until SIGTERM, as far as `docker` below can tell.
DOCKERD = """
pid_file="${1#--pidfile=}"
trap 'rm -f "$pid_file" "$ANSWERS"; exit 0' TERM
echo $$ >"$pid_file"
touch "$ANSWERS"
while :; do sleep 0.05; done
"""
DOCKER = '[ -e "$ANSWERS" ]'


@dataclass(frozen=True)
class Machine:
    """Only some commands exist beside those of the system."""

    home: Path

    @property
    def path(self) -> str:
        return f"{self.home / 'bin'}:/usr/bin:/bin"

    @property
    def answers(self) -> Path:
        """Is there while a Docker engine answers."""
        return self.home / "answers"

    def command(self, name: str, script: str = "") -> None:
        path = self.home / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def bash(self, script: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": self.path, "HOME": str(self.home), "ANSWERS": str(self.answers), **variables}
        return subprocess.run(
            ["/bin/bash", str(script), *words], env=environment, capture_output=True, text=True, timeout=60
        )
