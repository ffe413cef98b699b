"""The base of all sections of an environment file."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    """Immutable, no unknown keys, an empty optional value counts as absent."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def without_empty_options(cls, section: Any) -> Any:
        """Removes optional keys that are null or blank, but for prefixes: an empty one is the root of a bucket."""
        if not isinstance(section, dict):
            return section
        optional = {
            field.alias or name: name for name, field in cls.model_fields.items() if not field.is_required()
        }
        return {
            key: value
            for key, value in section.items()
            if key not in optional or not _is_empty(value, is_prefix=optional[key].endswith("prefix"))
        }


def _is_empty(value: Any, *, is_prefix: bool) -> bool:
    return value is None or (isinstance(value, str) and not value.strip() and not is_prefix)
