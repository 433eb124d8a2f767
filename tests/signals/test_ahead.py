"""What is read in a thread of its own comes as it would have come without."""

import threading
from collections.abc import Iterator

import pytest

from signals.ahead import ahead


def test_items_come_in_their_order() -> None:
    assert list(ahead(iter(range(20)))) == list(range(20))
    assert list(ahead(iter(()))) == []


def test_an_error_comes_after_the_items_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(OSError, match="gone"):
        next(items)


def test_no_more_is_made_ahead_than_was_asked_for() -> None:
    made: list[int] = []

    def counting() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    items = ahead(counting(), size=2)
    next(items)
    items.close()
    assert len(made) <= 3
    assert not any(thread.name.startswith("ahead") for thread in threading.enumerate())
