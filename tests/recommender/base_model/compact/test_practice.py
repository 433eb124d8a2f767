"""What the compact writer learns from: replies that pass the check, made of words that the grammar lets it write."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoTokenizer

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.compact.practice.examples import Mixture, draw_examples, practice_shelves
from recommender.base_model.compact.practice.filling import noun_of
from recommender.base_model.compact.practice.measuring import measure, writer_of
from recommender.base_model.compact.practice.real_shelves import real_shelves
from recommender.base_model.compact.practice.repetition import Repetition
from recommender.base_model.compact.practice.requests import MOVES, draw_request
from recommender.base_model.compact.practice.swaps import Place, distinct_bigrams, draw_pairs, measure_swaps
from recommender.base_model.compact.practice.teacher import Teacher
from recommender.base_model.grammar import Vocabulary
from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import check
from recommender.conversation.prompt import writing_prompt
from recommender.conversation.rendering import render
from recommender.conversation.sieve import PURPOSES
from recommender.prompts import Prompt
from schemas import Seen, Surface
from schemas.conversation import ClaimKind

SHELVES = practice_shelves(3, 1)


def contexts(count: int, seed: int) -> list[WritingContext]:
    rng = np.random.default_rng(seed)
    return [draw_request(SHELVES[number % len(SHELVES)], rng) for number in range(count)]


def test_every_sentence_of_the_teacher_is_grounded() -> None:
    teacher = Teacher(np.random.default_rng(1))
    said = [(sentence, context) for context in contexts(40, 1) for sentence in teacher.reply(context)]
    assert len(said) > 100
    assert [sentence for sentence, context in said if not check(sentence, context).ok] == []


def test_what_is_practised_is_all_that_a_conversation_asks_of_a_writer() -> None:
    drawn = contexts(400, 3)
    assert {context.move for context in drawn} == set(MOVES)
    assert {context.surface for context in drawn} == {Surface.WEB, Surface.MESSENGER}
    asked = {
        "a gift": [context for context in drawn if context.wishes.recipient or context.wishes.occasion],
        "a refusal": [context for context in drawn if context.wishes.without],
        "a wish that gave way": [context for context in drawn if context.relaxed],
        "a price in another currency": [context for context in drawn if context.foreign_prices],
        "a set": [context for context in drawn if context.total is not None],
        "a photo": [context for context in drawn if context.seen],
        "several things in a photo": [context for context in drawn if context.several_in_photo],
        "a question at the end": [context for context in drawn if context.question is not None],
        "another language": [context for context in drawn if not context.in_english],
        "nothing found": [context for context in drawn if not context.items],
    }
    assert {name: len(found) >= 3 for name, found in asked.items()} == dict.fromkeys(asked, True)


def test_the_teacher_asks_nothing_and_says_nothing_twice() -> None:
    """A writer's own questions are left out of replies."""
    teacher = Teacher(np.random.default_rng(9))
    for context in contexts(100, 4):
        said = teacher.reply(context)
        assert not [sentence for sentence in said if sentence.endswith("?")]
        assert len(said) == len(set(said))


def test_the_teacher_tells_whom_a_gift_is_for_and_makes_up_nobody() -> None:
    teacher = Teacher(np.random.default_rng(10))
    told = 0
    for context in contexts(200, 5):
        words = set(" ".join(teacher.reply(context)).replace(",", " ").replace(".", " ").replace(":", " ").split())
        named = words & PURPOSES
        assert named <= {*context.wishes.recipient, *context.wishes.occasion}
        told += bool(named)
    assert told >= 5


@pytest.mark.realdata
def test_real_catalogues_are_shelves_like_any(data_dir: Path) -> None:
    shelves = real_shelves(data_dir, 1, 1)
    assert len(shelves) == 2
    teacher, rng = Teacher(np.random.default_rng(1)), np.random.default_rng(2)
    for shelf in shelves:
        assert len(shelf.rows) == 120
        for context in (draw_request(shelf, rng) for _ in range(10)):
            assert all(check(sentence, context).ok for sentence in teacher.reply(context))
    assert shelves[1].photo("item-0", 0).size == (60, 80)


@pytest.mark.realdata
def test_products_with_a_title_that_is_held_out_are_on_shelves_of_their_own(data_dir: Path) -> None:
    practised, unseen = (real_shelves(data_dir, 1, 2, held_out=held_out) for held_out in (False, True))
    titles, others = ({row.title for shelf in shelves for row in shelf.rows} for shelves in (practised, unseen))
    assert titles
    assert others
    assert not titles & others


def test_real_catalogues_that_are_not_there_are_done_without(tmp_path: Path) -> None:
    assert real_shelves(tmp_path, 1, 1) == []


