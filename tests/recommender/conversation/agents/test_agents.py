"""What the agents propose, each for what it is there for and nothing else."""

from dataclasses import replace
from decimal import Decimal

import pytest

from recommender.conversation.agents.base import NOTHING
from recommender.conversation.agents.complements import Complements
from recommender.conversation.agents.crew import AGENTS
from recommender.conversation.agents.critic import Critic
from recommender.conversation.agents.photo import Photo
from recommender.conversation.agents.search import CatalogueSearch
from recommender.conversation.agents.taste import Taste
from recommender.conversation.agents.value import Value
from recommender.conversation.grounding import check
from schemas import Money, Seen
from tests.recommender.conversation.agents import kitchen
from tests.recommender.conversation.agents.kitchen import brief, contemplate, shown
from tests.recommender.conversation.shops import ScriptedWriter, writing_context


@pytest.mark.parametrize("agent", AGENTS, ids=lambda agent: agent.name)
def test_a_wish_that_can_be_had_needs_no_agent(agent):
    assert agent.propose(brief("a red mug under £20")) == NOTHING


def candidates(proposal):
    return [one.item_id for one in proposal.candidates]


def test_the_cheapest_first_and_of_the_well_liked_half_where_that_is_asked():
    assert candidates(Value().propose(brief("the cheapest mug")))[:2] == ["mug-cheap", "mug-plain"]
    assert candidates(Value().propose(brief("a popular mug, as cheap as possible")))[:2] == ["mug-red", "mug-navy"]


def test_a_set_is_within_the_budget_and_counts_each_part_as_often_as_it_is_wanted():
    proposal = Value().propose(brief("a teapot and two mugs under £28 together"))
    assert [(part.item_id, part.quantity) for part in proposal.parts] == [("pot-red", 1), ("mug-plain", 2)]
    assert proposal.budget == Money("28", "GBP")
    assert proposal.set_aside == ()


def test_a_budget_below_every_set_gives_the_cheapest_and_says_so():
    proposal = Value().propose(brief("a teapot and two mugs under £10 together"))
    assert [part.item_id for part in proposal.parts] == ["pot-blue", "mug-cheap"]
    assert [aside.field for aside in proposal.set_aside] == ["max_price"]


def test_a_price_just_above_the_limit_breaks_less_than_another_colour():
    proposal = CatalogueSearch().propose(brief("a red mug under £6.80"))
    assert candidates(proposal) == ["mug-red"]
    assert proposal.wishes is not None
    assert proposal.wishes.attributes == {"color": ("Red",)}
    assert proposal.wishes.max_price == Money(Decimal("7.35"), "GBP")


def test_a_colour_close_to_the_wished_one_breaks_less_than_any_colour():
    proposal = CatalogueSearch().propose(brief("a blue mug"))
    assert proposal.wishes is not None
    assert proposal.wishes.attributes == {"color": ("Navy",)}
    assert [str(aside.field) for aside in proposal.set_aside] == ["color"]


def test_words_that_no_rule_reads_are_searched_by_what_they_mean():
    assert candidates(CatalogueSearch().propose(brief("a mug for zorbing")))[0] == "mug-cheap"


def test_a_complement_is_of_another_kind_and_never_what_is_owned():
    asked = brief("something to go with my red teapot")
    assert candidates(Complements().propose(asked)) == ["lamp", "tray", "mug-cheap", "mug-plain", "mug-red", "mug-navy"]
    assert Critic().propose(asked).vetoes == ("pot-red",)


def test_one_more_of_the_kind_can_be_asked_for():
    assert "mug-navy" in candidates(Complements().propose(brief("a mug to go with my red mug")))


def test_the_critic_vetoes_what_only_a_description_says_to_have_something_refused(monkeypatch):
    told = {"tray": "Handles of leather.", "lamp": "A leather-free shade.", "mug-red": "Made without leather."}
    rows = tuple(row.model_copy(update={"description": told.get(row.item_id, "")}) for row in kitchen.ROWS)
    monkeypatch.setattr(kitchen, "ROWS", rows)
    asked = brief("something without red")
    refused = asked.wishes.model_copy(update={"without": {"material": ("leather",)}})
    assert Critic().propose(replace(asked, wishes=refused, tools=kitchen.Kitchen().tools())).vetoes == ("tray",)


def test_a_photo_says_the_kind_where_words_do_not():
    seen = (Seen(field="category", value="Mugs", confidence=0.5),)
    proposal = Photo().propose(replace(brief("something like this"), seen=seen))
    assert candidates(proposal)[0] == "mug-navy"
    assert proposal.candidates[0].strength == 0.5
    assert Photo().propose(replace(brief("a tray"), seen=seen)) == NOTHING


def test_taste_follows_what_the_shopper_had_last():
    asked = brief("anything")
    assert Taste().propose(asked) == NOTHING
    known = replace(asked, tools=replace(asked.tools, history=lambda: ("mug-red",)))
    assert candidates(Taste().propose(known))[0] == "lamp"


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a teapot and two mugs under £28 together", ["mug-plain", "pot-red"]),
        ("the cheapest mug", ["mug-cheap", "mug-navy", "mug-plain", "mug-red"]),
        ("a red mug under £6.80", ["mug-red"]),
        ("a mug", ["mug-cheap", "mug-navy", "mug-plain", "mug-red"]),
    ],
)
def test_ranking_decides_once_more(text, items):
    assert sorted(shown(contemplate(text))) == items


def test_what_is_said_are_the_shoppers_own_wishes_and_what_was_set_aside():
    reply = contemplate("a red mug under £6.80")
    assert reply.wishes.max_price == Money("6.80", "GBP")
    assert reply.relaxed == ("max_price: the price limit of £6.80",)
    complement = contemplate("something to go with my red teapot")
    assert complement.wishes.category == ()
    assert "teapot" not in complement.text.lower()


def test_what_a_set_costs_is_said_and_claimed_from_the_rows():
    reply = contemplate("a teapot and two mugs under £28 together")
    (claim,) = [claim for claim in reply.claims if claim.field == "total"]
    assert claim.value == "£26.00"
    assert reply.text[slice(*claim.span)] == "£26.00"
    assert claim.source == "offers:pot-red-v offers:mug-plain-v"
    assert "£26.00" not in contemplate("a mug").text


def test_what_a_set_costs_is_said_whoever_writes():
    reply = contemplate("a teapot and two mugs under £28 together", writer=ScriptedWriter(["Have a look at [[P1]]."]))
    assert [sentence.origin.value for sentence in reply.sentences] == ["model", "template"]
    assert "they come to £26.00." in reply.text


@pytest.mark.parametrize(
    "lie",
    [
        "You save [[N.total]].",
        "Together, as you asked for them, they come to [[N.total]] each.",
        "Not together, as you asked for them, they come to [[N.total]].",
        "Have a look at [[P1]]: together they come to [[N.total]].",
        "I found [[N.total]] for you.",
    ],
)
def test_the_cost_of_a_set_is_said_of_nothing_else(lie):
    assert not check(lie, replace(writing_context(), total=Money("26", "GBP"))).ok
    assert not check("Together, as you asked for them, they come to [[N.total]].", writing_context()).ok
