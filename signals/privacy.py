"""One shopper's data: all of it given out, or all of it erased, and a log of both that names nobody.

A shopper is a user id with every anonymous id whose latest alias gives it to that user. An anonymous id that went on to
another user is that user's, with what was done under it; only the aliases that name the erased user go. One that is
nobody's, or whose alias was undone, is a shopper of its own, and erasing it takes the undone aliases too. What others
did under their own user id stays theirs, even where the row holds an anonymous id that was also the erased shopper's.

Erasing removes the shopper's events, aliases, kept interactions, requests (those under their ids, and those without an
id that one of their events answers), what these showed, what batches prepared for them, and the conversations in which
they were known, with what was said before they were. It all happens in one transaction or not at all.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, delete, func, insert, or_, select

from schemas.ids import ANONYMOUS_PREFIX
from signals.aggregation import recount_after_erasure
from signals.column_types import to_microseconds
from signals.connections import empty_write_ahead_log, lock_interactions, reading, wait_for_appends, writing
from signals.erased_events import key_of, mark_of, remember_erased
from signals.errors import UnknownShopperError
from signals.raw import in_batches, raw
from signals.shoppers import ALIAS, anonymous_ids_of, owner_of
from signals.tables import events, impressions, interactions, prepared, privacy_log, requests, turns

Counts = Mapping[str, int]
"""Rows by table; ``aliases`` are among the ``events`` too."""
Condition = ColumnElement[bool]
TABLES: Final = ("events", "aliases", "interactions", "requests", "impressions", "prepared", "turns")
NOTHING: Final[Counts] = dict.fromkeys(TABLES, 0)

_logger = logging.getLogger(__name__)


class Action(StrEnum):
    ERASE = "erase"
    EXPORT = "export"


class Outcome(StrEnum):
    """``NOTHING_LEFT``: the shopper had been erased before. ``CLAIMED``: the anonymous id is a user's by now."""

    DONE = "done"
    NOTHING_LEFT = "nothing_left"
    UNKNOWN = "unknown"
    CLAIMED = "claimed"


@dataclass(frozen=True)
class Erasure:
    """``mark`` is the one-way name of the shopper in the log."""

    mark: str
    at: datetime
    counts: Counts


@dataclass(frozen=True)
class _Shopper:
    users: list[str]
    anonymous: list[str]

    @property
    def ids(self) -> list[str]:
        return [*self.users, *(ANONYMOUS_PREFIX + one for one in self.anonymous)]

    def events(self) -> list[Condition]:
        """Each event of the shopper satisfies exactly one of these."""
        named = [events.c.user_id.in_(batch) for batch in in_batches(self.ids)]
        unnamed = [
            and_(events.c.user_id.is_(None), events.c.anonymous_id.in_(batch))
            for batch in in_batches(self.anonymous)
            if batch
        ]
        return [*named, *unnamed]

    def claims(self) -> list[Condition]:
        """The aliases, undone since, by which others had taken an anonymous shopper's id."""
        if self.users:
            return []
        of_others = and_(events.c.kind == ALIAS, events.c.user_id.not_in(self.ids))
        return [and_(of_others, events.c.anonymous_id.in_(self.anonymous))]

    def requests(self) -> list[Condition]:
        """Each request of the shopper satisfies exactly one of these, as long as their events are there."""
        named = [requests.c.user_id.in_(batch) for batch in in_batches(self.ids)]
        answered = or_(*(requests.c.request_id.in_(select(events.c.request_id).where(one)) for one in self.events()))
        return [*named, and_(requests.c.user_id.is_(None), answered)]


def ids_of(engine: Engine, user_id: str) -> list[str]:
    """Every id that rows of this shopper may stand under, the user's own first."""
    with reading(engine) as connection:
        return _find(connection, user_id).ids


def erase_shopper(engine: Engine, user_id: str) -> Erasure:
    """Erase a shopper from every table, for good; durable on return, and no longer readable in a SQLite file.

    Events that were erased are refused from now on as duplicated, whatever file brings them. What the shopper does
    later is stored as everybody's is. A shopper who was erased before has nothing left to erase, which is no error.
    PostgreSQL keeps deleted rows on its disk until its vacuum has passed.

    Parameters
    ----------
    user_id
        As `schemas.ids.shopper_id` gives it.

    Raises
    ------
    UnknownShopperError
        Nothing was ever stored of the shopper, or the anonymous id belongs to a user by now.
    """
    with writing(engine) as connection:
        lock_interactions(connection)
        wait_for_appends(connection)
        owner, shopper = _owner(connection, user_id), _find(connection, user_id)
        counts = NOTHING if owner else _count(connection, shopper)
        outcome = _outcome(connection, user_id, owner, counts)
        if outcome is Outcome.DONE:
            _erase(connection, shopper)
        erasure = _log(connection, Action.ERASE, user_id, outcome, counts)
    if not empty_write_ahead_log(engine):
        _logger.warning("erased rows can be read in SQLite's log file until its long reader ends; erase again then")
    _refuse(user_id, owner, outcome)
    return erasure


