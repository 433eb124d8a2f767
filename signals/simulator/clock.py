"""When people shop: the hours of the day and the days of the week."""

from datetime import UTC, datetime, timedelta

import numpy as np

from signals.simulator.market import FloatArray, IntArray

MICROSECONDS = 1_000_000
HOUR = 3_600 * MICROSECONDS
DAY = 24 * HOUR
LONGEST_SESSION_HOURS = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOURS = (
    *(6.0, 3.0, 1.5, 1.0, 1.0, 2.0, 6.0, 14.0, 22.0, 27.0, 30.0, 33.0),
    *(40.0, 38.0, 31.0, 29.0, 31.0, 37.0, 46.0, 58.0, 66.0, 60.0, 38.0, 16.0),
)
_WEEKDAYS = (1.0, 0.94, 0.92, 0.96, 0.98, 1.18, 1.34)


class Clock:
    """Turns places in [0, 1) into times: microseconds since 1970, denser at the hours when people shop.

    No time falls in the last two hours, so that a session that starts there ends within the range.
    """

    def __init__(self, end: datetime, days: int) -> None:
        self.end = int((end - _EPOCH) / timedelta(microseconds=1))
        self.start = self.end - days * DAY
        hours = self.start // HOUR + np.arange(days * 24 - LONGEST_SESSION_HOURS)
        weekday = (hours // 24 + 3) % 7
        busy = np.array(_HOURS)[hours % 24] * np.array(_WEEKDAYS)[weekday]
        self._edges = np.concatenate([[0.0], np.cumsum(busy) / busy.sum()])

    def at(self, places: FloatArray) -> IntArray:
        hours = np.interp(places, self._edges, np.arange(len(self._edges)))
        return self.start + np.floor(hours * HOUR).astype(np.int64)
