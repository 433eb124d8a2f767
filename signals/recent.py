"""The newest events of many shoppers at once: what a batch knows of each is what a request would have read."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Column, Connection, Engine, Select, and_, func, select

from schemas.ids import ANONYMOUS_PREFIX
from signals.connections import reading
from signals.events import IS_KEPT, Kinds
from signals.raw import in_batches, raw
from signals.shoppers import ALIAS, stored_by
from signals.tables import events

IDENTITY: Final = (events.c.source, events.c.event_id)
NEWEST_FIRST: Final = [column.desc() for column in (events.c.occurred_at, *IDENTITY)]
FIELDS: Final = (raw(events.c.occurred_at), events.c.item_id, events.c.kind, events.c.quantity)
PAGE_ROWS: Final = 2_000
"""Rows that are objects at a time: the collector goes through all that live long whenever there are many new ones."""
Owners = Mapping[str, Sequence[int]]
"""The shoppers whom the events under an id count for, as places in the list of shoppers."""
Parts = Sequence[tuple[int, Kinds]]
Numbers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RecentEvents:
    """Events of several shoppers, one shopper after the other, newest first.

    Attributes
    ----------
    shopper : int64, shape (n,), whose each is
    occurred_at : int64, shape (n,), microseconds since 1970
    item_id : str or None, shape (n,), None for a search
    kind : str, shape (n,)
    quantity : int64, shape (n,)
    """

    shopper: Numbers
    occurred_at: Numbers
    item_id: Texts
    kind: Texts
    quantity: Numbers

    @classmethod
    def of(cls, columns: Sequence[npt.NDArray[Any]]) -> "RecentEvents":
        shopper, *values = columns
        times, items, kinds, quantities = values
        return cls(shopper, times.astype(np.int64), items, kinds, quantities.astype(np.int64))

    def newest(self, limit: int, kinds: Kinds) -> "RecentEvents":
        """The first `limit` of these kinds of each shopper."""
        mask = _first(self.shopper, self.kind, limit, kinds)
        texts, quantity = (self.item_id[mask], self.kind[mask]), self.quantity[mask]
        return RecentEvents(self.shopper[mask], self.occurred_at[mask], *texts, quantity)


def recent_of_many(engine: Engine, user_ids: Sequence[str], parts: Parts, *, known_at: datetime) -> list[RecentEvents]:
    """As `EventStore.recent_parts` for each shopper: of each limit and kinds the newest events.

    Memory grows with what is returned, however many events there are of a shopper.

    Parameters
    ----------
    user_ids
        As `schemas.ids.shopper_id` gives them, each once; a shopper is their place here.
    known_at
        Only what was stored by then, aliases too.
    """
    with reading(engine) as connection:
        named = {user: [at] for at, user in enumerate(user_ids) if not user.startswith(ANONYMOUS_PREFIX)}
        unnamed = _owners_of_anonymous(connection, user_ids, known_at)
        if not unnamed:
            found = _read(connection, events.c.user_id, named, parts, known_at)
        else:
            sources = ((events.c.user_id, named), (events.c.anonymous_id, unnamed))
            read = [_read(connection, *source, parts, known_at, IDENTITY) for source in sources]
            found = _merged([np.concatenate(columns) for columns in zip(*read, strict=True)])
    everything = RecentEvents.of(found)
    return [everything.newest(*part) for part in parts]


def _read(
    connection: Connection,
    column: Column[Any],
    owners: Owners,
    parts: Parts,
    at: datetime,
    beside: Sequence[Column[Any]] = (),
) -> list[npt.NDArray[Any]]:
    """Columns of events: the shopper, `FIELDS` and those `beside`; one owner after the other, newest first."""
    kinds, width = sorted({kind for _, kinds in parts for kind in kinds}), 1 + len(FIELDS) + len(beside)
    statements = [_ordered(column, batch, kinds, at).add_columns(*FIELDS, *beside) for batch in in_batches(owners)]
    read = [[np.empty(0, dtype=np.object_)] * width]
    read.extend(_cut(rows, parts) for one in statements for rows in _pages(connection, one))
    owner, *values = (np.concatenate(columns) for columns in zip(*read, strict=True))
    counts = np.array([len(owners[one]) for one in owner], dtype=np.int64)
    shopper = np.array([place for one in owner for place in owners[one]], dtype=np.int64)
    return [shopper, *(np.repeat(column, counts) for column in values)]


def _pages(connection: Connection, statement: Select[Any]) -> Iterator[list[npt.NDArray[Any]]]:
    """The columns of the rows, page by page."""
    for rows in connection.execution_options(yield_per=PAGE_ROWS).execute(statement).partitions():
        yield [np.array(values, dtype=np.object_) for values in zip(*rows, strict=True)]


def _cut(columns: list[npt.NDArray[Any]], parts: Parts) -> list[npt.NDArray[Any]]:
    """Those events that are among the newest of their owner for one of the parts, so that the others are not held."""
    owner, kind = columns[0], columns[3]
    kept = np.logical_or.reduce([_first(owner, kind, *part) for part in parts])
    return columns if kept.all() else [column[kept] for column in columns]


def _merged(columns: list[npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
    """What each shopper did under all their ids, newest first."""
    shopper, time, *_, source, event_id = columns
    newest_first = sorted(range(len(shopper)), key=lambda at: (time[at], source[at], event_id[at]), reverse=True)
    order = np.array(newest_first, dtype=np.int64)
    order = order[np.argsort(shopper[order], kind="stable")]
    return [column[order] for column in columns[: 1 + len(FIELDS)]]


def _first(group: npt.NDArray[Any], kind: Texts, limit: int, kinds: Kinds) -> Mask:
    """Which are the first `limit` of these kinds in their group; groups follow one another."""
    wanted = frozenset(map(str, kinds))
    mask = np.fromiter((one in wanted for one in kind), dtype=np.bool_, count=len(kind))
    counts = np.cumsum(mask)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]][: len(group)])
    before: Numbers = np.repeat(counts[starts] - mask[starts], np.diff(np.r_[starts, len(group)]))
    return mask & (counts - before <= limit)


def _ordered(column: Column[Any], ids: Sequence[str], kinds: Sequence[str], at: datetime) -> Select[Any]:
    """The events under each of `ids`; those that name a user are the user's, whatever anonymous id they hold."""
    own = column.in_(ids) if column is events.c.user_id else and_(column.in_(ids), events.c.user_id.is_(None))
    wanted = select(column.label("owner")).where(own, events.c.kind.in_(kinds), IS_KEPT, stored_by(at))
    return wanted.order_by(column, *NEWEST_FIRST)


