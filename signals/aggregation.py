"""The table of interactions, kept up with the events: what each shopper did with each product, counted by kind.

Counts are whole numbers, so that however the events arrived, and in however many updates, the table is the one that a
full rebuild gives. An update reads only the events that are new, and once more those of shoppers whom a new alias or a
newly crowded window (`signals.flags`) changed.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, Connection, Engine, Insert, Select, and_, case, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from schemas.ids import ANONYMOUS_PREFIX
from signals.bulk import upsert
from signals.column_types import to_microseconds
from signals.connections import learn_sizes, lock_interactions, wait_for_appends, writing
from signals.flags import MANY, Shopper, flag_crowds
from signals.raw import in_batches, raw
from signals.shoppers import ALIAS, is_counted, latest_aliases, with_shoppers
from signals.tables import events, interactions, progress

TASK: Final = "interactions"
SLICE: Final = 500_000
"""Events of one transaction: what others wait for at most on SQLite."""


@dataclass(frozen=True)
class Updated:
    """``events`` were new, ``recounted`` shoppers were counted once more, ``flagged`` events were set aside."""

    events: int = 0
    recounted: int = 0
    flagged: int = 0

    def __add__(self, other: "Updated") -> "Updated":
        return Updated(self.events + other.events, self.recounted + other.recounted, self.flagged + other.flagged)


@dataclass(frozen=True)
class _Reached:
    """The table holds the events with ``id <= last_event``, for whom the aliases with ``id <= last_alias`` name."""

    last_event: int
    last_alias: int


def update_interactions(engine: Engine) -> Updated:
    """Bring the table up to the newest event that is stored; what others append meanwhile is for the next time.

    Safe to stop at any moment and to run in two processes at once.
    """
    newest, updated = _newest(engine), Updated()
    while True:
        with writing(engine) as connection:
            lock_interactions(connection)
            reached, until = _reached(connection), min(newest, _newest_id(connection))
            if reached.last_event >= until:
                return updated
            if not updated.events and until - reached.last_event >= MANY:
                learn_sizes(connection, events)
            updated = updated + _advance(connection, reached, until)


def rebuild_interactions(engine: Engine) -> Updated:
    """The table from nothing; until it is done, readers fold the events themselves."""
    with writing(engine) as connection:
        lock_interactions(connection)
        connection.execute(delete(interactions))
        _reach(connection, _Reached(0, 0))
    return update_interactions(engine)


def recount_after_erasure(connection: Connection, shoppers: set[str]) -> None:
    """Count these shoppers once more, in the transaction that deleted events and holds `lock_interactions`.

    SQLite gives the ids of the newest events away again once these are deleted, so what was reached goes back with
    them: an event that takes such an id is new.
    """
    newest, reached = _newest_id(connection), _reached(connection)
    reached = _Reached(min(reached.last_event, newest), min(reached.last_alias, newest))
    _recount(connection, latest_aliases(None, reached.last_alias), shoppers, reached.last_event)
    _reach(connection, reached)


def covers(connection: Connection, as_of: datetime) -> bool:
    """Whether the table is all there is to know at that time: no event is newer, and none is still to be counted."""
    if _reached(connection).last_event < _newest_id(connection):
        return False
    later = select(events.c.id).where(raw(events.c.occurred_at) >= to_microseconds(as_of)).limit(1)
    return connection.scalar(later) is None


def _newest(engine: Engine) -> int:
    """The newest event, once no transaction that may still commit an older one is under way."""
    with writing(engine) as connection:
        wait_for_appends(connection)
        return _newest_id(connection)


def _newest_id(connection: Connection) -> int:
    return connection.scalar(select(func.max(events.c.id))) or 0


def _advance(connection: Connection, reached: _Reached, newest: int) -> Updated:
    done, until = reached.last_event, _end_of_slice(connection, reached.last_event, newest)
    last_alias = max(newest, reached.last_alias)
    flagged, crowded = flag_crowds(connection, done, until)
    aliases = latest_aliases(None, last_alias)
    moved = _renamed(connection, reached.last_alias, last_alias) | _shoppers(connection, aliases, crowded)
    if done and moved:
        _recount(connection, aliases, moved, done)
    connection.execute(_counted(connection, aliases, and_(events.c.id > done, events.c.id <= until)))
    _reach(connection, _Reached(until, last_alias))
    count = connection.scalar(select(func.count()).where(events.c.id > done, events.c.id <= until)) or 0
    return Updated(count, len(moved) if done else 0, flagged)


def _end_of_slice(connection: Connection, done: int, newest: int) -> int:
    later = select(events.c.id).where(events.c.id > done, events.c.id <= newest).order_by(events.c.id)
    return connection.scalar(later.offset(SLICE - 1).limit(1)) or newest


def _renamed(connection: Connection, after: int, until: int) -> set[str]:
    """Everybody whom the new aliases give events to, or may have taken them from."""
    of_aliases = events.c.kind == ALIAS
    new = select(events.c.anonymous_id).where(of_aliases, events.c.id > after, events.c.id <= until).distinct()
    named = select(events.c.anonymous_id, events.c.user_id).where(of_aliases, events.c.anonymous_id.in_(new)).distinct()
    pairs = connection.execute(named).all()
    return {ANONYMOUS_PREFIX + row.anonymous_id for row in pairs} | {row.user_id for row in pairs}


def _shoppers(connection: Connection, aliases: CTE, found: set[Shopper]) -> set[str]:
    """Who the owners of these events are."""
    anonymous = sorted(value for column, value in found if column == events.c.anonymous_id.name)
    owners: dict[str, str] = {}
    for batch in in_batches(anonymous):
        named = select(aliases.c.anonymous_id, aliases.c.user_id).where(aliases.c.anonymous_id.in_(batch))
        owners |= {row.anonymous_id: row.user_id for row in connection.execute(named)}
    users = {value for column, value in found if column == events.c.user_id.name}
    return users | {owners.get(value, ANONYMOUS_PREFIX + value) for value in anonymous}


def _recount(connection: Connection, aliases: CTE, shoppers: set[str], until: int) -> None:
    batches = [batch for batch in in_batches(shoppers) if batch]
    for batch in batches:
        connection.execute(delete(interactions).where(interactions.c.user_id.in_(batch)))
    for batch in batches:
        users = [shopper for shopper in batch if not shopper.startswith(ANONYMOUS_PREFIX)]
        unnamed = [shopper.removeprefix(ANONYMOUS_PREFIX) for shopper in batch if shopper.startswith(ANONYMOUS_PREFIX)]
        owned = select(aliases.c.anonymous_id).where(aliases.c.user_id.in_(batch))
        still_unnamed = and_(events.c.anonymous_id.in_(unnamed), events.c.anonymous_id.not_in(_named(aliases, unnamed)))
        for belongs in (
            events.c.user_id.in_(users),
            and_(events.c.user_id.is_(None), or_(events.c.anonymous_id.in_(owned), still_unnamed)),
        ):
            connection.execute(_counted(connection, aliases, and_(events.c.id <= until, belongs)))


def _named(aliases: CTE, anonymous: list[str]) -> Select[Any]:
    return select(aliases.c.anonymous_id).where(aliases.c.anonymous_id.in_(anonymous))


def _counted(connection: Connection, aliases: CTE, chosen: ColumnElement[bool]) -> Insert:
    """Adds the chosen events to the table."""
    joined, shopper = with_shoppers(aliases)
    key = (shopper, events.c.item_id, events.c.kind)
    when = events.c.occurred_at
    sums = (func.count(), func.sum(events.c.quantity), func.min(when), func.max(when))
    counted = select(*key, *sums).select_from(joined).where(is_counted(), chosen).group_by(*key)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement: Any = dialect.insert(interactions).from_select([column.name for column in interactions.c], counted)
    new, old = statement.excluded, interactions.c
    return statement.on_conflict_do_update(
        index_elements=list(interactions.primary_key),
        set_={
            "count": old["count"] + new["count"],
            "quantity": old.quantity + new.quantity,
            "first_at": case((new.first_at < old.first_at, new.first_at), else_=old.first_at),
            "last_at": case((new.last_at > old.last_at, new.last_at), else_=old.last_at),
        },
    )


def _reached(connection: Connection) -> _Reached:
    found = connection.execute(select(progress).where(progress.c.task == TASK)).one_or_none()
    return _Reached(0, 0) if found is None else _Reached(found.last_event, found.last_alias)


def _reach(connection: Connection, reached: _Reached) -> None:
    upsert(connection, progress, [{"task": TASK, **asdict(reached)}])
