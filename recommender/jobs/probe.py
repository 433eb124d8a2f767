"""A probe: a few shoppers are answered now, to see how fast the shop answers and what its sentences rest on."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from recommender.frames.lists import PROBE
from recommender.selection import Progress, silent
from recommender.shop import Shop
from schemas import Message, Mode, Reply

CHATS_PER_MODE = 5


@dataclass
class Probe:
    """Seconds that each answer took, and the replies; ``first_sentence`` and ``whole`` are those of the chats."""

    recommend: list[float] = field(default_factory=list)
    items: list[float] = field(default_factory=list)
    first_sentence: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)


def probe(shop: Shop, users: Sequence[str], questions: Sequence[str], progress: Progress = silent) -> Probe:
    """Recommend for all of `users`, then ask `questions` in turn in every mode; no list of it counts as a shopper's."""
    found = Probe()
    for user in users:
        began = time.perf_counter()
        shop.recommend(user, session_id=PROBE)
        found.recommend.append(time.perf_counter() - began)
    asked = [(mode, turn) for mode in Mode for turn in range(CHATS_PER_MODE)]
    for number, (mode, turn) in enumerate(asked, start=1):
        _ask(shop, users[turn % len(users)], questions[turn % len(questions)], mode, found)
        progress(number / len(asked), f"asking, {mode.value} mode")
    return found


def _ask(shop: Shop, user: str, question: str, mode: Mode, found: Probe) -> None:
    began, times = time.perf_counter(), dict[str, float]()
    messages = [Message(role="user", content=question)]
    for chunk in shop.stream(messages, user_id=user, session_id=PROBE, mode=mode):
        times.setdefault(chunk.type, time.perf_counter() - began)
        if chunk.type == "done":
            found.replies.append(chunk.reply)
    found.items.append(times["items"])
    found.first_sentence.append(times.get("sentence", times["done"]))
    found.whole.append(times["done"])
