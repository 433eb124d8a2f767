"""What was said: stored turns, each sentence with where it came from, each fact, and what shoppers search for."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import pandas as pd
from sqlalchemy import Engine

from recommender.frames.behaviour import counted
from recommender.frames.lists import PROBE
from schemas import Columns, EventKind, Reply, Trace
from schemas.conversation import Origin
from signals.conversations import ConversationStore, StoredTurn

AT: Final = "at"
SECONDS: Final = ("items_after", "sentence_after", "reply_after")
COUNTS: Final = (*(origin.value for origin in Origin), "facts")
TURN: Final = {
    **dict.fromkeys((Columns.SESSION, "number", Columns.USER, Columns.REQUEST), "object"),
    AT: "datetime64[us, UTC]",
    **dict.fromkeys(("text", Columns.MODE, "surface"), "object"),
    **dict.fromkeys((*SECONDS, *COUNTS), "float64"),
    **dict.fromkeys(("relaxed", "asked", "notes", "trace"), "object"),
}


def turns(
    engine: Engine, since: datetime | None = None, until: datetime | None = None, *, of_reports: bool = False
) -> pd.DataFrame:
    """The turns of conversations with ``since <= at < until``, as shoppers got them, in the order they were answered.

    What a shopper took back by saying an earlier message anew is among them. Words of replies are not kept.

    Parameters
    ----------
    of_reports : those that `recommender report` asked to see how the shop answers, instead of the shoppers'

    Returns
    -------
    DataFrame
        session_id, number (from 1), user_id, request_id, at, text (the shopper's), mode, surface; items_after,
        sentence_after and reply_after (seconds from the question to the items, the first sentence and the whole
        reply); model, retry and template (sentences of that origin), facts (claims); relaxed and notes (tuples), asked
        (a field, or None), trace (`schemas.Trace` in contemplating, else None). NaN where a turn of an earlier version
        did not keep it.
    """
    chosen = (turn for turn in ConversationStore(engine).stream(since, until))
    rows = [_row(turn) for turn in chosen if (turn.session_id == PROBE) == of_reports]
    return pd.DataFrame(rows, columns=list(TURN)).astype(TURN)


def _row(turn: StoredTurn) -> dict[str, object]:
    kept = turn.reply
    after, origins, trace = kept.get("seconds_to", {}), kept["origins"], kept["trace"]
    return {
        Columns.SESSION: turn.session_id,
        "number": turn.number,
        Columns.USER: turn.user_id,
        Columns.REQUEST: turn.request_id,
        AT: turn.at,
        "text": turn.text,
        Columns.MODE: kept["mode"],
        "surface": kept["surface"],
        **dict(zip(SECONDS, (after.get("items"), after.get("sentence"), kept["seconds"]), strict=True)),
        **{origin.value: origins.get(origin.value, 0) for origin in Origin},
        "facts": kept.get("facts"),
        "relaxed": tuple(kept["relaxed"]),
        "asked": kept["asked"],
        "notes": tuple(kept["notes"]),
        "trace": None if trace is None else Trace.model_validate(trace),
    }


def sentences(replies: Iterable[Reply]) -> pd.DataFrame:
    """One row per sentence: request_id, mode, place (from 1), origin (model, retry, template), text, n_claims."""
    rows = [
        {
            Columns.REQUEST: reply.request_id,
            Columns.MODE: reply.mode.value,
            "place": place,
            "origin": sentence.origin.value,
            "text": sentence.text,
            "n_claims": len(sentence.claims),
        }
        for reply in replies
        for place, sentence in enumerate(reply.sentences, start=1)
    ]
    return pd.DataFrame(rows, columns=[Columns.REQUEST, Columns.MODE, "place", "origin", "text", "n_claims"])


def claims(replies: Iterable[Reply]) -> pd.DataFrame:
    """One row per fact said: request_id, mode, kind, subject, field, value, source, as_of, confidence, said."""
    fields = ("subject", "field", "value", "source", "as_of", "confidence")
    rows = [
        {
            Columns.REQUEST: reply.request_id,
            Columns.MODE: reply.mode.value,
            Columns.KIND: claim.kind.value,
            **{name: getattr(claim, name) for name in fields},
            "said": reply.text[slice(*claim.span)],
        }
        for reply in replies
        for claim in reply.claims
    ]
    return pd.DataFrame(rows, columns=[Columns.REQUEST, Columns.MODE, Columns.KIND, *fields, "said"])


def questions(events: pd.DataFrame) -> pd.DataFrame:
    """What shoppers searched for, the most frequent first: query (in lower case), n_events, n_shoppers."""
    asked = events[events[Columns.KIND] == EventKind.SEARCH.value]
    table = counted(asked.assign(query=asked["query"].str.lower().str.strip()), ["query"])
    return table.sort_values([Columns.EVENTS, "query"], ascending=[False, True], ignore_index=True)
