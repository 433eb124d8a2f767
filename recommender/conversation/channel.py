"""A channel from a thread that makes things to one that waits for them, but not for ever."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Generic, TypeVar

Made = TypeVar("Made")


class TooLateError(Exception):
    """Nothing came in time."""


class Channel(Generic[Made]):
    """Holds at most ``size`` things; who makes them waits for room, until the channel is closed."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._changed = threading.Condition()
        self._waiting: deque[Made] = deque()
        self._closed = False
        self.ended = False
        self.error: BaseException | None = None
        """What ended the making before its time."""

    def fill(self, make: Callable[[], Iterator[Made]]) -> None:
        """Put in all that `make` gives, and close what gives it once the channel is closed; never raises."""
        try:
            with closing(closable(make())) as made:
                for one in made:
                    if not self._put(one):
                        break
        except BaseException as error:  # noqa: BLE001  # whatever a writer raises is handed over, none is lost in a thread
            self.error = error
        finally:
            with self._changed:
                self.ended = True
                self._changed.notify_all()

    def get(self, seconds: float) -> tuple[Made, ...]:
        """The next thing alone, or nothing at the end; raises TooLateError if neither comes within `seconds`."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._waiting or self.ended, timeout=max(seconds, 0.0)):
                raise TooLateError
            if not self._waiting:
                return ()
            self._changed.notify_all()
            return (self._waiting.popleft(),)

    def close(self) -> None:
        """Nobody waits any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _put(self, one: Made) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._waiting) < self._size)
            self._waiting.append(one)
            self._changed.notify_all()
            return not self._closed


def closable(made: Iterator[Made]) -> Generator[Made, None, None]:
    """Something that can be closed, whatever kind of iterator it is given."""
    yield from made
