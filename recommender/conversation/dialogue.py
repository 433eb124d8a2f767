"""The state of a conversation: wishes and items, folded over the shopper's messages, later ones winning."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from recommender.conversation.criticised import criticised
from recommender.conversation.critiques import Back, Critique, Move, read_critique
from recommender.conversation.lexicon import COLOUR
from recommender.conversation.understanding import KEYWORDS, SmallTalk, Turn, agree, tokens_of, understand
from recommender.conversation.vocabulary import BRAND, CATEGORY, Vocabulary
from recommender.errors import BadRequestError
from recommender.text import plain, words
from schemas import DialogueState, Message, ProductRow, Wishes
from schemas.catalog import Attributes
from schemas.conversation import MAX_MESSAGES

Rows = Callable[[Sequence[str]], Sequence[ProductRow]]
"""The rows of items as they are now; of those that the shop no longer has there is none."""
MAX_PAST = 50
_LOOKS = (Move.COMPARE, Move.DETAIL, Move.COMPLEMENT)
"""Moves that talk of an item rather than of what is wanted instead of it."""
_NEW = DialogueState()


class BadMessagesError(BadRequestError):
    """Messages that hold no request."""


@dataclass(frozen=True, slots=True)
class PastTurn:
    """An earlier message of a shopper, and the state after it was answered."""

    text: str
    state: DialogueState


@dataclass(frozen=True, slots=True)
class Leaning:
    """What a list should lean to beside its constraints.

    ``liked`` were liked in this conversation, ``dwelt_on`` talked of again and again; ``like``: similar to this item;
    ``beside``: what goes with this item; ``about``: words that the items are compared by.
    """

    liked: tuple[str, ...] = ()
    dwelt_on: tuple[str, ...] = ()
    like: str | None = None
    beside: str | None = None
    about: str = ""


NO_LEANING = Leaning()


@dataclass(frozen=True, slots=True)
class Dialogue:
    """``request`` is the text of the shopper's last message, ``small_talk`` what it is besides wishes.

    ``number`` is the turn's, from 1; ``state`` is what was understood, before anything is shown; ``move`` is what is
    asked other than a search, ``items`` what it is about; ``opinions`` are the items that the last message likes (True)
    or dislikes, ``dwelt_on`` those of which it talks again.
    """

    small_talk: SmallTalk | None
    request: str
    state: DialogueState
    number: int = 1
    move: Move | None = None
    items: tuple[str, ...] = ()
    opinions: dict[str, bool] = field(default_factory=dict)
    dwelt_on: tuple[str, ...] = ()

    @property
    def wishes(self) -> Wishes:
        return self.state.wishes

    @property
    def excluded(self) -> tuple[str, ...]:
        """The items that are not to be shown."""
        state = self.state
        named = (state.like, state.beside)
        return tuple(dict.fromkeys((*state.set_aside, *state.disliked, *(one for one in named if one is not None))))

    @property
    def leaning(self) -> Leaning:
        if self.move is Move.COMPARE:
            return Leaning(about=self.request)
        state = self.state
        return Leaning(state.liked, state.dwelt_on, state.like, state.beside)

    def answered(self, shown: Sequence[str], asked: str | None) -> DialogueState:
        """The state once the list was shown and a field was asked about, if one was.

        A look at items of the list leaves the list the one that "the third one" is of.
        """
        update: dict[str, object] = {} if asked is None else {"asked": (*self.state.asked, asked)}
        if self.move not in (Move.COMPARE, Move.DETAIL) and shown:
            update["shown"] = tuple(shown)
        return self.state.model_copy(update=update)


def no_rows(_: Sequence[str]) -> Sequence[ProductRow]:
    """Of a shop whose rows cannot be looked up."""
    return ()


def read_dialogue(
    messages: Sequence[Message], vocabulary: Vocabulary, past: Sequence[PastTurn] = (), rows: Rows = no_rows
) -> Dialogue:
    """What is wanted after all the shopper's messages; those of other roles are not read.

    Parameters
    ----------
    past : the turns of this conversation that were answered, oldest first. A single message is the next turn; of
        several, those that are ``past`` turns are not read again, so that one that is sent anew takes the place of what
        came after the turn before it.

    Raises
    ------
    BadMessagesError
        There is no message with the role "user", or there are more than ``MAX_MESSAGES``.
    """
    if len(messages) > MAX_MESSAGES:
        raise BadMessagesError(f"got {len(messages)} messages; at most {MAX_MESSAGES} are read, send the latest")
    texts = [message.text for message in messages if message.role == "user"]
    if not texts:
        roles = ", ".join(message.role for message in messages) or "none"
        raise BadMessagesError(
            f"a message with the role 'user' is needed; got {len(messages)} messages with roles: {roles}"
        )
    answered, new = resumed(texts, past)
    state = past[answered - 1].state if answered else _NEW
    for text in new[:-1]:
        state = _read(text, state, vocabulary, rows).state
    return replace(_read(new[-1], state, vocabulary, rows), number=answered + len(new))


def resumed(texts: Sequence[str], past: Sequence[PastTurn]) -> tuple[int, Sequence[str]]:
    """How many of the past turns are gone on from, and the messages that are new: the last one always is.

    The messages before the last are looked for at the end of what was said up to each past turn, the latest first, so
    that a client may send all of them, the latest few, or only the last.
    """
    earlier = list(texts[:-1])
    if not earlier:
        return len(past), texts
    said = [turn.text for turn in past]
    for known in range(len(earlier), 0, -1):
        for end in range(len(said), 0, -1):
            start = max(end - known, 0)
            if said[start:end] == earlier[known - (end - start) : known] and (start == 0 or end - start == known):
                return end, texts[known:]
    return 0, texts


def _read(text: str, state: DialogueState, vocabulary: Vocabulary, rows: Rows) -> Dialogue:
    """One more message."""
    shown = rows(state.shown)
    focus = next(iter(rows([state.focus])), None) if state.focus else None
    tokens = tokens_of(text, vocabulary)
    critique = read_critique(tokens, shown, focus, vocabulary)
    turn = understand(text, vocabulary, tokens)
    before = _NEW if turn.start_over else _gone_back(state, critique.back)
    if _leaves(before, turn, critique):
        before = before.model_copy(update={"set_aside": (), "like": None, "beside": None, "focus": None})
    kept = _without_subject(before.wishes) if critique.move is Move.COMPLEMENT else before.wishes
    wishes = fold_turn(kept, turn, vocabulary)
    of = next(iter(rows([critique.of])), None) if critique.of else None
    if of is not None:
        wishes = criticised(wishes, critique, of, vocabulary)
    after = _after(before, wishes, critique)
    return Dialogue(
        small_talk=turn.small_talk,
        request=text,
        state=after,
        move=critique.move,
        items=critique.pointed,
        opinions={**dict.fromkeys(critique.liked, True), **dict.fromkeys(critique.disliked, False)},
        dwelt_on=tuple(one for one in after.dwelt_on if one not in before.dwelt_on),
    )


def _gone_back(state: DialogueState, back: Back | None) -> DialogueState:
    """The state with the wishes of the first turn, or of the one before."""
    if back is None or not state.past:
        return state
    past = state.past[:1] if back is Back.FIRST else state.past[: max(len(state.past) - 1, 1)]
    return state.model_copy(update={"wishes": past[-1], "past": past, "set_aside": (), "like": None, "beside": None})


def _leaves(state: DialogueState, turn: Turn, critique: Critique) -> bool:
    return critique.back is None and _is_new_subject(state.wishes, turn)


def _without_subject(wishes: Wishes) -> Wishes:
    return wishes.model_copy(update={"category": (), "brand": (), "keywords": (), "attributes": {}})


def _after(state: DialogueState, wishes: Wishes, critique: Critique) -> DialogueState:
    silent = wishes.model_copy(update={"unread": ()})
    changed = not state.past or state.past[-1] != silent
    update: dict[str, object] = {
        "wishes": wishes,
        "past": (*state.past, silent)[-MAX_PAST:] if changed else state.past,
        "focus": critique.pointed[0] if critique.pointed else state.focus if critique.move is not None else None,
        "liked": _joined([one for one in state.liked if one not in critique.disliked], critique.liked),
        "disliked": _joined([one for one in state.disliked if one not in critique.liked], critique.disliked),
        **_attention(state, critique),
    }
    if critique.set_aside:
        update["set_aside"] = _joined(state.set_aside, state.shown)
    if critique.like is not None:
        update |= {"like": critique.like, "beside": None}
    if critique.move is Move.COMPLEMENT:
        update |= {"beside": critique.pointed[0], "like": None}
    return state.model_copy(update=update)


def _attention(state: DialogueState, critique: Critique) -> dict[str, tuple[str, ...]]:
    """What was talked of once and more often, without what was liked or disliked: that is told by itself.

    A list that is set aside takes with it what was talked of once.
    """
    judged = {*critique.liked, *critique.disliked}
    left = judged | {*(state.shown if critique.set_aside else ())}
    looks = critique.move in _LOOKS or critique.like is not None
    looked = [one for one in critique.pointed if looks and one not in (*state.liked, *state.disliked)]
    again = [one for one in looked if one in state.talked_of]
    talked_of, dwelt_on = _joined(state.talked_of, looked), _joined(state.dwelt_on, again)
    return {
        "talked_of": tuple(one for one in talked_of if one not in left),
        "dwelt_on": tuple(one for one in dwelt_on if one not in judged),
    }


def _joined(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))


def fold_turn(wishes: Wishes, turn: Turn, vocabulary: Vocabulary) -> Wishes:
    """The wishes after one more message.

    A new subject (category or keywords) replaces the old one with its colours, brands and other attributes, and keeps
    prices, stock and refusals; a message that only adds a colour or "with hearts" narrows the subject it finds.
    """
    kept = Wishes() if turn.start_over else _forget(wishes, turn.forget, vocabulary)
    new = turn.wishes
    if _is_new_subject(kept, turn):
        kept = _without_subject(kept)
    minimum, maximum = agree(kept.min_price, kept.max_price, (new.min_price, new.max_price))
    wanted = _merge(_fields(kept), _fields(new), extend=turn.extends)
    wanted = _minus(wanted, new.without)
    keywords = _without_words((*kept.keywords, *new.keywords), new.without.get(KEYWORDS, ()))
    without = _merge(_minus(kept.without, {**_fields(new), KEYWORDS: new.keywords}), new.without, extend=True)
    return Wishes(
        min_price=minimum,
        max_price=maximum,
        in_stock=kept.in_stock or new.in_stock,
        category=wanted.pop(CATEGORY, ()),
        brand=wanted.pop(BRAND, ()),
        attributes=wanted,
        without=without,
        keywords=keywords,
        recipient=new.recipient or kept.recipient,
        occasion=new.occasion or kept.occasion,
        unread=new.unread,
    )


def _is_new_subject(wishes: Wishes, turn: Turn) -> bool:
    new = turn.wishes
    if new.category:
        return not turn.extends and not set(new.category) <= set(wishes.category)
    return bool(new.keywords) and not turn.refines and not set(new.keywords) <= set(wishes.keywords)


def _fields(wishes: Wishes) -> Attributes:
    fields = {CATEGORY: wishes.category, BRAND: wishes.brand, **wishes.attributes}
    return {name: values for name, values in fields.items() if values}


def _merge(old: Attributes, new: Attributes, *, extend: bool) -> Attributes:
    """The values of both; of a field in both the new ones, or with ``extend`` all. New fields come last."""
    merged = {name: values for name, values in old.items() if name not in new}
    for name, values in new.items():
        before = old.get(name, ()) if extend else ()
        merged[name] = tuple(dict.fromkeys((*before, *values)))
    return merged


def _minus(fields: Attributes, taken: Attributes) -> Attributes:
    left = {
        name: tuple(value for value in values if value not in taken.get(name, ())) for name, values in fields.items()
    }
    return {name: values for name, values in left.items() if values}


def _without_words(keywords: tuple[str, ...], refused: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in dict.fromkeys(keywords) if word not in refused)


def _forget(wishes: Wishes, fields: frozenset[str], vocabulary: Vocabulary) -> Wishes:
    if not fields:
        return wishes
    update: dict[str, object] = {name: () for name in (CATEGORY, BRAND) if name in fields}
    if "price" in fields:
        update |= {"min_price": None, "max_price": None}
    if "in_stock" in fields:
        update["in_stock"] = False
    update["attributes"] = _outside(wishes.attributes, fields)
    update["without"] = _outside(wishes.without, fields)
    forgotten = wishes.model_copy(update=update)
    return _forget_colour_words(forgotten, vocabulary) if COLOUR in {_folded(name) for name in fields} else forgotten


def _outside(fields: Attributes, names: frozenset[str]) -> Attributes:
    folded = {_folded(name) for name in names}
    return {name: values for name, values in fields.items() if _folded(name) not in folded}


def _folded(name: str) -> str:
    return " ".join(words(name))


def _forget_colour_words(wishes: Wishes, vocabulary: Vocabulary) -> Wishes:
    def others(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(word for word in values if plain(word) not in vocabulary.colours)

    without = {name: others(values) if name == KEYWORDS else values for name, values in wishes.without.items()}
    return wishes.model_copy(
        update={
            "keywords": others(wishes.keywords),
            "without": {name: values for name, values in without.items() if values},
        }
    )
