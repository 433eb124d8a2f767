"""Copy for many at once: the check is that of a reply, and one failure is nobody else's."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from recommender.conversation.bulk import write_all
from recommender.conversation.context import WritingContext
from recommender.conversation.grounding import check
from recommender.errors import WriterError
from recommender.prompts import Prompt
from schemas import Mode
from tests.recommender.conversation.shops import HOME_ROWS, writing_context

GOOD = "[[P1]] costs [[P1.price]]."
LIE = "[[P1]] costs 3 pounds."


class Scripted:
    """A base model that answers the n-th prompt with the n-th text; an error is raised, for all at once too."""

    def __init__(self, *answers: str | WriterError) -> None:
        self.answers = answers
        self.asked: list[int] = []
        self._places: dict[str, int] = {}

    def generate(self, prompts: Sequence[Prompt]) -> list[str]:
        self.asked.append(len(prompts))
        return [self._answer(self._places.setdefault(str(prompt.seed), len(self._places))) for prompt in prompts]

    def _answer(self, place: int) -> str:
        answer = self.answers[place]
        if isinstance(answer, WriterError):
            raise answer
        return answer


def contexts(n: int) -> list[WritingContext]:
    one = writing_context(HOME_ROWS[:2], mode=Mode.FAST)
    return [replace(one, request_id=f"user-{place}") for place in range(n)]


def test_all_are_generated_together_and_rendered() -> None:
    model = Scripted(GOOD, GOOD)
    first, second = write_all(contexts(2), model)
    assert model.asked == [2]
    assert first.text == second.text == "Stoneware Mug costs £8.50."
    assert (first.failure, first.replaced) == (None, 0)


def test_a_lie_gives_way_to_the_template_and_is_counted() -> None:
    (copy,) = write_all(contexts(1), Scripted(f"{GOOD} {LIE}"))
    assert "3 pounds" not in copy.text
    assert copy.text.startswith("Stoneware Mug costs £8.50.")
    (alone,) = write_all(contexts(1), Scripted(LIE))
    assert "3 pounds" not in alone.text
    assert alone.text
    assert alone.failure is not None


def test_prompts_that_begin_alike_stand_beside_each_other_and_copies_keep_their_order() -> None:
    mug, other = (writing_context((row,), mode=Mode.FAST) for row in HOME_ROWS[:2])
    mixed = [replace(one, request_id=str(place)) for place, one in enumerate([mug, other, mug, other])]
    asked: list[str] = []

    class Listening:
        def generate(self, prompts: Sequence[Prompt]) -> list[str]:
            asked.extend(prompt.turns[-1].text for prompt in prompts)
            return [GOOD] * len(prompts)

    titles = [one.items[0].row.title for one in mixed]
    assert [copy.text.split(" costs ")[0] for copy in write_all(mixed, Listening())] == titles
    assert asked == sorted(asked)


def test_one_failure_leaves_the_others_alone() -> None:
    copies = write_all(contexts(3), Scripted(GOOD, WriterError("the endpoint is gone"), GOOD))
    assert [copy.failure is None for copy in copies] == [True, False, True]
    assert "the endpoint is gone" in (copies[1].failure or "")
    assert copies[1].text


def test_a_copy_is_the_same_whatever_stands_beside_it() -> None:
    alone = [write_all([one], None)[0] for one in contexts(3)]
    assert write_all(contexts(3), None) == alone
    assert len({copy.text for copy in alone}) > 1


@pytest.mark.parametrize("model", [None, Scripted("")])
def test_without_words_the_template_writes(model: Scripted | None) -> None:
    (copy,) = write_all(contexts(1), model)
    assert copy.text
    assert copy.failure is not None


def test_the_check_is_that_of_replies() -> None:
    (one,) = contexts(1)
    assert check(GOOD, one).ok
    assert not check(LIE, one).ok
