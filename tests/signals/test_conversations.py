"""The turns of conversations: kept, read back, and whose they are."""

from sqlalchemy import Engine

from schemas import DialogueState, Wishes
from signals.conversations import ConversationStore
from signals.privacy import erase_shopper, export_shopper
from signals.tables import turns
from tests.signals.shops import store
from tests.signals.test_aggregation import by
from tests.signals.test_privacy import rows


def keep(engine: Engine, session: str, number: int, text: str, user: str | None = None) -> None:
    state = DialogueState(wishes=Wishes(keywords=(text,)), shown=("mug",))
    ConversationStore(engine).append(
        session, number, user_id=user, request_id=f"r-{text}", text=text, state=state, reply={"mode": "fast"}
    )


def texts(engine: Engine, session: str, user: str | None = None) -> list[str]:
    return [turn.text for turn in ConversationStore(engine).turns(session, user)]


def test_a_turn_comes_back_as_it_was_kept(engine: Engine) -> None:
    keep(engine, "s", 1, "mugs", "ann")
    (turn,) = ConversationStore(engine).turns("s", "ann")
    assert (turn.number, turn.text, turn.user_id, turn.request_id) == (1, "mugs", "ann", "r-mugs")
    assert turn.state == DialogueState(wishes=Wishes(keywords=("mugs",)), shown=("mug",))
    assert turn.reply == {"mode": "fast"}


def test_a_turn_said_anew_takes_the_place_of_what_followed(engine: Engine) -> None:
    for number, text in enumerate(("mugs", "red", "cheap"), 1):
        keep(engine, "s", number, text)
    keep(engine, "s", 2, "blue")
    assert texts(engine, "s") == ["mugs", "blue"]
    keep(engine, "s", 3, "large")
    assert texts(engine, "s") == ["mugs", "blue", "large"]


def test_a_session_is_not_another_shoppers(engine: Engine) -> None:
    keep(engine, "s", 1, "mugs", "ann")
    assert texts(engine, "s", "bob") == []
    assert texts(engine, "s", None) == []
    assert texts(engine, "other", "ann") == []


def test_what_was_said_before_the_shopper_was_known_goes_on(engine: Engine) -> None:
    keep(engine, "s", 1, "mugs")
    keep(engine, "s", 2, "red", "ann")
    assert texts(engine, "s", "ann") == ["mugs", "red"]


def test_a_shoppers_conversations_are_given_out_and_erased_with_them(engine: Engine) -> None:
    store(engine, by(("ann", None), 1))
    keep(engine, "s", 1, "mugs")
    keep(engine, "s", 2, "red", "ann")
    keep(engine, "t", 1, "plates", "bob")
    keep(engine, "u", 1, "cups")
    assert [turn["text"] for turn in export_shopper(engine, "ann")["turns"]] == ["red", "mugs"]
    assert erase_shopper(engine, "ann").counts["turns"] == 2
    assert rows(engine, turns) == 2
    assert texts(engine, "t", "bob") == ["plates"]
