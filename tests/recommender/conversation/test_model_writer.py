"""A base model as a reply's writer: asked once, cut into sentences, closed when nobody listens."""

from collections.abc import Iterator

from recommender.conversation.model_writer import ModelWriter
from recommender.conversation.prompt import SENTENCES
from recommender.prompts import Prompt
from schemas import Mode
from tests.recommender.conversation.shops import writing_context


class Model:
    """Says the same to every prompt; remembers the prompts, and whether it was closed."""

    def __init__(self, *pieces: str) -> None:
        self.pieces = pieces
        self.prompts: list[Prompt] = []
        self.closed = 0

    def stream(self, prompt: Prompt) -> Iterator[str]:
        self.prompts.append(prompt)
        try:
            yield from self.pieces
        finally:
            self.closed += 1


def test_a_reply_is_the_models_text_in_sentences() -> None:
    model = Model("Look at ", "[[P1]]. It is", " lovely!", " Shall I go on?")
    written = list(ModelWriter(model).write(writing_context()))
    assert written == ["Look at [[P1]].", "It is lovely!", "Shall I go on?"]


def test_a_model_that_goes_on_and_on_is_cut_short() -> None:
    model = Model(*["Look. "] * 100)
    assert len(list(ModelWriter(model).write(writing_context(mode=Mode.FAST)))) == SENTENCES[Mode.FAST]
    assert model.closed == 1


def test_who_stops_reading_stops_the_model() -> None:
    model = Model("One. ", "Two. ", "Three. ")
    written = ModelWriter(model).write(writing_context())
    assert next(written) == "One."
    written.close()  # type: ignore[attr-defined]
    assert model.closed == 1


def test_a_second_try_is_one_sentence() -> None:
    model = Model("[[P1]] is lovely. And more.")
    assert ModelWriter(model).rewrite(writing_context(), "[[P1]] is £3.", ("£3 is money",)) == "[[P1]] is lovely."
    assert model.closed == 1


def test_a_model_that_says_nothing_leaves_the_sentence_to_the_template() -> None:
    assert ModelWriter(Model()).rewrite(writing_context(), "[[P1]] is £3.", ("£3 is money",)) is None


def test_the_same_request_is_written_with_the_same_seed_another_with_another() -> None:
    model = Model("Hello.")
    for seed in (0, 0, 1):
        list(ModelWriter(model, seed=seed).write(writing_context()))
    first, again, other = (prompt.seed for prompt in model.prompts)
    assert first == again != other
