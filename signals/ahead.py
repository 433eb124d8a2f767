"""An iterator that is read in a thread of its own, so that its work and its reader's go on at the same time."""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")

ITEMS_AHEAD: Final = 2
_END: Final = object()


def ahead(items: Iterator[T], size: int = ITEMS_AHEAD) -> Generator[T, None, None]:
    """The same items, of which at most ``size`` are made before they are asked for; raises what the iterator does."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        made = deque(thread.submit(next, items, _END) for _ in range(size))
        while (item := made.popleft().result()) is not _END:
            made.append(thread.submit(next, items, _END))
            yield item  # type: ignore[misc]
