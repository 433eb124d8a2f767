"""The newest events of many shoppers at once: what a batch knows of each is what a request would have read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, Select, and_, func, select

from schemas.ids import ANONYMOUS_PREFIX
from signals.connections import reading
from signals.events import IS_KEPT, Kinds, RecentEvent
from signals.raw import in_batches
from signals.shoppers import ALIAS, stored_by
from signals.tables import events

IDENTITY: Final = (events.c.occurred_at, events.c.source, events.c.event_id)
NEWEST_FIRST: Final = [column.desc() for column in IDENTITY]
Owners = Mapping[str, Sequence[str]]
"""The shoppers whom the events under an id count for."""


def recent_of_many(
    engine: Engine, user_ids: Sequence[str], parts: Iterable[tuple[int, Kinds]], *, known_at: datetime
) -> list[Mapping[str, Sequence[RecentEvent]]]:
    """As `EventStore.recent_parts` for each shopper: of each limit and kinds the newest events, newest first.

    Parameters
    ----------
    user_ids
        As `schemas.ids.shopper_id` gives them; one of whom nothing is known is missing from the mappings.
    known_at
        Only what was stored by then, aliases too.
    """
    named = {user: [user] for user in user_ids if not user.startswith(ANONYMOUS_PREFIX)}
    with reading(engine) as connection:
        unnamed = _owners_of_anonymous(connection, user_ids, known_at)
        ids = ((events.c.user_id, named), (events.c.anonymous_id, unnamed))
        return [_newest(connection, ids, limit, kinds, known_at) for limit, kinds in parts]


def _newest(
    connection: Connection, ids: Iterable[tuple[Column[Any], Owners]], limit: int, kinds: Kinds, at: datetime
) -> Mapping[str, Sequence[RecentEvent]]:
    found: defaultdict[str, list[tuple[tuple[Any, ...], RecentEvent]]] = defaultdict(list)
    for column, owners in ids:
        for batch in in_batches(owners):
            for owner, source, event_id, *values in connection.execute(_ranked(column, batch, limit, kinds, at)).all():
                event = RecentEvent(*values)
                for user in owners[owner]:
                    found[user].append(((event.occurred_at, source, event_id), event))
    return {user: [event for _, event in _first(rows, limit)] for user, rows in found.items()}


def _first(rows: list[tuple[tuple[Any, ...], RecentEvent]], limit: int) -> list[tuple[tuple[Any, ...], RecentEvent]]:
    """The newest of what a shopper did under all their ids."""
    return sorted(rows, key=itemgetter(0), reverse=True)[:limit]


def _ranked(column: Column[Any], ids: Sequence[str], limit: int, kinds: Kinds, at: datetime) -> Select[Any]:
    """The newest events under each of `ids`; those that name a user are the user's, whatever anonymous id they hold."""
    own = column.in_(ids) if column is events.c.user_id else and_(column.in_(ids), events.c.user_id.is_(None))
    place = func.row_number().over(partition_by=column, order_by=NEWEST_FIRST).label("place")
    fields = (column.label("owner"), *IDENTITY[1:], *(events.c[name] for name in RecentEvent._fields), place)
    ranked = select(*fields).where(own, events.c.kind.in_(list(kinds)), IS_KEPT, stored_by(at)).subquery()
    return select(*(one for one in ranked.c if one.name != "place")).where(ranked.c.place <= limit)


def _owners_of_anonymous(connection: Connection, user_ids: Sequence[str], at: datetime) -> Owners:
    """An anonymous shopper has the own id; a user has those whose latest alias names the user."""
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for user in user_ids:
        if user.startswith(ANONYMOUS_PREFIX):
            owners[user.removeprefix(ANONYMOUS_PREFIX)].append(user)
    wanted = set(user_ids)
    for anonymous_id, user in dict(_latest_aliases(connection, user_ids, at)).items():
        if user in wanted:
            owners[anonymous_id].append(user)
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
