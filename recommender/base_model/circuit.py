"""The circuit breaker before an endpoint: while it is down, a request fails at once instead of waiting for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from recommender.errors import WriterError


class EndpointFailure(WriterError):  # noqa: N818  # its opposite is a refusal, which is an error as well
    """The endpoint failed, not the request: what a circuit counts."""


class CircuitBreaker:
    """Opens after consecutive failures; after a pause it lets one request through, and closes if that one succeeds.

    Only an `EndpointFailure` is a failure. Any other exception says nothing about the endpoint. Thread-safe.

    Parameters
    ----------
    clock : seconds, never going back
    """

    def __init__(
        self, failures_to_open: int, open_seconds: float, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._failures_to_open = failures_to_open
        self._open_seconds = open_seconds
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._opened_at: float | None = None
        self._trial_running = False

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Runs one request. Raises `WriterError` at once while the circuit is open."""
        trial = self._admit()
        try:
            yield
        except EndpointFailure:
            self._failed(trial)
            raise
        else:
            self._succeeded()
        finally:
            if trial:
                self._trial_running = False

    def _admit(self) -> bool:
        """Whether this request is the one trial; raises where it may not run at all."""
        with self._lock:
            if self._opened_at is None:
                return False
            waiting = self._opened_at + self._open_seconds - self._clock()
            if waiting > 0:
                raise WriterError(f"{self._reason()}; it is tried again in {waiting:.1f} s")
            if self._trial_running:
                raise WriterError(f"{self._reason()}; one request is trying it now")
            self._trial_running = True
            return True

    def _reason(self) -> str:
        return f"the endpoint failed {self._failures} times in a row, so it is left alone"

    def _failed(self, trial: bool) -> None:
        with self._lock:
            self._failures += 1
            if trial or (self._opened_at is None and self._failures >= self._failures_to_open):
                self._opened_at = self._clock()

    def _succeeded(self) -> None:
        with self._lock:
            self._failures = 0
            self._opened_at = None
