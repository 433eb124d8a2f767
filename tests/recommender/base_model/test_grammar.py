"""Whatever a model would like to say, what it writes under the grammar is allowed sentences and nothing else."""

import re
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.base_model import grammar
from recommender.base_model.grammar import Constraint, Vocabulary
from recommender.errors import WriterError
from recommender.prompts import Allowed, Topic
from tests.recommender.base_model.tiny_checkpoints import tokenizer

END = 2
TOKENIZER = tokenizer("<image>")
VOCABULARY = Vocabulary.of(TOKENIZER, [END])
SLOTS = ("[[P1]]", "[[P1.price]]", "[[P1<P2.price]]", "[[R1]]", "[[W.max_price]]")
WORDS = frozenset({"here", "is", "a", "it", "i", "i'm", "and", "looks", "lovely", "because"})
ALLOWED = Allowed((Topic(WORDS, frozenset({"blue", "café", "ßharp"}), SLOTS),), max_sentences=3)
FIRST = Topic(WORDS, frozenset({"blue", "wool"}), ("[[P1.price]]",), needs=("[[P1]]",))
SECOND = Topic(WORDS, frozenset({"blue", "red"}), ("[[P2.price]]",), needs=("[[P2]]",))
BOTH = Topic(WORDS, slots=("[[P1]]", "[[P2]]"), needs=("[[P1]]", "[[P2]]"))
SEARCH = Topic(WORDS | {"wish", "photo"})
PHOTO = Topic(WORDS | {"photo"}, frozenset({"cream"}), needs=("photo",))
TOPICS = Allowed((SEARCH, FIRST, SECOND, BOTH, PHOTO), max_sentences=2)


def written(allowed: Allowed, seed: int, length: int) -> tuple[str, bool]:
    """What a model that likes every allowed token as well as the next would write, and whether it came to an end."""
    rng = np.random.default_rng(seed)
    constraint, tokens = VOCABULARY.constraint(allowed), list[int]()
    while not constraint.ended and len(tokens) < length:
        token = int(rng.choice(constraint.choices()))
        if token == END:
            return TOKENIZER.decode(tokens), True
        constraint.take(token)
        tokens.append(token)
    return TOKENIZER.decode(tokens), constraint.ended


def is_allowed(text: str, allowed: Allowed) -> bool:
    """Of one topic that needs nothing, by an expression of its own, over the text instead of tokens."""
    (topic,) = allowed.topics
    spellings = {word for plain in topic.words | topic.own_words for word in (plain, plain.capitalize())}
    word = "(?:" + "|".join(re.escape(spelling) for spelling in sorted(spellings, key=len, reverse=True)) + ")"
    slot = "(?:" + "|".join(map(re.escape, topic.slots)) + ")"
    plain = f"(?:{word}(?:-{word})*|{slot})"
    joint = "(?:[,;:]? | \u2013 )"
    row = f"{plain}(?:{joint}{plain})*"
    part = rf"(?:\({row}\)|“{row}”|{plain})"
    sentence = f"{part}(?:{joint}{part})*[.!?]"
    more = allowed.max_sentences - 1
    return bool(re.fullmatch(rf"(?: |- )?{sentence}(?:(?: |\n\n?|\n- ){sentence}){{0,{more}}}", text))


def accepts(text: str, allowed: Allowed = ALLOWED) -> bool:
    """Whether a model may write just this and end."""
    constraint = VOCABULARY.constraint(allowed)
    return _taken(constraint, text) and (constraint.ended or END in constraint.choices())


