"""A question is asked where its answer would help, and only there."""

from recommender.conversation.asking import LEAST_GAIN, best_question, doubt
from recommender.conversation.respond import Resources, stream
from recommender.conversation.vocabulary import Vocabulary
from schemas import DialogueState, ProductRow, Reply, Surface, Wishes
from tests.recommender.conversation.shops import Ranking, row, said, whole

COLOURS = ("Red", "Blue", "Green", "Grey")
ROWS = [row(f"mug-{n:02}", f"Mug {n}", category=("Mugs",), color=COLOURS[n % 4], material="Clay") for n in range(24)]
SHOP = Vocabulary.from_rows(ROWS)


def ask(rows: list[ProductRow], k: int = 5, **state: object) -> str | None:
    question = best_question(rows, DialogueState.model_validate(state), k)
    return None if question is None else question.field


def test_it_asks_for_what_tells_the_candidates_apart() -> None:
    question = best_question(ROWS, DialogueState(), 5)
    assert question is not None
    assert question.field == "color"
    assert set(question.options) == set(COLOURS)
    assert question.gain >= LEAST_GAIN


def test_the_gain_is_the_rise_of_the_chance_to_show_what_is_wanted() -> None:
    """Two of a kind each, four candidates, a list of two: the answer makes sure of what was the two best's share."""
    rows = [row(str(n), f"Mug {n}", color=COLOURS[n % 2]) for n in range(4)]
    question = best_question(rows, DialogueState(), 2)
    assert question is not None
    weights = [1.0, 0.6309, 0.5, 0.4307]
    assert abs(question.gain - (1 - sum(weights[:2]) / sum(weights))) < 1e-3


def test_nothing_is_asked_where_the_list_holds_all_of_them() -> None:
    assert ask(ROWS[:5]) is None


def test_nothing_is_asked_that_was_said_or_asked_before() -> None:
    assert ask(ROWS, asked=("color",)) is None
    assert ask(ROWS, wishes=Wishes(attributes={"color": ("Red",)})) is None
    assert ask(ROWS, wishes=Wishes(without={"color": ("Red",)})) is None


def test_nothing_is_asked_that_few_rows_could_answer() -> None:
    rows = [row(str(n), f"Mug {n}", **({"color": COLOURS[n % 4]} if n < 12 else {})) for n in range(24)]
    assert ask(rows) is None


def answer(*texts: str, surface: Surface = Surface.WEB) -> Reply:
    ranking = Ranking(ROWS)
    resources = Resources(candidates=lambda _, constraints, n: [item.row for item in ranking(constraints, n).items])
    return whole(
        stream(said(*texts), rank=ranking, vocabulary=SHOP, session_id="s", surface=surface, resources=resources)
    )


def test_the_question_ends_the_reply_and_is_remembered() -> None:
    reply = answer("mugs")
    assert reply.question is not None
    last = reply.sentences[-1]
    assert last.text.endswith("?")
    assert all(option.lower() in last.text for option in reply.question.options)
    assert reply.state.asked == ("color",)
    assert sum(sentence.text.count("?") for sentence in reply.sentences) == 1


def test_what_was_answered_is_not_asked_again() -> None:
    reply = answer("mugs", "red ones")
    assert reply.question is None
    assert "?" not in reply.text


def test_a_photo_that_does_not_show_for_sure_what_it_is_of_is_asked_about() -> None:
    likeliest = {"category": ("Mugs", "Bowls")}
    question = doubt(likeliest, DialogueState())
    assert question is not None
    assert (question.field, question.options) == ("category", ("Mugs", "Bowls"))
    assert doubt(likeliest, DialogueState(wishes=Wishes(category=("Mugs",)))) is None
    assert doubt(likeliest, DialogueState(asked=("category",))) is None
    assert doubt({"color": ("Red", "Blue")}, DialogueState()) is None
    reply = whole(
        stream(
            said("like this"),
            rank=Ranking(ROWS),
            vocabulary=SHOP,
            session_id="s",
            resources=Resources(doubtful=likeliest),
        )
    )
    assert reply.sentences[-1].text.endswith("mugs or bowls?")


def test_a_question_that_is_not_said_was_not_asked() -> None:
    reply = answer("mugs", surface=Surface.GLASSES)
    assert len(reply.sentences) == 1
    assert (reply.question, reply.state.asked) == (None, ())


def test_small_talk_is_not_answered_with_a_question() -> None:
    assert answer("thank you").question is None
