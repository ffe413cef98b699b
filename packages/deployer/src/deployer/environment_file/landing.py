"""`landing`: how many job runs a landing has, and what it does with objects that are not as declared."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from deployer.environment_file.section import Section
from deployer.environment_file.values import Whole, optional_matching

_PERCENT = "a percentage from 0 to 100"
_WHOLE = "a whole number from 1"


def _word(*words: str) -> BeforeValidator:
    def check(value: Any) -> str:
        found = str(value).strip().lower()
        if found not in words:
            raise ValueError(" or ".join(words))
        return found

    return BeforeValidator(check)


class Landing(Section):
    """What is left out has the job's own default."""

    batches: Whole = Field(4, ge=1, le=100, description="job runs of a landing, 1 to 100")
    reject_percent: Annotated[str | None, optional_matching(r"100|[0-9]{1,2}(\.[0-9]{1,6})?", _PERCENT)] = (
        Field(None, alias="rejectPercent")
    )
    on_unreadable: Annotated[str, _word("fail", "continue")] | None = Field(None, alias="onUnreadable")
    on_missing_column: Annotated[str, _word("fail", "null")] | None = Field(None, alias="onMissingColumn")
    keep_dates: Whole | None = Field(None, alias="keepDates", ge=1, description=_WHOLE)
    keep_snapshots: Whole | None = Field(None, alias="keepSnapshots", ge=1, description=_WHOLE)

    @property
    def arguments(self) -> dict[str, str]:
        """The Glue arguments that the keys stand for."""
        names = ("reject_percent", "on_unreadable", "on_missing_column", "keep_dates", "keep_snapshots")
        given = {f"--{name}": getattr(self, name) for name in names}
        return {name: str(value) for name, value in given.items() if value is not None}
