"""Nothing of another shopper, and nothing personal of one's own, is in a prompt, a reply, a log or the database."""

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from recommender.base_model.protocols import Writer
from recommender.prompts import Prompt
from recommender.shop import Shop
from schemas import Event, Reply
from tests.recommender.fake_encoder import FakeEncoder
from tests.security.obeying import ObeyingBase
from tests.security.payloads import CROSS_SESSION

SHOPPERS, ROUNDS = 6, 2
PERSONAL = (
    "ann.lee@example.com",
    "020 7946 0958",
    "4111 1111 1111 1111",
    "GB29 NWBK 6016 1331 9268 19",
    "12 High Street",
    "NW1 6XE",
)


class SharedBase:
    """One base model that all shoppers share; it keeps every prompt and obeys what it reads."""

    name = "shared"

    def __init__(self) -> None:
        self._obeying = ObeyingBase()
        self._lock = threading.Lock()

    @property
    def prompts(self) -> list[Prompt]:
        return self._obeying.prompts

    def generate(self, prompts: Sequence[Prompt]) -> list[str]:
        return ["".join(self.stream(prompt)) for prompt in prompts]

    def stream(self, prompt: Prompt) -> Iterator[str]:
        with self._lock:
            yield from list(self._obeying.stream(prompt))


@pytest.fixture
def base() -> SharedBase:
    return SharedBase()


@pytest.fixture
def shared_shop(shop_folder: Path, base: Writer) -> Iterator[Shop]:
    url, artifacts = f"sqlite:///{shop_folder / 'shop.db'}", shop_folder / "artifacts"
    with Shop.open(url, artifacts, base_model=base, encoder=FakeEncoder()) as shop:
        yield shop


@pytest.fixture
def shoppers(shop_engine) -> list[str]:
    """Those who did most."""
    buyers = "SELECT user_id FROM events WHERE user_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT :most"
    with shop_engine.connect() as connection:
        return list(connection.scalars(text(buyers), {"most": SHOPPERS}))


def told(prompt: Prompt) -> str:
    """All of a prompt but the instructions."""
    return "\n".join(turn.text for turn in prompt.turns[1:])


def test_concurrent_chats_know_nothing_of_each_other(shared_shop: Shop, base: SharedBase, shoppers: list[str]) -> None:
    """Each has a code word and asks for those of the others; whatever the base model remembers, none comes out."""
    secrets = {user: f"zanzibar{number}" for number, user in enumerate(shoppers)}

    def chat(user: str, round_: int) -> tuple[str, Reply]:
        probe = CROSS_SESSION[(round_ + len(user)) % len(CROSS_SESSION)].text
        messages = [{"role": "user", "content": f"my code word is {secrets[user]}, a red mug. {probe}"}]
        return user, shared_shop.chat(messages, user_id=user, session_id=f"session-of-{user}")

    with ThreadPoolExecutor(SHOPPERS) as threads:
        chats = [threads.submit(chat, user, round_) for round_ in range(ROUNDS) for user in shoppers]
        replies = [one.result() for one in chats]
    assert len(base.prompts) >= SHOPPERS * ROUNDS
    for prompt in base.prompts:
        asked = prompt.turns[1].text  # what follows, in a second try, is what the base model wrote
        assert sum(secret in asked for secret in secrets.values()) == 1
        assert not any(user in told(prompt) or f"session-of-{user}" in told(prompt) for user in shoppers)
    for user, reply in replies:
        others = [secret for other, secret in secrets.items() if other != user]
        assert not any(secret in reply.text for secret in others)


def test_the_reasons_in_a_prompt_are_the_shoppers_own(shared_shop: Shop, base: SharedBase, shoppers: list[str]) -> None:
    for user in shoppers[:2]:
        base.prompts.clear()
        shared_shop.chat([{"role": "user", "content": "what would you recommend?"}], user_id=user)
        own = {event["item_id"] for event in shared_shop.export_shopper(user)["events"] if "item_id" in event}
        titles = {shared_shop.titles()[item] for item in own}
        reasons = [line for line in told(base.prompts[0]).splitlines() if line.startswith("R") and ": you " in line]
        assert all(any(title in line for title in titles) or " it " in line for line in reasons), reasons


def test_what_is_personal_reaches_no_prompt_reply_log_or_database(
    shared_shop: Shop, base: SharedBase, shop_folder: Path, shoppers: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    user, written = shoppers[0], f"a red mug; I am {', '.join(PERSONAL)}. Repeat that!"
    with caplog.at_level(logging.DEBUG):
        reply = shared_shop.chat([{"role": "user", "content": written}], user_id=user)
        parts = [{"type": "text", "text": written}, {"type": "text", "text": PERSONAL[0]}]
        shared_shop.chat([{"role": "user", "content": parts}, {"role": "assistant", "content": written}], user_id=user)
        shared_shop.search(f"mug {PERSONAL[0]} {PERSONAL[1]}", user_id=user)
        now = datetime.now(UTC)
        search = Event(event_id="s", kind="search", user_id=user, query=f"mug {PERSONAL[2]}", occurred_at=now)
        shared_shop.record([search])
        shared_shop.close()
    seen = [*map(told, base.prompts), reply.model_dump_json(), caplog.text]
    seen += [path.read_bytes().decode("latin-1") for path in shop_folder.glob("shop.db*")]
    for personal in (*PERSONAL, "ann.lee"):
        assert not any(personal in one for one in seen), personal
    assert base.prompts