def _owners_of_anonymous(connection: Connection, user_ids: Sequence[str], at: datetime) -> Owners:
    """An anonymous shopper has the own id; a user has those whose latest alias names the user."""
    owners: defaultdict[str, list[int]] = defaultdict(list)
    place = {user: at for at, user in enumerate(user_ids)}
    for user in user_ids:
        if user.startswith(ANONYMOUS_PREFIX):
            owners[user.removeprefix(ANONYMOUS_PREFIX)].append(place[user])
    for anonymous_id, user in dict(_latest_aliases(connection, user_ids, at)).items():
        if user in place:
            owners[anonymous_id].append(place[user])
    return owners


def _latest_aliases(connection: Connection, user_ids: Sequence[str], at: datetime) -> Iterator[tuple[str, str]]:
    """The latest alias of every anonymous id that was ever aliased to one of the users."""
    of_alias = (events.c.kind == ALIAS, stored_by(at))
    place = func.row_number().over(partition_by=events.c.anonymous_id, order_by=NEWEST_FIRST).label("place")
    for batch in in_batches(user_ids):
        ever = connection.scalars(
            select(events.c.anonymous_id).where(*of_alias, events.c.user_id.in_(batch)).distinct()
        )
        for candidates in in_batches(ever):
            own = (*of_alias, events.c.anonymous_id.in_(candidates))
            ranked = select(events.c.anonymous_id, events.c.user_id, place).where(*own).subquery()
            latest = select(ranked.c.anonymous_id, ranked.c.user_id).where(ranked.c.place == 1)
            yield from ((row.anonymous_id, row.user_id) for row in connection.execute(latest))