def _taken(constraint: Constraint, text: str) -> bool:
    for token in TOKENIZER.encode(text):
        if token not in constraint.choices():
            return False
        constraint.take(token)
    return True


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    slots=st.sets(st.sampled_from(SLOTS)),
    words=st.sets(st.sampled_from(sorted(WORDS)), min_size=1),
    sentences=st.integers(1, 4),
)
def test_whatever_is_written_is_allowed(seed: int, slots: set[str], words: set[str], sentences: int) -> None:
    allowed = Allowed((Topic(frozenset(words), slots=tuple(slots)),), max_sentences=sentences)
    text, ended = written(allowed, seed, 60)
    outside = re.sub(r"\[\[.*?\]\]", "", text)
    outside = outside if ended else re.sub(r"\[[^\]]*\]?$", "", outside)
    assert not re.search(r"[\d$€£%<>\[\]]", outside)
    assert not re.search(r"[^\W_]\[\[|\]\][^\W_]|-\[\[|\]\]-|\]\]\[\[", text)
    if ended:
        assert text[-1] in ".!?"
        assert is_allowed(text, allowed)


def test_enough_of_the_texts_above_come_to_an_end() -> None:
    assert sum(written(ALLOWED, seed, 60)[1] for seed in range(40)) > 10


@pytest.mark.parametrize(
    "text",
    [
        "Here is [[P1]].",
        " Here is a lovely-blue [[P1]], and it looks lovely!",
        "I'm here. It is [[P1.price]]; because [[R1]]. Is it a café?",
        "- Here is [[P1]].\n- Here is [[P1<P2.price]].",
        "Here is [[P1]] (blue): [[R1]].\n\nIt \u2013 and “a lovely café” \u2013 is lovely.",
        "[[P1]].",
        "ßharp.",
    ],
)
def test_what_may_be_written(text: str) -> None:
    assert is_allowed(text, ALLOWED), "the expression of this test refuses it"
    assert accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Here is [[P1]]",
        "Here is a lamp.",
        "Here is 5.",
        "Here is $.",
        "Here is [[P2]].",
        "Here is [[P1.price]]0.",
        "Here is a[[P1]].",
        "Here is [[P1]]and.",
        "Here is [[P1]][[R1]].",
        "Here is [[P1]]-blue.",
        "Here is blue-[[P1]].",
        "Here  is [[P1]].",
        "Here, , is.",
        "Here is (blue.",
        "hEre is it.",
        "Here is <image>.",
        "Here.Here.",
        "Here. Is. It. A.",
        "A blue\u200bis.",
    ],
)
def test_what_may_not(text: str) -> None:
    assert not is_allowed(text, ALLOWED), "the expression of this test takes it"
    assert not accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        "[[P1]] is a blue-wool [[P1.price]].",
        "Here is [[P2]], because it looks red.",
        "[[P2.price]]: here is [[P2]] and it is blue. I wish.",
        "Because it [[P2.price]], it is [[P2]].",
        "Here is [[P1]] and [[P2]].",
        "[[P1]] is [[P1]].",
        "A photo is a cream photo.",
        "A photo is here.",
    ],
)
def test_a_sentence_of_one_topic(text: str) -> None:
    assert accepts(text, TOPICS)


@pytest.mark.parametrize(
    "text",
    [
        "[[P1]] is red.",
        "Here is [[P2]], wool.",
        "A red [[P2]].",
        "[[P2.price]] [[P2.price]] is [[P2]].",
        "Here it is because [[P2.price]] is [[P2]].",
        "Here is a blue.",
        "Here is [[P1.price]].",
        "[[P1]] is [[P2.price]].",
        "[[P1]] is a wish.",
        "[[P1]] and [[P2]] is blue.",
        "[[P1]] is [[P1]], blue.",
        "[[P1]] is cream.",
        "Here is cream.",
        "[[P1]] is a photo.",
    ],
)
def test_a_sentence_of_two_topics_or_without_what_its_topic_needs(text: str) -> None:
    assert not accepts(text, TOPICS)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_whatever_is_written_keeps_to_its_topics(seed: int) -> None:
    text, ended = written(TOPICS, seed, 60)
    for sentence in re.split(r"(?<=[.!?])\s", text) if ended else ():
        named = set(re.findall(r"\[\[(P\d)\]\]", sentence))
        owners = set(re.findall(r"\[\[(P\d)\.", sentence))
        own = {word for topic in (FIRST, SECOND) for word in topic.own_words if word in sentence.lower()}
        assert not owners or owners == named
        assert not own or (len(named) == 1 and own <= (FIRST if named == {"P1"} else SECOND).own_words)
        assert "cream" not in sentence.lower() or "photo" in sentence.lower()


