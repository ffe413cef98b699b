"""Puts the fake deployer before the real one on PYTHONPATH."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class FakeDeployer:
    """The directory of the fake: its answers and the calls it saw."""

    home: Path

    def answer(self, answers: dict[str, Any]) -> None:
        """Set the answers of commands by their first two words."""
        (self.home / "answers.json").write_text(json.dumps(answers), encoding="utf-8")

    def calls(self) -> list[dict[str, Any]]:
        """The calls so far."""
        path = self.home / "calls.jsonl"
        return (
            [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            if path.exists()
            else []
        )

    def commands(self) -> list[str]:
        """The calls so far as text."""
        return [" ".join(call["argv"]) for call in self.calls()]


def install(home: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDeployer:
    """A fake in `home` that any interpreter finds as `deployer`."""
    package = home / "deployer"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    shutil.copy(Path(__file__).with_name("fake_deployer.py"), package / "__main__.py")
    monkeypatch.setenv("PYTHONPATH", str(home))
    fake = FakeDeployer(home)
    fake.answer({})
    return fake
