"""Who a shopper is: the events of an anonymous id count for the user it was last aliased to."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnClause,
    ColumnElement,
    Connection,
    FromClause,
    Label,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from schemas.ids import ANONYMOUS_PREFIX
from signals.column_types import to_microseconds
from signals.raw import IDS_PER_QUERY, raw
from signals.tables import events

ALIAS: Final[ColumnClause[str]] = literal_column("'alias'")
NAMED_BY_USER: Final = (
    select(events.c.anonymous_id).where(events.c.kind == ALIAS, events.c.user_id == bindparam("user_id")).distinct()
)
"""Built once: every request asks it, and building a statement takes longer than running it."""


def latest_aliases(as_of: datetime | None, last_event: int | None = None, known_at: datetime | None = None) -> CTE:
    """anonymous_id, user_id: one row per anonymous id that an alias before ``as_of`` names; the latest alias wins.

    ``last_event``: only aliases stored up to this row; ``known_at``: only those stored by then.

    Of two aliases at the same time the one with the greater (source, event_id) wins, so that the order of arrival
    does not matter.
    """
    newest_first = (events.c.occurred_at.desc(), events.c.source.desc(), events.c.event_id.desc())
    place = func.row_number().over(partition_by=events.c.anonymous_id, order_by=newest_first)
    ranked = select(events.c.anonymous_id, events.c.user_id, place.label("place")).where(events.c.kind == ALIAS)
    if last_event is not None:
        ranked = ranked.where(events.c.id <= last_event)
    if known_at is not None:
        ranked = ranked.where(stored_by(known_at))
    candidates = before(ranked, as_of).subquery("ranked_aliases")
    return select(candidates.c.anonymous_id, candidates.c.user_id).where(candidates.c.place == 1).cte("aliases")


def with_shoppers(aliases: CTE) -> tuple[FromClause, Label[str]]:
    """The events joined with who they count for, and that column: `schemas.ids.shopper_id` after aliases."""
    is_alias_of = and_(events.c.user_id.is_(None), events.c.anonymous_id == aliases.c.anonymous_id)
    anonymous = literal_column(f"'{ANONYMOUS_PREFIX}'").concat(events.c.anonymous_id)
    shopper: ColumnElement[str] = func.coalesce(events.c.user_id, aliases.c.user_id, anonymous)
    return events.outerjoin(aliases, is_alias_of), shopper.label("user_id")


def is_counted() -> ColumnElement[bool]:
    """Whether an event says something of a product, and no rule has set it aside."""
    return and_(events.c.item_id.is_not(None), events.c.flag.is_(None))


def anonymous_ids_of(
    connection: Connection, user_id: str, as_of: datetime | None, known_at: datetime | None = None
) -> list[str]:
    """The anonymous ids whose latest alias before ``as_of``, of those stored by ``known_at``, names the user."""
    of_user = _known(NAMED_BY_USER, as_of, known_at)
    candidates = connection.scalars(of_user, {"user_id": user_id}).all()
    return [found for found in candidates if owner_of(connection, found, as_of, known_at) == user_id]


def before(statement: Any, as_of: datetime | None) -> Any:
    """The statement, restricted to events with ``occurred_at < as_of``; None leaves it as it is."""
    if as_of is None:
        return statement
    return statement.where(raw(events.c.occurred_at) < to_microseconds(as_of))


def stored_by(moment: datetime) -> ColumnElement[bool]:
    return raw(events.c.recorded_at).element <= to_microseconds(moment)


def owner_of(
    connection: Connection, anonymous_id: str | None, as_of: datetime | None, known_at: datetime | None = None
) -> str | None:
    """The user whom the latest alias before ``as_of``, of those stored by ``known_at``, gives the anonymous id to."""
    newest_first = (events.c.occurred_at.desc(), events.c.source.desc(), events.c.event_id.desc())
    of_id = select(events.c.user_id).where(events.c.kind == ALIAS, events.c.anonymous_id == anonymous_id)
    named = _known(of_id, as_of, known_at)
    return connection.scalar(named.order_by(*newest_first).limit(1))


def belongs(
    user_id: str, anonymous_ids: list[str], as_of: datetime | None = None, known_at: datetime | None = None
) -> ColumnElement[bool]:
    """Whether an event is the shopper's; `anonymous_ids` are those of a user, as `anonymous_ids_of` gives them."""
    if user_id.startswith(ANONYMOUS_PREFIX):
        anonymous_id = user_id.removeprefix(ANONYMOUS_PREFIX)
        return and_(events.c.user_id.is_(None), events.c.anonymous_id == anonymous_id)
    if not anonymous_ids:
        return events.c.user_id == user_id
    mine: Any = anonymous_ids
    if len(anonymous_ids) > IDS_PER_QUERY:
        aliases = latest_aliases(as_of, known_at=known_at)
        mine = select(aliases.c.anonymous_id).where(aliases.c.user_id == user_id)
    unnamed = and_(events.c.user_id.is_(None), events.c.anonymous_id.in_(mine))
    return or_(events.c.user_id == user_id, unnamed)


def _known(statement: Select[Any], as_of: datetime | None, known_at: datetime | None) -> Select[Any]:
    """The statement, restricted to events before ``as_of`` and to those stored by ``known_at``."""
    earlier: Select[Any] = before(statement, as_of)
    return earlier if known_at is None else earlier.where(stored_by(known_at))