def export_shopper(engine: Engine, user_id: str) -> dict[str, Any]:
    """Everything that is stored about a shopper, as plain JSON values.

    Returns
    -------
    dict
        user_id, anonymous_ids, exported_at; events, aliases, interactions, requests (each with what was ``shown``),
        what batches have ``prepared``, turns and privacy_log, as lists of rows without their empty fields. Times are
        ISO 8601 in UTC, amounts are text.

    Raises
    ------
    UnknownShopperError
        As for `erase_shopper`; of a shopper who was erased there is nothing to give out.
    """
    with reading(engine) as connection:
        owner, shopper = _owner(connection, user_id), _find(connection, user_id)
        counts = NOTHING if owner else _count(connection, shopper)
        document = {} if owner else _document(connection, user_id, shopper)
    with writing(engine) as connection:
        outcome = _outcome(connection, user_id, owner, counts)
        _log(connection, Action.EXPORT, user_id, outcome, counts)
    _refuse(user_id, owner, outcome)
    if outcome is Outcome.NOTHING_LEFT:
        raise UnknownShopperError(f"shopper {user_id!r} was erased; nothing is stored any more")
    return document


def erasures_since(engine: Engine, since: datetime) -> list[Erasure]:
    """The erasures at that time or later that took something away, oldest first."""
    with reading(engine) as connection:
        return erasures_in(connection, since)


def erasures_in(connection: Connection, since: datetime) -> list[Erasure]:
    """As `erasures_since`, within a transaction."""
    done = select(privacy_log.c.shopper, privacy_log.c.at, privacy_log.c.counts).where(
        privacy_log.c.action == Action.ERASE.value,
        privacy_log.c.outcome == Outcome.DONE.value,
        raw(privacy_log.c.at) >= to_microseconds(since),
    )
    return [Erasure(*row) for row in connection.execute(done.order_by(privacy_log.c.id))]


def _find(connection: Connection, user_id: str) -> _Shopper:
    if user_id.startswith(ANONYMOUS_PREFIX):
        return _Shopper([], [user_id.removeprefix(ANONYMOUS_PREFIX)])
    return _Shopper([user_id], anonymous_ids_of(connection, user_id, None))


def _owner(connection: Connection, user_id: str) -> str | None:
    """The user that an anonymous shopper turned out to be."""
    if not user_id.startswith(ANONYMOUS_PREFIX):
        return None
    owner = owner_of(connection, user_id.removeprefix(ANONYMOUS_PREFIX), None)
    return None if owner == user_id else owner


def _count(connection: Connection, shopper: _Shopper) -> Counts:
    shown = [impressions.c.request_id.in_(select(requests.c.request_id).where(one)) for one in shopper.requests()]
    rows = [*shopper.events(), *shopper.claims()]
    return {
        "events": _rows(connection, events, rows),
        "aliases": _rows(connection, events, [and_(one, events.c.kind == ALIAS) for one in rows]),
        "interactions": _rows(connection, interactions, _interactions_of(shopper)),
        "requests": _rows(connection, requests, shopper.requests()),
        "impressions": _rows(connection, impressions, shown),
        "prepared": _rows(connection, prepared, _prepared_for(shopper)),
        "turns": _rows(connection, turns, _turns_of(shopper)),
    }


def _rows(connection: Connection, table: Table, conditions: Sequence[Condition]) -> int:
    return sum(connection.scalar(select(func.count()).select_from(table).where(one)) or 0 for one in conditions)


def _interactions_of(shopper: _Shopper) -> list[Condition]:
    return [interactions.c.user_id.in_(batch) for batch in in_batches(shopper.ids)]


def _prepared_for(shopper: _Shopper) -> list[Condition]:
    return [prepared.c.user_id.in_(batch) for batch in in_batches(shopper.ids)]


def _turns_of(shopper: _Shopper) -> list[Condition]:
    """Each turn of the shopper's conversations satisfies exactly one of these, as long as all are there."""
    named = [turns.c.user_id.in_(batch) for batch in in_batches(shopper.ids)]
    sessions = or_(*(turns.c.session_id.in_(select(turns.c.session_id).where(one)) for one in named))
    return [*named, and_(turns.c.user_id.is_(None), sessions)]


