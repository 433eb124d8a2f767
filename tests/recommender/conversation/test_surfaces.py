"""One answer on four surfaces, and a comparison on each."""

import re

import pytest

from recommender.conversation.dialogue import PastTurn, read_dialogue
from recommender.conversation.languages import is_english
from recommender.conversation.release import MAX_MESSAGE
from recommender.conversation.respond import Resources, stream
from recommender.conversation.understanding import understand
from recommender.wording import spoken, spoken_price
from schemas import Reply, Surface
from schemas.conversation import Origin
from tests.recommender.conversation.shops import HOME, HOME_ROWS, Ranking, ScriptedWriter, row, said, whole
from tests.recommender.conversation.test_understanding import gbp

ROWS = {one.item_id: one for one in HOME_ROWS}


class Among(Ranking):
    """Keeps to the items that are named."""

    def __call__(self, constraints, k):
        self.rows = [one for one in HOME_ROWS if not constraints.items or one.item_id in constraints.items]
        return super().__call__(constraints, k)


def answer(text: str, surface: Surface, writer: ScriptedWriter | None = None, rows=HOME_ROWS) -> Reply:
    ranking = Among(HOME_ROWS) if rows is HOME_ROWS else Ranking(rows)
    before = read_dialogue(said("anything"), HOME).answered([one.item_id for one in rows], None)
    resources = Resources(
        past=[PastTurn("anything", before)], rows=lambda ids: [ROWS[one] for one in ids if one in ROWS]
    )
    return whole(
        stream(
            said(text),
            rank=ranking,
            vocabulary=HOME,
            session_id="s",
            surface=surface,
            writer=writer,
            resources=resources,
        )
    )


def test_a_comparison_is_a_table_of_what_differs_each_cell_from_a_row() -> None:
    reply = answer("compare the first two", Surface.WEB)
    assert reply.comparison is not None
    assert reply.comparison.item_ids == ("mug", "glass")
    cells = {line.field: line.values for line in reply.comparison.fields}
    assert cells["price"] == ("£8.50", "£12.00")
    assert cells["color"] == ("Red", "Clear")
    assert cells["availability"] == ("in stock", "in stock")
    head, rule, *lines = [line for line in reply.text.splitlines() if line.startswith("|")]
    assert head == "|  | Stoneware Mug | Tall Tumbler |"
    assert set(rule) <= set("|- ")
    assert "| Price | £8.50 | £12.00 |" in lines
    assert all(reply.text[slice(*claim.span)] == claim.value for claim in reply.claims)
    assert {claim.subject for claim in reply.claims} >= {"mug", "glass"}


def test_what_does_not_differ_is_left_out_and_what_a_row_lacks_is_no_value() -> None:
    reply = answer("compare the first and the fourth", Surface.WEB)
    assert reply.comparison is not None
    cells = {line.field: line.values for line in reply.comparison.fields}
    assert "brand" not in cells
    assert cells["color"] == ("Red", None)


@pytest.mark.parametrize("surface", [Surface.MESSENGER, Surface.API])
def test_only_the_web_has_a_table_in_its_text(surface: Surface) -> None:
    reply = answer("compare the first two", surface)
    assert reply.comparison is not None
    assert "|" not in reply.text


def test_a_comparison_is_written_by_the_template_whatever_writer_there_is() -> None:
    reply = answer("compare the first two", Surface.WEB, ScriptedWriter(["Look at [[P1]]."]))
    assert {sentence.origin for sentence in reply.sentences} == {Origin.TEMPLATE}


def test_glasses_hear_one_sentence_without_symbols() -> None:
    reply = answer("mugs", Surface.GLASSES, ScriptedWriter(["Look at [[P1]].", "And so on."]))
    assert len(reply.sentences) == 1
    assert re.fullmatch(r"[\w ,.']+", reply.text)
    assert "8.50 British pounds" in reply.text


def test_a_messenger_takes_a_thousand_characters_of_plain_text() -> None:
    really = "really truly " * 15
    sentences = [f"I would {really}like to show you [[P{n}]], which is [[P{n}.price]]." for n in range(1, 7)]
    writer = ScriptedWriter(sentences)
    reply = answer("anything", Surface.MESSENGER, writer)
    assert 500 < len(reply.text) <= MAX_MESSAGE
    assert len(answer("anything", Surface.WEB, writer).text) > MAX_MESSAGE


@pytest.mark.parametrize(
    ("text", "said_aloud"),
    [("Salt & Pepper/2-pack", "Salt and Pepper 2 pack"), ("50% wool (red)", "50 percent wool red"), ("A_B*C", "A B C")],
)
def test_symbols_are_spoken_or_left_out(text: str, said_aloud: str) -> None:
    assert spoken(text) == said_aloud


def test_prices_are_spoken() -> None:
    assert spoken_price(gbp("8.50")) == "8.50 British pounds"
    assert spoken_price(gbp("20")) == "20 British pounds"


FOREIGN = ["hallo, ich suche eine rote Tasse", "bonjour je voudrais une tasse rouge", "chaussures de course"]
ENGLISH = ["something groovy for the patio", "wibble wobble zork", "mugs", "cable knit jumper", "red mugs under 20"]


@pytest.mark.parametrize("text", FOREIGN)
def test_a_request_in_another_language_is_answered_in_english_and_says_so(text: str) -> None:
    reply = answer(text, Surface.WEB, rows=(row("mug", "Stoneware Mug"),))
    assert "English" in reply.text
    assert reply.question is None


@pytest.mark.parametrize("text", ENGLISH)
def test_strange_words_are_not_yet_another_language(text: str) -> None:
    assert is_english(text, understand(text, HOME).wishes)
