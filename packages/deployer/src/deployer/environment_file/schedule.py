"""`schedule`: when the EDV pipeline starts by itself; a bare expression, or an object with the expression in it."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, model_validator

from deployer.environment_file.expressions import schedule_expression
from deployer.environment_file.section import Section
from deployer.environment_file.values import Flag, RoleArn, Whole, text

_ZONE = "an IANA time zone, for example America/New_York"
_INSTANT = "a date or an instant, 2026-06-01 or 2026-06-01T09:00:00Z"
_EVERYWHERE = "America/New_York"


def _expression(value: Any) -> str:
    return schedule_expression(text(value))


def _zone(value: Any) -> str:
    """The name of a time zone; on a machine without time zone data only AWS checks it."""
    name = text(value)
    if not _is_zone(name) and _is_zone(_EVERYWHERE):
        raise ValueError(_ZONE)
    return name


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _instant(value: Any) -> datetime | None:
    """An instant in UTC; a date is its midnight, an instant without an offset is in UTC."""
    written = text(value)
    try:
        found = datetime.fromisoformat(written)
        if len(written) == len("2026-06-01"):
            found = datetime.combine(date.fromisoformat(written), datetime.min.time())
    except ValueError:
        raise ValueError(_INSTANT) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def _run_type(value: Any) -> str:
    return text(value).lower()


Instant = Annotated[datetime | None, BeforeValidator(_instant)]


class Schedule(Section):
    """One schedule; defaults are those of EventBridge Scheduler, but with fewer and faster retries."""

    expression: Annotated[str, BeforeValidator(_expression)]
    timezone: Annotated[str, BeforeValidator(_zone), Field(max_length=50, description=_ZONE)] = "UTC"
    enabled: Flag = Field(True, description="true or false")
    run_type: Annotated[
        Literal["initial", "incremental"],
        BeforeValidator(_run_type),
        Field(alias="runType", description="initial or incremental"),
    ] = "incremental"
    start_date: Instant = Field(None, alias="startDate", description=_INSTANT)
    end_date: Instant = Field(None, alias="endDate", description=_INSTANT)
    flexible_minutes: Whole = Field(
        0, alias="flexibleMinutes", ge=0, le=1440, description="minutes, 0 to 1440; 0 starts on time"
    )
    maximum_retry_attempts: Whole = Field(
        3, alias="maximumRetryAttempts", ge=0, le=185, description="a whole number, 0 to 185"
    )
    role_arn: RoleArn = Field(None, alias="roleArn")
    maximum_event_age_seconds: Whole = Field(
        3600, alias="maximumEventAgeSeconds", ge=60, le=86400, description="seconds, 60 to 86400"
    )

    @model_validator(mode="before")
    @classmethod
    def bare_expression(cls, value: Any) -> Any:
        """`"cron(0 9 * * ? *)"` is short for `{"expression": "cron(0 9 * * ? *)"}`."""
        return {"expression": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> Self:
        if self.start_date and self.end_date and self.start_date >= self.end_date:
            raise ValueError("an endDate after its startDate")
        return self
