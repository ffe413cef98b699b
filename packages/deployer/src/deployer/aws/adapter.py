"""The interface of an adapter, and what several adapters read in the same way."""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from botocore.exceptions import ClientError

from deployer.model.resources import TAGS, Resource

R = TypeVar("R", bound=Resource)


class Adapter(Protocol[R]):
    """One kind of resource; `read` returns the model's type, so that a difference is `!=`."""

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
    """The tags that belong to the model: the deployer's, without an adapter's own (`without`), and those of the file."""
    found = tags or {}
    named, hidden = set(found.get(TAGS, "").split()), set(without)
    return {
        key: value
        for key, value in found.items()
        if (key.startswith("cars:") or key in named) and key not in hidden
    }


def dropped(have: Mapping[str, str], want: Mapping[str, str]) -> list[str]:
    """Keys of tags to remove: they were ours and have left the model.

    Adapters remove them before they set the other tags: one of those lists which tags are ours, and a deploy that is
    killed in between must not lose that.
    """
    return sorted(have.keys() - want.keys())


def tags_as_text(tags: Mapping[str, str]) -> str:
    """Tags as a description, for resources that cannot be tagged: `cars:applied=0f1e... cars:environment=DEV ...`."""
    return " ".join(f"{key}={value}" for key, value in sorted(tags.items()))


def tags_from_text(text: str | None) -> dict[str, str]:
    """The tags in a description written by `tags_as_text`; none in any other."""
    words = (word.partition("=") for word in (text or "").split())
    return our_tags({key: value for key, sign, value in words if sign})
