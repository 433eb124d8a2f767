"""Writes tried again while the database is away or in use: what was written before is not written twice."""

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from signals.errors import DatabaseConflictError, DatabaseLockedError, DatabaseUnreachableError

PATIENCE_SECONDS: Final = 60.0
FIRST_DELAY_SECONDS: Final = 0.05
LONGEST_DELAY_SECONDS: Final = 2.0
PASSING: Final = (DatabaseUnreachableError, DatabaseLockedError, DatabaseConflictError)
"""Errors that may be gone the next time."""

Result = TypeVar("Result")


def patiently(attempt: Callable[[], Result], patience_seconds: float = PATIENCE_SECONDS) -> Result:
    """The first result of ``attempt`` without a passing error, after pauses that grow and differ by chance.

    Raises
    ------
    DatabaseUnreachableError, DatabaseLockedError, DatabaseConflictError
        The error of the last attempt, where the next would have begun later than ``patience_seconds`` from the call.
    """
    deadline = time.monotonic() + patience_seconds
    failures = 0
    while True:
        try:
            return attempt()
        except PASSING:
            pause = _pause(failures)
            if time.monotonic() + pause > deadline:
                raise
        time.sleep(pause)
        failures += 1


def _pause(failures: int) -> float:
    longest = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0 ** min(failures, 32))
    return random.uniform(0, longest)  # noqa: S311 - so that processes that failed together do not return together
