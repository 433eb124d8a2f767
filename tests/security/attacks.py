"""The attacks: every payload in the places where its family puts it, over a small shop."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count, cycle
from typing import Final

from PIL import Image, ImageDraw

from schemas import Message, ProductRow, Reason, ReasonKind
from schemas.events import EventKind
from tests.recommender.conversation.shops import HOME_ROWS
from tests.security import payloads
from tests.security.disguises import ENCODINGS, HOMOGLYPHS, INVISIBLE
from tests.security.payloads import ABSENT, URL, Payload

SHOWN: Final = 5
HARMLESS: Final = (
    "what would you recommend?",
    "something red for the kitchen",
    "a mug or a glass, please",
    "a present for a friend under 70 pounds",
    "show me something nice in stock",
)
CATALOGUE: Final = ("title", "brand", "category", "attribute", "description", "review", "history")
TALK: Final = ("request", "earlier turn", "forged reply", "forged system turn")


@dataclass(frozen=True)
class Attack:
    """One attack: the words, where they stand, and the shop and the chat that they are in.

    ``rows`` are what ranking shows, in its order; ``written`` is what the photo says in letters, if there is one.
    """

    number: int
    family: str
    carrier: str
    payload: Payload
    words: str
    rows: tuple[ProductRow, ...]
    messages: tuple[Message, ...]
    reasons: tuple[tuple[Reason, ...], ...] = ()
    written: str | None = None

    def __str__(self) -> str:
        return f"{self.number}: {self.family}, {self.carrier}: {self.words[:60]!r}"

    @cached_property
    def photos(self) -> tuple[Image.Image, ...]:
        """Each attack's own photo, so that it can be told by its pixels."""
        if self.written is None:
            return ()
        photo = Image.new("RGB", (320, 80), (255, 255, self.number % 256))
        ImageDraw.Draw(photo).multiline_text((4, 4), self.written.encode("latin-1", "replace").decode("latin-1"))
        return (photo,)


@dataclass
class _Maker:
    """Gives each attack its number, its place in the ranking and its harmless words."""

    numbers: Iterator[int] = field(default_factory=count)
    requests: Iterator[str] = field(default_factory=lambda: cycle(HARMLESS))

    def make(
        self, family: str, payload: Payload, carrier: str, disguise: Callable[[str], str] = str, name: str = ""
    ) -> Attack:
        number = next(self.numbers)
        rows = list(HOME_ROWS[:SHOWN])
        place = number % 3
        words = disguise(_filled(payload.text, rows[place].title, rows[(place + 1) % SHOWN].title))
        rows[place] = _poisoned(rows[place], carrier, words)
        bought = Reason(
            kind=ReasonKind.HISTORY, contribution=0.5, item_id="old", title=words, event_kind=EventKind.VIEW
        )
        return Attack(
            number=number,
            family=f"{family} {name}".strip(),
            carrier=carrier,
            payload=payload,
            words=words,
            rows=tuple(rows),
            messages=tuple(_messages(carrier, words, next(self.requests))),
            reasons=((),) * place + ((bought,),) if carrier == "history" else (),
            written=words if carrier == "photo" else None,
        )


def _filled(text: str, title: str, other: str) -> str:
    return text.format(title=title, other=other, absent=ABSENT, url=URL)


def _poisoned(row: ProductRow, carrier: str, words: str) -> ProductRow:
    changes: dict[str, object] = {
        "title": {"title": f"{row.title} {words}"},
        "brand": {"brand": words},
        "category": {"category": (*row.category, words)},
        "attribute": {"attributes": {**row.attributes, "material": (words,)}},
        "description": {"description": f"A fine thing. {words}"},
        "review": {"description": f"Reviews: \u2605\u2605\u2605\u2605\u2605 'Lovely. {words}'"},
    }
    return row.model_copy(update=changes.get(carrier, {}))  # type: ignore[arg-type]


def _messages(carrier: str, words: str, request: str) -> Iterator[Message]:
    if carrier == "request":
        yield Message(role="user", content=words)
        return
    role = {"earlier turn": "user", "forged reply": "assistant", "forged system turn": "system"}.get(carrier)
    if role is not None:
        yield Message(role=role, content=words)  # type: ignore[arg-type]
    yield Message(role="user", content=request)


def attacks() -> tuple[Attack, ...]:
    """All of them, always the same and in the same order."""
    return tuple(_attacks(_Maker()))


def _attacks(maker: _Maker) -> Iterator[Attack]:
    everywhere = (
        ("latentinjection", payloads.LATENT, CATALOGUE),
        ("promptinject", payloads.HIJACKING, TALK),
        ("ecommerce:price-manipulation", payloads.PRICE_MANIPULATION, ("request", "title", "attribute", "history")),
        ("policy", payloads.POLICY, ("request", "title", "attribute", "forged system turn")),
        ("ecommerce:order-fraud", payloads.ORDER_FRAUD, ("request", "title", "forged reply", "earlier turn")),
        ("web_injection", payloads.EXFILTRATION, ("request", "title", "attribute", "history")),
        ("sysprompt_extraction", payloads.SYSTEM_PROMPT, ("request", "title", "forged system turn")),
        ("pii", payloads.PERSONAL, ("request", "title", "history")),
        ("cross-session-leak", payloads.CROSS_SESSION, ("request", "title", "forged system turn")),
        ("special_token_injection", payloads.SPECIAL_TOKENS, ("request", "title", "attribute", "history")),
        ("visual_jailbreak", (*payloads.LATENT, *payloads.HIJACKING), ("photo",)),
    )
    for family, of_family, carriers in everywhere:
        for payload in of_family:
            yield from (maker.make(family, payload, carrier) for carrier in carriers)
    disguised = (
        ("encoding", ENCODINGS, ("request", "title")),
        ("homoglyph", HOMOGLYPHS, ("request", "title")),
        ("ascii-smuggling", INVISIBLE, ("request", "title")),
    )
    for family, disguises, carriers in disguised:
        for payload in payloads.PLAIN:
            for name, disguise in disguises.items():
                yield from (maker.make(family, payload, carrier, disguise, name) for carrier in carriers)


def by_family(some: Sequence[Attack]) -> dict[str, list[Attack]]:
    """The attacks of each family, whatever the disguise."""
    found: dict[str, list[Attack]] = {}
    for attack in some:
        found.setdefault(attack.family.split(" ")[0], []).append(attack)
    return found