def test_what_is_told_of_a_product_is_any_of_its_fields() -> None:
    teacher, rng = Teacher(np.random.default_rng(0)), np.random.default_rng(1)
    told = set[str]()
    for context in (draw_request(SHELVES[0], rng) for _ in range(60)):
        for sentence in teacher.reply(context):
            claims = render(sentence, context, check(sentence, context).literals)[1]
            told |= {claim.field for claim in claims if claim.kind is ClaimKind.PRODUCT}
    assert {"color", "material", "brand", "size", "style", "feature", "category"} <= told


def test_a_photo_is_told_with_its_colour() -> None:
    rng = np.random.default_rng(1)
    context = draw_request(SHELVES[0], rng, photo_share=1.0)
    shown = (Seen(field="category", value="Mugs", confidence=0.9), Seen(field="color", value="Teal", confidence=0.9))
    assert "a teal mug" in Teacher(rng).seen(replace(context, seen=shown))


def test_repetition_is_what_an_earlier_reply_holds_too() -> None:
    replies = [["One two three four five.", "Hello."], ["one two three four!", "Hello"], ["Six."]]
    again = Repetition.of(replies)
    assert again.sentences == 1 / 5
    assert again.four_grams == 1 / 3


def test_what_a_reply_says_twice_itself_is_no_repetition() -> None:
    assert Repetition.of([["Hello.", "Hello."]]).sentences == 0


def test_the_grammar_lets_the_teacher_say_all_of_it() -> None:
    teacher = Teacher(np.random.default_rng(2))
    tokenizer = AutoTokenizer.from_pretrained(CHECKPOINT)
    vocabulary = Vocabulary.of(tokenizer, [tokenizer.eos_token_id])
    for context in contexts(40, 2):
        prompt, reply = writing_prompt(context), " ".join(teacher.reply(context))
        assert prompt.allowed is not None
        constraint = vocabulary.constraint(prompt.allowed)
        for token in tokenizer.encode(reply):
            assert token in constraint.choices(), reply
            constraint.take(token)


def test_the_same_seed_gives_the_same_examples() -> None:
    one, other = (
        list(islice(draw_examples(SHELVES, np.random.default_rng(4), Mixture(0.3, 0.3)), 20)) for _ in range(2)
    )
    assert [(example.prompt, example.reply) for example in one] == [
        (example.prompt, example.reply) for example in other
    ]


@pytest.mark.parametrize(
    ("category", "noun"), [("Mugs", "mug"), ("Table Lamps", "table lamp"), ("Socks", "socks"), ("Tea", "tea")]
)
def test_a_category_is_called_by_the_thing_it_holds(category: str, noun: str) -> None:
    assert noun_of(category)[0] == noun


def test_a_writer_that_repeats_itself_uses_nothing_of_its_prompt() -> None:
    pairs = draw_pairs([shelf for shelf in SHELVES if shelf.products], 20, np.random.default_rng(5))
    same = ["[[P1]] is a lovely choice."] * len(pairs)
    shares = measure_swaps(pairs, same, same)
    assert {place: share.changed for place, share in shares.items()} == dict.fromkeys(Place, 0)


def test_the_teacher_uses_its_prompt() -> None:
    pairs = draw_pairs([shelf for shelf in SHELVES if shelf.products], 40, np.random.default_rng(6))
    teacher = Teacher(np.random.default_rng(7))
    ones, others = (
        [" ".join(teacher.reply(context)) for context in contexts]
        for contexts in ([pair.one for pair in pairs], [pair.other for pair in pairs])
    )
    shares = measure_swaps(pairs, ones, others)
    assert all(share.share >= 0.8 for share in shares.values())


def test_distinct_bigrams_are_counted_once() -> None:
    assert distinct_bigrams(["a b a b", "a b"]) == 2 / 4
    assert distinct_bigrams([""]) == 0.0


def test_what_only_one_of_a_pair_tells_is_no_change() -> None:
    (pair,) = draw_pairs([shelf for shelf in SHELVES if shelf.products], 1, np.random.default_rng(5))
    silent, telling = "[[P1]] is a lovely choice.", "[[P1]] is a lovely choice in [[P1.category]]."
    shares = measure_swaps([pair] * 2, [silent, telling], [telling, telling])
    assert shares[pair.place].changed == 1


def test_both_of_a_pair_are_written_with_the_same_random_numbers() -> None:
    asked: list[list[int]] = []

    class Counting:
        def generate(self, prompts: Sequence[Prompt]) -> list[str]:
            asked.append([prompt.seed for prompt in prompts])
            return ["[[P1]] is a lovely choice."] * len(prompts)

    measure(writer_of(Counting(), grammar=True), SHELVES, pairs=5, requests=2, seed=1)  # type: ignore[arg-type]
    assert asked[0] == asked[1] == [0, 1, 2, 3, 4]
