"""What was said: each sentence with where it came from, each fact with its source, and what shoppers search for."""

from collections.abc import Iterable

import pandas as pd

from recommender.frames.behaviour import counted
from schemas import Columns, EventKind, Reply


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
