"""One token of those that are allowed, found without asking about all of them."""

from collections import Counter

import numpy as np
import pytest

from recommender.base_model.sampling import ASKED, Sampler, Scores, TokenIds
from recommender.errors import WriterError

VOCABULARY = 500


class Only:
    """Allows some tokens, and counts what it is asked."""

    def __init__(self, tokens: TokenIds) -> None:
        self.tokens = np.sort(tokens)
        self.asked_all = self.asked_one = 0

    def allows(self, token: int) -> bool:
        self.asked_one += 1
        return token in self.tokens

    def choices(self) -> TokenIds:
        self.asked_all += 1
        return self.tokens


class Listed(Only):
    """Answers no question about one token."""

    def allows(self, token: int) -> bool:
        return False


def cases() -> list[tuple[Scores, TokenIds]]:
    """Scores flat to steep, tokens few to all."""
    rng = np.random.default_rng(0)
    made = []
    for steep in (0.01, 1, 4, 30):
        for share in (0.003, 0.05, 0.5, 1.0):
            scores = (steep * rng.normal(size=VOCABULARY)).astype(np.float32)
            made.append((scores, np.flatnonzero(rng.random(VOCABULARY) < share).astype(np.int64)))
    return [(scores, tokens if len(tokens) else np.array([7])) for scores, tokens in made]


@pytest.mark.parametrize("temperature", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("top_p", [0.3, 0.9, 1.0])
def test_the_likeliest_tell_what_all_would(temperature: float, top_p: float) -> None:
    for scores, tokens in cases():
        for seed in range(20):
            drawn = Sampler(temperature, top_p, seed).draw(scores, Only(tokens))
            assert drawn == Sampler(temperature, top_p, seed).draw(scores, Listed(tokens))
            assert drawn == tokens[Sampler(temperature, top_p, seed).draw(scores[tokens])]


def test_a_sure_model_is_asked_about_one_token() -> None:
    scores = np.zeros(VOCABULARY, np.float32)
    scores[3] = 20
    allowed = Only(np.arange(VOCABULARY))
    assert Sampler(1.0, 0.9, 0).draw(scores, allowed) == 3
    assert (allowed.asked_one, allowed.asked_all) == (1, 0)


def test_where_the_likeliest_do_not_tell_all_are_asked_about() -> None:
    allowed = Only(np.arange(VOCABULARY))
    Sampler(1.0, 0.9, 0).draw(np.zeros(VOCABULARY, np.float32), allowed)
    assert (allowed.asked_one, allowed.asked_all) == (ASKED, 1)


@pytest.mark.parametrize("allowed", [None, Only(np.arange(VOCABULARY))])
@pytest.mark.parametrize("place", [0, 7, VOCABULARY - 1])
@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_score_that_is_no_number_is_told(broken: float, place: int, allowed: Only | None) -> None:
    scores = np.zeros(VOCABULARY, np.float32)
    scores[place] = broken
    with pytest.raises(WriterError, match="not finite"):
        Sampler(1.0, 0.9, 0).draw(scores, allowed)


def test_what_is_allowed_may_be_beyond_belief() -> None:
    scores = np.zeros(VOCABULARY, np.float32)
    scores[[4, 5]] = -3e38
    assert Sampler(1.0, 0.9, 0).draw(scores, Only(np.array([4, 5]))) in (4, 5)


def test_the_best_are_drawn_as_often_as_they_are_likely() -> None:
    scores = np.log(np.array([0.5, 0.3, 0.15, 0.05], np.float32))
    sampler = Sampler(1.0, 0.9, 0)
    drawn = Counter(sampler.draw(scores) for _ in range(4_000))
    assert set(drawn) == {0, 1, 2}
    assert drawn[0] / 4_000 == pytest.approx(0.5 / 0.95, abs=0.03)
    assert drawn[2] / 4_000 == pytest.approx(0.15 / 0.95, abs=0.03)


def test_scores_that_are_no_numbers() -> None:
    with pytest.raises(WriterError, match="not finite"):
        Sampler(1.0, 0.9, 0).draw(np.full(5, np.nan, np.float32), Only(np.arange(5)))
