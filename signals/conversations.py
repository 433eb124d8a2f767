"""The turns of conversations: what was said, what it came to, and what became of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine, insert, or_, select

from schemas import DialogueState
from signals.connections import reading, writing
from signals.tables import turns

MAX_TURNS: Final = 200
"""Turns of one conversation that are read; of a longer one the latest."""
BATCH_ROWS: Final = 1_000


@dataclass(frozen=True)
class StoredTurn:
    """``number`` counts from 1; ``text`` is the shopper's message, ``state`` what the conversation came to after it.

    ``reply`` says how the answer was made: as `recommender.shop.chats` writes it.
    """

    session_id: str
    number: int
    user_id: str | None
    request_id: str | None
    text: str
    state: DialogueState
    reply: Mapping[str, Any]
    at: datetime


class ConversationStore:
    """The conversations of one database; thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(
        self,
        session_id: str,
        number: int,
        *,
        user_id: str | None,
        request_id: str | None,
        text: str,
        state: DialogueState,
        reply: Mapping[str, Any],
    ) -> None:
        """Keep a turn. One that has a number that was there already takes the place of that turn and of what followed.

        Raises
        ------
        DatabaseError
            It could not be stored.
        """
        row = {
            "session_id": session_id,
            "number": number,
            "user_id": user_id,
            "request_id": request_id,
            "text": text,
            "state": state.model_dump(mode="json", exclude_defaults=True),
            "reply": dict(reply),
            "at": datetime.now(UTC),
        }
        with writing(self._engine) as connection:
            connection.execute(insert(turns).values(row))

    def turns(self, session_id: str, user_id: str | None) -> list[StoredTurn]:
        """The turns that lead to where a conversation stands, oldest first.

        Those of another shopper under the same session are not among them: a session id is no secret. What was said
        before the shopper was known is.
        """
        own = (
            turns.c.user_id.is_(None) if user_id is None else or_(turns.c.user_id.is_(None), turns.c.user_id == user_id)
        )
        chosen = select(turns).where(turns.c.session_id == session_id, own).order_by(turns.c.id.desc()).limit(MAX_TURNS)
        with reading(self._engine) as connection:
            rows = connection.execute(chosen).all()
        path: list[StoredTurn] = []
        for row in rows:
            if not path or row.number < path[-1].number:
                path.append(_stored(row))
        return path[::-1]

    def stream(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[StoredTurn]:
        """All turns with ``since <= at < until`` as they were kept, those that others took the place of too."""
        chosen = select(turns).order_by(turns.c.id)
        if since is not None:
            chosen = chosen.where(turns.c.at >= since)
        if until is not None:
            chosen = chosen.where(turns.c.at < until)
        with reading(self._engine) as connection:
            yield from map(_stored, connection.execution_options(yield_per=BATCH_ROWS).execute(chosen))


def _stored(row: Any) -> StoredTurn:
    state = DialogueState.model_validate(row.state)
    return StoredTurn(row.session_id, row.number, row.user_id, row.request_id, row.text, state, row.reply, row.at)