def test_a_topic_may_ask_for_a_word_before_any_slot() -> None:
    listed = Allowed((Topic(WORDS, slots=("[[P1]]", "[[P2]]"), needs=("[[P1]]", "[[P2]]"), begins_with_word=True),))
    assert accepts("Here is [[P1]] and [[P2]].", listed)
    assert not accepts("[[P1]] is lovely and [[P2]] is.", listed)


def test_the_end_comes_after_a_sentence_only() -> None:
    constraint = VOCABULARY.constraint(ALLOWED)
    assert END not in constraint.choices()
    assert _taken(constraint, "Here is it")
    assert END not in constraint.choices()
    assert _taken(constraint, ".")
    assert END in constraint.choices()


def test_after_the_last_sentence_nothing_follows() -> None:
    constraint = VOCABULARY.constraint(Allowed((Topic(WORDS),), max_sentences=1))
    assert _taken(constraint, "Here is it.")
    assert constraint.ended


def test_special_tokens_are_never_offered() -> None:
    constraint = VOCABULARY.constraint(ALLOWED)
    special = set(TOKENIZER.all_special_ids) - {END}
    for _ in islice(iter(int, 1), 30):
        choices = constraint.choices()
        assert not special & set(choices.tolist())
        constraint.take(int(choices[0]))


def test_a_slot_and_the_mark_behind_it_may_share_tokens() -> None:
    pieces = [TOKENIZER.decode([token]) for token in TOKENIZER.encode("[[P1]] looks [[P1.price]] because [[R1]], I")]
    assert any("]" in piece and piece.strip("]") for piece in pieces), f"no token spans the end of a slot: {pieces}"
    assert accepts("It looks lovely because [[R1]], I'm here.")


def test_words_and_slots_are_spelt_as_they_are() -> None:
    allowed = Allowed((Topic(frozenset({"o'clock", "a.b", "x/y"}), slots=("[[P1.a+b (c)/d|e]]",)),))
    for text in ("[[P1.a+b (c)/d|e]].", "O'clock a.b X/y."):
        assert accepts(text, allowed)
    assert not accepts("Axb.", allowed)


def test_a_prompt_with_slots_alone() -> None:
    assert accepts("[[P1]], [[R1]].", Allowed((Topic(slots=SLOTS),)))
    assert accepts("[[P1]].", Allowed((Topic(needs=("[[P1]]",)),)))


def test_nothing_allowed_is_an_error() -> None:
    with pytest.raises(WriterError, match="at least one word or slot"):
        VOCABULARY.constraint(Allowed((Topic(),)))


def test_a_slow_tokenizer_is_an_error() -> None:
    with pytest.raises(WriterError, match="fast tokenizer"):
        Vocabulary.of(object(), [END])


@pytest.mark.parametrize("allowed", [ALLOWED, TOPICS], ids=["words", "topics"])
def test_a_token_that_is_asked_about_alone_is_allowed_where_it_is_among_all(allowed: Allowed) -> None:
    rng = np.random.default_rng(0)
    constraint = VOCABULARY.constraint(allowed)
    for _ in range(30):
        choices = constraint.choices()
        assert choices.tolist() == [token for token in range(len(TOKENIZER)) if constraint.allows(token)]
        constraint.take(int(rng.choice(choices[choices != END])))
        if constraint.ended:
            break


def test_answers_under_the_same_grammar_do_not_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = Allowed((Topic(frozenset({"one", "grammar", "twice"})),))
    compiled: list[str] = []
    grammar_of = grammar.grammar_of
    monkeypatch.setattr(grammar, "grammar_of", lambda asked: compiled.append("") or grammar_of(asked))
    first = VOCABULARY.constraint(allowed)
    at_first = first.choices()
    first.take(int(at_first[0]))
    second = VOCABULARY.constraint(Allowed((Topic(frozenset({"twice", "one", "grammar"})),)))
    assert second.choices().tolist() == at_first.tolist()
    assert len(compiled) == 1
