"""Training examples: a prompt, the reply that the teacher writes to it, and perhaps a photo."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL.Image import Image, Resampling

from recommender.base_model.compact.architecture import ASSISTANT, END, IMAGE, PATCH, PHOTO_SIZE, USER
from recommender.base_model.compact.practice.requests import draw_request, plainly
from recommender.base_model.compact.practice.shelves import Shelf, invented_shelf, simulated_shelf, titles_shelf
from recommender.base_model.compact.practice.teacher import Teacher
from recommender.base_model.compact.practice.wishes import draw_purposes
from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import check, named_products
from recommender.conversation.prompt import rewriting_prompt, writing_prompt
from recommender.prompts import Prompt
from schemas import Mode, Wishes

PHOTO_TOKENS: Final = (PHOTO_SIZE // PATCH) ** 2
Words = tuple[str, ...]
_LIES: Final = ("waterproof", "£9", "new", "better", "handmade", "free", "popular", "sold")


@dataclass(frozen=True)
class Mixture:
    """How many examples are of which kind: a photo alone, one or two products, or, for the rest, a whole request.

    ``retries`` are those of the whole requests that ask for a sentence again.
    """

    captions: float
    short: float
    retries: float = 0.06


@dataclass(frozen=True)
class Example:
    """``prompt`` ends where the reply begins; ``photo`` is uint8 of shape (PHOTO_SIZE, PHOTO_SIZE, 3).

    ``told`` are the words that only the prompt, or the photo, can tell: they weigh more.
    """

    prompt: str
    reply: str
    photo: npt.NDArray[np.uint8] | None
    told: frozenset[str]


def practice_shelves(seed: int, count: int) -> list[Shelf]:
    """Half of them simulated shops, the others invented ones and title lists."""
    kinds = (simulated_shelf, simulated_shelf, invented_shelf, titles_shelf)
    return [kind(seed * 10_000 + 10 * number + at) for number in range(count) for at, kind in enumerate(kinds)]


def draw_examples(shelves: Sequence[Shelf], rng: np.random.Generator, mixture: Mixture) -> Iterator[Example]:
    """Without end; the same shelves, rng and mixture give the same examples."""
    photographed = [shelf for shelf in shelves if shelf.products]
    telling = [shelf for shelf in shelves if any(row.attributes for row in shelf.rows)]
    teacher = Teacher(rng)
    while True:
        kind = rng.random()
        if kind < mixture.captions:
            shelf = photographed[int(rng.integers(len(photographed)))]
            yield _caption(draw_request(shelf, rng, photo_share=1.0), teacher, rng)
            continue
        if kind < mixture.captions + mixture.short:
            shelf = telling[int(rng.integers(len(telling)))]
            yield _short(draw_request(shelf, rng, photo_share=0.0), teacher, rng)
            continue
        context = draw_request(shelves[int(rng.integers(len(shelves)))], rng)
        example = _retry(context, teacher, rng) if rng.random() < mixture.retries else None
        yield example or _replied(context, teacher, rng)


def as_example(prompt: Prompt, reply: str, rng: np.random.Generator | None = None, *, purposes: Words = ()) -> Example:
    """``rng`` varies the photo; ``purposes`` are whom and what something is for."""
    photo = _pixels(prompt.photos[0], rng) if prompt.photos else None
    told = prompt.allowed.own_words if prompt.allowed else frozenset()
    return Example(as_text(prompt), reply, photo, told.union(purposes))


def as_text(prompt: Prompt) -> str:
    """What the chat template makes of a prompt, with one image token for each patch."""
    said = [f"{USER if turn.role == 'user' else ASSISTANT}{turn.text}{END}" for turn in prompt.turns[1:]]
    photo = IMAGE * PHOTO_TOKENS * len(prompt.photos)
    return "".join([said[0].replace(USER, USER + photo, 1), *said[1:], ASSISTANT])


def _replied(context: WritingContext, teacher: Teacher, rng: np.random.Generator) -> Example:
    purposes = (*context.wishes.recipient, *context.wishes.occasion)
    return as_example(writing_prompt(context), " ".join(teacher.reply(context)), rng, purposes=purposes)


def _caption(context: WritingContext, teacher: Teacher, rng: np.random.Generator) -> Example:
    """The photo alone, so that what it shows is learned cheaply."""
    alone = replace(plainly(context), items=(), wishes=Wishes(), relaxed=(), several_in_photo=False, mode=Mode.FAST)
    return as_example(writing_prompt(alone), teacher.seen(alone), rng)


def _short(context: WritingContext, teacher: Teacher, rng: np.random.Generator) -> Example:
    """One or two products and a sentence for each, often a gift's, so that what the lines say is learned cheaply."""
    items = context.items[: int(rng.integers(1, 3))]
    wishes = draw_purposes(rng) if rng.random() < 0.5 else Wishes()
    context = replace(plainly(context), items=items, wishes=wishes, relaxed=(), shortfall=0, mode=Mode.FAST)
    return _replied(replace(context, cold_start=False), teacher, rng)


def _retry(context: WritingContext, teacher: Teacher, rng: np.random.Generator) -> Example | None:
    """A sentence with a lie in it, why it was refused, and a better one about the same product."""
    said = teacher.reply(context)
    told = [sentence for sentence in said if len(named_products(sentence)) == 1]
    if not told:
        return None
    sentence = told[int(rng.integers(len(told)))]
    wrong = _LIES[int(rng.integers(len(_LIES)))]
    lie = f"{sentence[:-1]}, {wrong}{sentence[-1]}" if rng.random() < 0.5 else sentence.replace("[[P", "[[P9", 1)
    problems = check(lie, context).problems
    number = named_products(sentence)[0]
    better = teacher.about(number, context, first=number == 1)
    return as_example(rewriting_prompt(context, lie, problems[:2]), better, rng) if problems and better else None


def _pixels(photo: Image, rng: np.random.Generator | None = None) -> npt.NDArray[np.uint8]:
    """As the processor sizes them; with ``rng`` cut, mirrored and lit differently, as photos are."""
    if rng is None:
        return np.array(photo.resize((PHOTO_SIZE, PHOTO_SIZE), Resampling.BILINEAR), dtype=np.uint8)
    cut = rng.uniform(0, 0.1, size=4) * photo.width
    box = (cut[0], cut[1], photo.width - cut[2], photo.height - cut[3])
    pixels = np.asarray(photo.resize((PHOTO_SIZE, PHOTO_SIZE), Resampling.BILINEAR, box=box), dtype=np.float32)
    lit = pixels[:, :: (1 if rng.random() < 0.5 else -1)] * rng.uniform(0.88, 1.1)
    return np.clip(lit + rng.normal(0, 3, size=lit.shape), 0, 255).astype(np.uint8)