def _erase(connection: Connection, shopper: _Shopper) -> None:
    for one in reversed(_turns_of(shopper)):
        connection.execute(delete(turns).where(one))
    for one in _prepared_for(shopper):
        connection.execute(delete(prepared).where(one))
    answered = [select(requests.c.request_id).where(one) for one in shopper.requests()]
    for batch in in_batches(request_id for one in answered for request_id in connection.scalars(one)):
        connection.execute(delete(impressions).where(impressions.c.request_id.in_(batch)))
        connection.execute(delete(requests).where(requests.c.request_id.in_(batch)))
    counted_otherwise = _renamed(connection, shopper)
    for one in (*shopper.events(), *shopper.claims()):
        identities = connection.execute(select(events.c.source, events.c.event_id).where(one)).all()
        remember_erased(connection, ((row.source, row.event_id) for row in identities))
        connection.execute(delete(events).where(one))
    recount_after_erasure(connection, {*shopper.ids, *counted_otherwise})


def _renamed(connection: Connection, shopper: _Shopper) -> set[str]:
    """Everybody whose events the shopper's aliases may have been counted for, or taken from."""
    named = or_(events.c.user_id.in_(shopper.users), *shopper.claims())
    ever = select(events.c.anonymous_id).where(events.c.kind == ALIAS, named)
    claims = select(events.c.anonymous_id, events.c.user_id).where(events.c.kind == ALIAS)
    pairs = connection.execute(claims.where(events.c.anonymous_id.in_(ever)).distinct()).all()
    return {ANONYMOUS_PREFIX + row.anonymous_id for row in pairs} | {row.user_id for row in pairs}


def _outcome(connection: Connection, user_id: str, owner: str | None, counts: Counts) -> Outcome:
    if owner is not None:
        return Outcome.CLAIMED
    if any(counts.values()):
        return Outcome.DONE
    return Outcome.NOTHING_LEFT if _was_erased(connection, user_id) else Outcome.UNKNOWN


def _was_erased(connection: Connection, user_id: str) -> bool:
    erased = and_(privacy_log.c.action == Action.ERASE.value, privacy_log.c.outcome == Outcome.DONE.value)
    mark = _mark(connection, user_id)
    return connection.scalar(select(privacy_log.c.id).where(privacy_log.c.shopper == mark, erased).limit(1)) is not None


def _refuse(user_id: str, owner: str | None, outcome: Outcome) -> None:
    if outcome is Outcome.CLAIMED:
        raise UnknownShopperError(f"{user_id!r} is user {owner!r} since they were aliased; name that user instead")
    if outcome is Outcome.UNKNOWN:
        raise UnknownShopperError(
            f"nothing is stored about shopper {user_id!r}; check the id, and write an anonymous one as "
            f"'{ANONYMOUS_PREFIX}ID'"
        )


def _mark(connection: Connection, user_id: str) -> str:
    return mark_of(key_of(connection), user_id).hex()


def _log(connection: Connection, action: Action, user_id: str, outcome: Outcome, counts: Counts) -> Erasure:
    mark, now = _mark(connection, user_id), datetime.now(UTC)
    values = {"at": now, "action": action.value, "shopper": mark, "counts": counts, "outcome": outcome.value}
    connection.execute(insert(privacy_log).values(values))
    return Erasure(mark, now, counts)


def _document(connection: Connection, user_id: str, shopper: _Shopper) -> dict[str, Any]:
    stored = sorted(_plain_rows(connection, events, shopper.events()), key=lambda row: str(row["occurred_at"]))
    mark = privacy_log.c.shopper == _mark(connection, user_id)
    return {
        "user_id": user_id,
        "anonymous_ids": shopper.anonymous,
        "exported_at": datetime.now(UTC).isoformat(),
        "events": [row for row in stored if row["kind"] != "alias"],
        "aliases": [row for row in stored if row["kind"] == "alias"],
        "interactions": list(_plain_rows(connection, interactions, _interactions_of(shopper))),
        "requests": [_with_shown(connection, row) for row in _plain_rows(connection, requests, shopper.requests())],
        "prepared": list(_plain_rows(connection, prepared, _prepared_for(shopper))),
        "turns": list(_plain_rows(connection, turns, _turns_of(shopper))),
        "privacy_log": list(_plain_rows(connection, privacy_log, [mark])),
    }


def _with_shown(connection: Connection, request: dict[str, Any]) -> dict[str, Any]:
    shown = _plain_rows(connection, impressions, [impressions.c.request_id == request["request_id"]])
    return {**request, "shown": [{name: value for name, value in row.items() if name != "request_id"} for row in shown]}


def _plain_rows(connection: Connection, table: Table, conditions: Sequence[Condition]) -> Iterator[dict[str, Any]]:
    for one in conditions:
        rows = connection.execute(select(table).where(one).order_by(*table.primary_key)).mappings().all()
        for row in rows:
            yield {name: _plain(value) for name, value in row.items() if value is not None and name != "id"}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
