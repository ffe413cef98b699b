"""A deployed function as the runtime sees it."""

import hashlib
import json
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Code:
    """A deployment archive: its digest and its bytes."""

    sha256: str
    content: bytes = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Function:
    """One version of a function: everything a worker depends on, and the ARN of the invocation."""

    arn: str
    invoked_arn: str
    name: str
    version: str
    runtime: str
    handler: str
    role: str
    code: Code
    timeout_seconds: int
    memory_mb: int
    environment: tuple[tuple[str, str], ...] = ()
    layers: tuple[Code, ...] = ()
    reserved_concurrency: int | None = None
    traced: bool = False

    @property
    def version_arn(self) -> str:
        """Its ARN with the version; `arn` is that of the function, whose concurrency all versions share."""
        return f"{self.arn}:{self.version}"

    @property
    def log_group(self) -> str:
        """Its log group."""
        return f"/aws/lambda/{self.name}"

    @property
    def fingerprint(self) -> str:
        """A key that changes whenever a new worker is needed."""
        parts = [
            self.version,
            self.runtime,
            self.handler,
            self.role,
            self.code.sha256,
            self.timeout_seconds,
            self.memory_mb,
            self.environment,
            [layer.sha256 for layer in self.layers],
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
