"""Events that a rule sets aside: kept, counted and shown, but nothing learns from them.

The two clock rules look at one event when it is stored. The rules on bots look at how many there are in a window of
the clock, whatever the order they arrived in: once a window is crowded, every event in it is flagged.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Column, ColumnElement, Connection, Row, Select, and_, false, func, or_, select, update

from schemas.events import EventKind
from signals.column_types import MICROSECOND, to_microseconds
from signals.raw import raw
from signals.tables import events

MAX_AHEAD: Final = timedelta(days=1)
FIRST_POSSIBLE: Final = datetime(1995, 1, 1, tzinfo=UTC)
"""Before it there were no shops to click in: a clock that was never set says 1970."""
ATTENTION: Final = (EventKind.IMPRESSION, EventKind.VIEW, EventKind.CLICK, EventKind.DWELL)
"""What a program does endlessly."""
BOOKED: Final = (EventKind.PURCHASE, EventKind.REFUND)
"""What a shop's books say: the lines of a large order all have its minute."""
CLAIMED: Final = tuple(kind for kind in EventKind if kind not in BOOKED)


class Flag(StrEnum):
    CLOCK_AHEAD = "clock_ahead"
    CLOCK_BEHIND = "clock_behind"
    BURST = "burst"
    LOOP = "loop"


@dataclass(frozen=True)
class CrowdRule:
    """More than ``most`` events of these ``kinds`` and one shopper in one window of the clock, ``alike`` in columns."""

    flag: Flag
    window: timedelta
    most: int
    kinds: tuple[EventKind, ...]
    alike: tuple[Column[str], ...] = ()

    @property
    def size(self) -> int:
        """The window in microseconds."""
        return self.window // MICROSECOND


CROWD_RULES: Final = (
    CrowdRule(Flag.BURST, timedelta(minutes=1), most=120, kinds=CLAIMED),
    CrowdRule(Flag.LOOP, timedelta(hours=1), most=60, kinds=ATTENTION, alike=(events.c.kind, events.c.item_id)),
    CrowdRule(Flag.LOOP, timedelta(days=1), most=100, kinds=ATTENTION, alike=(events.c.kind, events.c.item_id)),
)
SIDES: Final[tuple[Column[str], ...]] = (events.c.user_id, events.c.anonymous_id)
WHEN: Final = raw(events.c.occurred_at).element
MANY: Final = 50_000

Shopper = tuple[str, str]
"""``user_id`` or ``anonymous_id``, and its value."""


def clock_flags(occurred_at: pa.ChunkedArray, recorded_at: int) -> pa.ChunkedArray:
    """The flag of each time in microseconds since 1970, or null."""
    ahead = pc.greater(occurred_at, recorded_at + MAX_AHEAD // MICROSECOND)
    behind = pc.less(occurred_at, to_microseconds(FIRST_POSSIBLE))
    nothing = pa.scalar(None, pa.string())
    return pc.if_else(ahead, Flag.CLOCK_AHEAD.value, pc.if_else(behind, Flag.CLOCK_BEHIND.value, nothing))


def counted(flags: pa.ChunkedArray) -> dict[str, int]:
    """How many events have each flag."""
    if flags.null_count == len(flags):
        return {}
    pairs = pc.value_counts(flags.drop_null()).to_pylist()
    return {pair["values"]: pair["counts"] for pair in pairs}


def flag_crowds(connection: Connection, after: int, until: int) -> tuple[int, set[Shopper]]:
    """Flag what lies in windows that the events with ``after < id <= until`` have made crowded.

    Returns
    -------
    (int, set of Shopper)
        How many events were flagged, and whose events with ``id <= after`` were among them.
    """
    flagged, shoppers = 0, set[Shopper]()
    for rule in CROWD_RULES:
        for side in SIDES:
            for window in connection.execute(_crowded(connection, rule, side, after, until)).all():
                belongs = and_(*_within(rule, side, window), events.c.id <= until, events.c.flag.is_(None))
                before = connection.scalar(select(func.count()).where(belongs, events.c.id <= after))
                if before:
                    shoppers.add((side.name, window[0]))
                flagged += connection.execute(update(events).where(belongs).values(flag=rule.flag.value)).rowcount
    return flagged, shoppers


def _crowded(connection: Connection, rule: CrowdRule, side: Column[str], after: int, until: int) -> Select[Any]:
    """The crowded windows that an event with ``after < id <= until`` lies in: shopper, window and the rule's columns.

    Many new events are best counted with all of their time range, a few by looking up their own windows.
    """
    new = and_(events.c.id > after, events.c.id <= until, *_chosen(rule, side))
    keys = _keys(rule, side)
    if until - after >= MANY:
        timely = or_(events.c.flag.is_(None), events.c.flag.in_([one.flag.value for one in CROWD_RULES]))
        ends = select(func.min(WHEN) - rule.size, func.max(WHEN) + rule.size).where(new, timely)
        near = and_(_between(*connection.execute(ends).one()), events.c.id <= until, *_chosen(rule, side))
        counted = select(*keys).where(near).group_by(*keys)
        return counted.having(func.count() > rule.most, func.max(events.c.id) > after)
    windows = select(*keys).where(new).distinct().subquery()
    start = windows.c.window * rule.size
    alike = [events.c[column.name] == windows.c[column.name] for column in (side, *rule.alike)]
    within = and_(*alike, start <= WHEN, start + rule.size > WHEN, events.c.id <= until, *_chosen(rule, side))
    joined = select(*windows.c).join_from(windows, events, within)
    return joined.group_by(*windows.c).having(func.count() > rule.most)


def _between(first: int | None, last: int | None) -> ColumnElement[bool]:
    return false() if first is None or last is None else and_(first <= WHEN, last >= WHEN)


def _keys(rule: CrowdRule, side: Column[str]) -> list[ColumnElement[Any]]:
    return [side, (WHEN // rule.size).label("window"), *rule.alike]


def _chosen(rule: CrowdRule, side: Column[str]) -> list[ColumnElement[bool]]:
    """The events of the rule's kinds, of users or of those that are anonymous still."""
    unnamed = events.c.user_id.is_(None) if side is events.c.anonymous_id else side.is_not(None)
    return [unnamed, events.c.kind.in_([kind.value for kind in rule.kinds])]


def _within(rule: CrowdRule, side: Column[str], window: Row[Any]) -> list[ColumnElement[bool]]:
    shopper, number, *values = tuple(window)
    start = number * rule.size
    alike = [column == value for column, value in zip(rule.alike, values, strict=True)]
    return [side == shopper, start <= WHEN, start + rule.size > WHEN, *alike, *_chosen(rule, side)]
