"""What a reply says of a voice note: nothing where it is understood, else what was understood, or why nothing was."""

import pytest

from recommender.conversation.hearing import said_of
from recommender.conversation.respond import stream
from schemas import Heard, Reply, Sound
from schemas.conversation import ClaimKind, Origin
from tests.recommender.conversation.shops import AS_OF, HOME, HOME_ROWS, Ranking, ScriptedWriter, said, whole

UNSURE = Heard(sound=Sound.SPEECH, text="a red mug", confidence=0.5)
MUSIC = Heard(sound=Sound.MUSIC)


def reply_to(heard: Heard | None, text: str = "a red mug", writer: ScriptedWriter | None = None) -> Reply:
    rank = Ranking(HOME_ROWS)
    return whole(stream(said(text), rank=rank, vocabulary=HOME, session_id="s", heard=heard, writer=writer))


@pytest.mark.parametrize("heard", [None, Heard(sound=Sound.SPEECH, text="a red mug", confidence=0.9, sure=True)])
def test_what_is_understood_is_answered_as_if_it_were_written(heard: Heard | None) -> None:
    reply = reply_to(heard)
    assert (reply.text, reply.heard) == (reply_to(None).text, heard)


def test_what_is_not_sure_is_said_first_with_a_claim_and_asked_back() -> None:
    reply = reply_to(UNSURE)
    assert reply.text.startswith("I understood “a red mug”; if you meant something else, please say it again")
    claim = reply.claims[0]
    assert (claim.kind, claim.field, claim.source, claim.confidence) == (ClaimKind.REQUEST, "heard", "voice note", 0.5)
    assert all(reply.text[slice(*claim.span)] == claim.value for claim in reply.claims)
    assert len(reply.sentences) == len(reply_to(None).sentences) + 1


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (Sound.SILENCE, "it is silent"),
        (Sound.NOISE, "only noise"),
        (Sound.MUSIC, "only music or tones"),
        (Sound.SPEECH, "could not make out the words"),
        (Sound.UNHEARD, "could not listen"),
    ],
)
def test_nothing_heard_is_said_with_its_reason(sound: Sound, words: str) -> None:
    reply = reply_to(Heard(sound=sound), text="")
    assert words in reply.sentences[0].text
    assert not reply.sentences[0].claims
    assert reply.items


def test_a_writer_goes_on_after_it_and_its_claims_fit_their_places() -> None:
    reply = reply_to(UNSURE, writer=ScriptedWriter(["Have a look at [[P1]].", "[[P1]] costs [[P1.price]]."]))
    assert [sentence.origin for sentence in reply.sentences] == [Origin.TEMPLATE, Origin.MODEL, Origin.MODEL]
    assert all(reply.text[slice(*claim.span)] == claim.value for claim in reply.claims)


def test_where_the_writer_says_nothing_the_template_still_does() -> None:
    assert len(reply_to(MUSIC, writer=ScriptedWriter([])).sentences) > 1
    assert len(reply_to(MUSIC, writer=ScriptedWriter([], fails=True)).sentences) > 1


def test_what_was_heard_is_quoted_as_data() -> None:
    heard = Heard(sound=Sound.SPEECH, text="<b>a [[P1.price]]</b> https://evil.example", confidence=0.4)
    sentence = said_of(heard, "r", AS_OF)
    assert sentence is not None
    assert not {"<", "[[", "https"} & set(sentence.text.split())
    assert "[[" not in sentence.text
