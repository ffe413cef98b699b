"""What a build consists of: Lambda zips, the Glue script and its wheels, with digests; pure data."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LambdaBuild:
    """One Lambda zip; `digest` is over uncompressed names, modes and bytes, `files` are digests by name inside."""

    package: str
    version: str
    handler: str
    digest: str
    path: Path
    files: Mapping[str, str]


@dataclass(frozen=True)
class Wheel:
    """One wheel for Glue with the sha256 of its bytes."""

    name: str
    digest: str
    path: Path


@dataclass(frozen=True)
class GlueBuild:
    """The Glue script and its wheels in install order."""

    version: str
    script: Path
    script_digest: str
    wheels: tuple[Wheel, ...]

    @property
    def files(self) -> Mapping[str, str]:
        """Digests by name: the script, and each wheel as one file."""
        wheels = {f"wheels/{wheel.name}": wheel.digest for wheel in self.wheels}
        return {self.script.name: self.script_digest, **wheels}

    @property
    def digest(self) -> str:
        """One digest over script and wheels."""
        text = json.dumps(self.files, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Builds:
    """Everything a deploy sends."""

    lambdas: Mapping[str, LambdaBuild]
    glue: GlueBuild
