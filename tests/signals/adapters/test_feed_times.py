"""Intervals of ISO 8601, in any time zone or refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.adapters.feed_times import interval_of
from signals.errors import InvalidRecordError

HOUR = timedelta(hours=1)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - hypothesis adds it


@given(TIMES, TIMES, st.sampled_from(["/", " / "]), st.sampled_from(["%z", "Z"]))
def test_every_interval_is_read(first: datetime, second: datetime, slash: str, zone: str) -> None:
    if zone == "Z":
        first, second = first.replace(tzinfo=UTC), second.replace(tzinfo=UTC)
    start, end = sorted([first, second + timedelta(days=1)])
    written_times = [time.strftime("%Y-%m-%dT%H:%M:%S.%f") + time.strftime(zone) for time in (start, end)]
    assert interval_of(slash.join(written_times), "dates") == (start, end)


def test_a_date_is_its_whole_day_and_a_time_without_an_offset_utc() -> None:
    whole = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC))
    assert interval_of("2026-03-01/2026-03-08", "dates") == whole
    assert interval_of("2026-03-01T00:00/2026-03-09T00:00", "dates") == whole
    assert interval_of("2026-03-01T00:00-0800/2026-03-09", "dates")[0] == whole[0] + 8 * HOUR


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-03-01", "dates: not a start and an end"),
        ("2026-03-01/", "dates: not a date or time of ISO 8601"),
        ("2026-03-01/P7D", "dates: not a date or time of ISO 8601"),
        ("2026-02-30/2026-03-01", "dates: not a date or time of ISO 8601"),
        ("2026-03-08/2026-03-01", "dates: the end is not after the start"),
        ("2026-03-01T12:00Z/2026-03-01T12:00Z", "dates: the end is not after the start"),
        ("2026-03-01/9999-12-31", "dates: not a date or time of ISO 8601"),
        ("0001-01-01T00:00+01:00/2026-03-01", "dates: not a date or time of ISO 8601"),
    ],
)
def test_a_broken_interval_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidRecordError, match=reason):
        interval_of(text, "dates")


@given(st.text(alphabet="0123456789-:/TZ+W P"))
def test_any_text_is_an_interval_or_refused(text: str) -> None:
    try:
        start, end = interval_of(text, "dates")
    except InvalidRecordError:
        return
    assert start < end
