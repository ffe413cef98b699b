"""The shape every adapter has, and the waiting that IAM's eventual consistency asks for."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from botocore.exceptions import ClientError

from deployer.model import Resource

R = TypeVar("R", bound=Resource)
T = TypeVar("T")


class Adapter(Protocol[R]):
    """One kind of resource; `read` answers in the model's terms, so that a difference is `!=`."""

    def candidates(self, prefix: str) -> Iterable[str]:
        """Names of existing resources that begin with the environment's prefix, ours or not."""
        ...

    def read(self, name: str) -> R | None:
        """The resource, or None when there is none of that name."""
        ...

    def create(self, want: R) -> None: ...

    def update(self, have: R, want: R) -> None: ...

    def delete(self, have: R) -> None: ...


def code_of(error: ClientError) -> str:
    """AWS's name of an error, for example `ResourceNotFoundException`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", ""))


def our_tags(tags: Mapping[str, str] | None, *, without: Iterable[str] = ()) -> dict[str, str]:
    """The tags that belong to the model: ours, but for those that hold an adapter's bookkeeping."""
    hidden = set(without)
    return {
        key: value for key, value in (tags or {}).items() if key.startswith("cars:") and key not in hidden
    }


def eventually(
    call: Callable[[], T],
    pending: Callable[[ClientError], bool],
    *,
    wait: bool = True,
    attempts: int = 20,
    pause_seconds: float = 3.0,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Calls until it succeeds or fails otherwise than `pending`: a new role takes up to a minute to be seen.

    `wait` is False for a role that is not ours to make: it is not new, so an error is final.
    """
    for _ in range(attempts - 1 if wait else 0):
        try:
            return call()
        except ClientError as error:
            if not pending(error):
                raise
            sleep(pause_seconds)
    return call()
