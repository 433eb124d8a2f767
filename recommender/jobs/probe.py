"""A probe: the shop is asked now, to see how fast it answers and what its sentences rest on."""

import time
import uuid
from collections.abc import Sequence

from recommender.frames.lists import PROBE
from recommender.selection import Progress, silent
from recommender.shop import Shop
from schemas import Message, Mode

CHATS_PER_MODE = 5


def time_lists(shop: Shop, users: Sequence[str]) -> list[float]:
    """Recommend for all of `users`; returns the seconds of each. No list of it counts as a shopper's."""
    return [_seconds(shop, user) for user in users]


def ask(shop: Shop, questions: Sequence[str], progress: Progress = silent) -> None:
    """Ask `questions` in turn in every mode, each as a stranger under an id of the probe's own.

    `recommender.frames.turns` has the answers as those of reports.
    """
    asked = [(mode, turn) for mode in Mode for turn in range(CHATS_PER_MODE)]
    for number, (mode, turn) in enumerate(asked, start=1):
        message = Message(role="user", content=questions[turn % len(questions)])
        shop.chat([message], user_id=f"{PROBE}-{uuid.uuid4().hex}", session_id=PROBE, mode=mode)
        progress(number / len(asked), f"asking, {mode.value} mode")


def _seconds(shop: Shop, user: str) -> float:
    began = time.perf_counter()
    shop.recommend(user, session_id=PROBE)
    return time.perf_counter() - began
