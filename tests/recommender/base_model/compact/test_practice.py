"""What the compact writer learns from: replies that pass the check, made of words that the grammar lets it write."""

from collections.abc import Sequence
from itertools import islice

import numpy as np
import pytest
from transformers import AutoTokenizer

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.compact.practice.examples import Mixture, draw_examples, practice_shelves
from recommender.base_model.compact.practice.measuring import measure, writer_of
from recommender.base_model.compact.practice.requests import draw_request
from recommender.base_model.compact.practice.swaps import Place, distinct_bigrams, draw_pairs, measure_swaps
from recommender.base_model.compact.practice.teacher import Teacher, noun_of
from recommender.base_model.grammar import Vocabulary
from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import check
from recommender.conversation.prompt import writing_prompt
from recommender.prompts import Prompt

SHELVES = practice_shelves(3, 1)


def contexts(count: int, seed: int) -> list[WritingContext]:
    rng = np.random.default_rng(seed)
    return [draw_request(SHELVES[number % len(SHELVES)], rng) for number in range(count)]


def test_every_sentence_of_the_teacher_is_grounded() -> None:
    teacher = Teacher(np.random.default_rng(1))
    said = [(sentence, context) for context in contexts(40, 1) for sentence in teacher.reply(context)]
    assert len(said) > 100
    assert [sentence for sentence, context in said if not check(sentence, context).ok] == []


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
