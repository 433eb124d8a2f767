"""The daily page on conversations: where sentences came from, and how long answers took."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from recommender import plots
from recommender.jobs.daily_sections import Part, Section, percent
from schemas import Columns
from schemas.conversation import Origin

PROBED: Final = "No shopper talked with the shop in this time: this is of questions asked while the page was made."
TALKED: Final = "What shoppers got who talked with the shop."
ORIGINS: Final = [origin.value for origin in Origin]
PIECES: Final = {"items_after": "items", "sentence_after": "first sentence", "reply_after": "whole reply"}


def grounding(turns: pd.DataFrame, *, probed: bool) -> Part:
    """Where the sentences came from; the template's share is how often the writer was fallen back from.

    Parameters
    ----------
    turns : as `recommender.frames.turns` gives them
    probed : they are of the report's own questions
    """
    modes = turns.groupby(Columns.MODE, sort=False)
    counts = modes[[*ORIGINS, "facts"]].sum()
    sentences = counts[ORIGINS].sum(axis=1)
    origins = counts.reset_index().melt(Columns.MODE, ORIGINS, "origin", "sentences")
    drawn = plots.bars(
        origins, "sentences", "origin", by=Columns.MODE, title="Where sentences come from", labels=("sentences", "")
    )
    noted = turns["notes"].map(bool)
    table = counts.astype(int).assign(
        replies=modes.size(),
        template_share=percent(counts[Origin.TEMPLATE.value] / sentences.clip(lower=1)),
        with_a_note=noted.groupby(turns[Columns.MODE]).sum(),
    )
    n_sentences, n_facts = int(sentences.sum()), int(counts["facts"].sum())
    shares = {origin: float(counts[origin].sum()) / max(n_sentences, 1) for origin in ORIGINS}
    figures = {f"sentences_{origin}": share for origin, share in shares.items() if share}
    figures |= {"turns": 0.0 if probed else float(len(turns)), "facts": float(n_facts)}
    note = (
        f"{_whose(probed)} {len(turns):,} replies: {n_sentences:,} sentences with {n_facts:,} facts, each checked "
        f"against the row it comes from; {int(noted.sum()):,} replies with a note on trouble."
    )
    return figures, Section("Grounding", note, (drawn,), table.reset_index())


def latency(turns: pd.DataFrame, lists_took: Sequence[float], *, probed: bool) -> Part:
    """Seconds from the question to the items, the first sentence and the whole reply.

    Parameters
    ----------
    lists_took : seconds of recommendations without a conversation, asked for by the report
    """
    chats = [
        (f"chat, {name}", str(mode), of_mode[piece].dropna())
        for piece, name in PIECES.items()
        for mode, of_mode in turns.groupby(Columns.MODE, sort=False)
    ]
    medians = pd.DataFrame(
        [(answer, mode, seconds.median()) for answer, mode, seconds in chats],
        columns=["answer", Columns.MODE, "median"],
    )
    drawn = plots.bars(
        medians, "median", "answer", by=Columns.MODE, title="Median time to an answer", labels=("seconds", "")
    )
    rows = [(answer, mode, *_spread(seconds)) for answer, mode, seconds in (*chats, ("recommend", "", lists_took))]
    table = pd.DataFrame(rows, columns=["answer", Columns.MODE, "n", "median", "95 % within", "slowest"])
    figures = {f"chat_{name.replace(' ', '_')}_median": float(turns[piece].median()) for piece, name in PIECES.items()}
    figures["recommend_median"] = float(np.median(lists_took))
    note = (
        f"{_whose(probed)} Seconds from the question to each piece of the answer. Lists without a conversation were "
        f"asked for {len(lists_took)} times while this page was made, on this machine."
    )
    return figures, Section("Latency", note, (drawn,), table)


def _whose(probed: bool) -> str:
    return PROBED if probed else TALKED


def _spread(seconds: Any) -> tuple[object, ...]:
    """How many they are, the median, the 95th percentile and the longest."""
    figures = np.quantile(seconds, (0.5, 0.95, 1.0)) if len(seconds) else ()
    return len(seconds), *(f"{value:.3f} s" for value in figures)
