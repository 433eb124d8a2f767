"""Times and intervals as feeds write them, in ISO 8601. Without an offset a time is UTC."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from signals.errors import InvalidRecordError

DAY: Final = timedelta(days=1)
EXAMPLE: Final = "2026-03-01T00:00+0100/2026-03-08T00:00+0100"


def interval_of(text: str, field: str) -> tuple[datetime, datetime]:
    """Start (included) and end (excluded) in UTC. A date alone starts with its day, and ends with it as the end.

    Raises
    ------
    InvalidRecordError
        The text is not two times joined by "/", or the end is not after the start; the message names ``field``.
    """
    parts = text.split("/")
    if len(parts) != 2:
        raise InvalidRecordError(f"{field}: not a start and an end, as in {EXAMPLE}")
    return ordered(start_of(parts[0], field), end_of(parts[1], field), field)


def ordered(start: datetime, end: datetime, field: str) -> tuple[datetime, datetime]:
    """The two as they are; raises `InvalidRecordError` where the end is not after the start."""
    if start >= end:
        raise InvalidRecordError(f"{field}: the end is not after the start")
    return start, end


def start_of(text: str, field: str) -> datetime:
    """The time in UTC, that of a date being the day's first moment; raises `InvalidRecordError` if it is neither."""
    return _moment(text, field, timedelta())


def end_of(text: str, field: str) -> datetime:
    """As `start_of`, but a date lasts until the next one begins."""
    return _moment(text, field, DAY)


def _moment(text: str, field: str, length_of_day: timedelta) -> datetime:
    try:
        day = _date(text.strip())
        moment = datetime.fromisoformat(text.strip()) if day is None else datetime.combine(day, time()) + length_of_day
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidRecordError(f"{field}: not a date or time of ISO 8601, as in 2026-03-01T12:00+01:00") from None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
