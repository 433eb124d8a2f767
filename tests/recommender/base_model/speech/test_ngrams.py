"""The language model sums to one, and is written as ARPA says."""

import pytest

from recommender.base_model.speech.ngrams import END, START, Trigrams

SENTENCES = [("a", "red", "mug"), ("a", "red", "lamp"), ("a", "blue", "mug"), ("mug",)]
MODEL = Trigrams(SENTENCES)


@pytest.mark.parametrize("history", [(), (START,), ("a",), (START, "a"), ("a", "red"), ("mug", "mug"), ("red", "mug")])
def test_probabilities_sum_to_one_after_every_history(history):
    total = sum(MODEL.probability(word, history) for word in (*MODEL.words, END))
    assert total == pytest.approx(1)


def test_what_was_said_oftener_is_likelier():
    assert MODEL.probability("red", (START, "a")) > MODEL.probability("blue", (START, "a")) > 0
    assert MODEL.probability("lamp", ("a", "blue")) > 0
    assert MODEL.probability("teapot", ()) == 0


def test_the_words_are_those_of_the_sentences():
    assert MODEL.words == ("a", "blue", "lamp", "mug", "red")


def test_an_arpa_file_has_every_n_gram_and_backs_off_to_the_same_probabilities():
    lines = list(MODEL.arpa())
    assert lines[0] == "\\data\\"
    assert lines[-1] == "\n\\end\\"
    grams = {}
    for line in lines:
        if line[0] == "-" or line[0].isdigit():
            score, *rest = line.split()
            words = [part for part in rest if not _is_number(part)]
            grams[tuple(words)] = (float(score), float(rest[-1]) if _is_number(rest[-1]) else 0.0)
    counts = [line for line in lines if line.startswith("ngram")]
    assert counts == [f"ngram {size}={sum(len(gram) == size for gram in grams)}" for size in (1, 2, 3)]

    def score(word, history):
        if (*history, word) in grams:
            return grams[*history, word][0]
        return grams.get(history, (0, 0.0))[1] + score(word, history[1:])

    for history in ((START, "a"), ("a", "red"), ("mug", "mug"), ("blue", "mug")):
        for word in (*MODEL.words, END):
            assert 10 ** score(word, history) == pytest.approx(MODEL.probability(word, history), rel=1e-3)


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "").isdigit()
