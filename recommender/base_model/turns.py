"""Who computes next: answers written at the same time take turns, first come, first served.

A `threading.Semaphore` is no queue: a thread that gives it back and takes it again at once leaves the others waiting.
"""

from collections import deque
from threading import Event, Lock


class Turns:
    """A context manager that at most ``at_once`` threads are in."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: deque[Event] = deque()
        self._lock = Lock()

    def __enter__(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            mine = Event()
            self._waiting.append(mine)
        mine.wait()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
