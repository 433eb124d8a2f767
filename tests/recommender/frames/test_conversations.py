"""What was said, as frames."""

import math
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, select, update

from recommender import Shop, frames, replay_trace
from signals.connections import writing
from signals.tables import turns


def test_every_sentence_and_every_fact_of_a_reply_is_a_row(shop: Shop) -> None:
    replies = [
        shop.chat([{"role": "user", "content": text}], mode=mode)
        for text in ("a mug", "thanks")
        for mode in ("fast", "shopping")
    ]
    sentences, claims = frames.sentences(replies), frames.claims(replies)
    assert len(sentences) == sum(len(reply.sentences) for reply in replies)
    assert set(sentences["origin"]) == {"template"}
    assert set(sentences["mode"]) == {"fast", "shopping"}
    assert sentences["n_claims"].sum() == len(claims) > 0
    first = claims.iloc[0]
    assert first["said"] in next(reply.text for reply in replies if reply.request_id == first["request_id"])


def test_no_replies_are_empty_frames() -> None:
    assert frames.sentences([]).empty
    assert frames.claims([]).empty


def test_a_stored_turn_says_what_the_shopper_got_and_how_soon(shop: Shop, shop_folder: Path) -> None:
    engine = frames.connect(f"sqlite:///{shop_folder / 'shop.db'}")
    began = datetime.now(UTC)
    assert frames.turns(engine, began).empty
    reply = shop.chat([{"role": "user", "content": "a mug"}], user_id="ann", session_id="s", mode="fast")
    later = shop.chat([{"role": "user", "content": "cheaper"}], session_id="s", user_id="ann", surface="messenger")
    first, second = frames.turns(engine, began).to_dict("records")
    assert (first["session_id"], first["number"], first["user_id"], first["text"]) == ("s", 1, "ann", "a mug")
    assert (first["request_id"], first["mode"], first["surface"]) == (reply.request_id, "fast", "web")
    assert (first["model"], first["retry"], first["template"]) == (0, 0, len(reply.sentences))
    assert first["facts"] == len(reply.claims) > 0
    assert 0 < first["items_after"] <= first["sentence_after"] <= first["reply_after"]
    assert first["trace"] is None
    assert (second["number"], second["surface"], second["request_id"]) == (2, "messenger", later.request_id)
    assert len(frames.turns(engine, second["at"])) == 1
    assert reply.request_id not in set(frames.turns(engine, None, began)["request_id"])


def test_what_reports_ask_is_apart_from_what_shoppers_say(shop: Shop, shop_folder: Path) -> None:
    engine = frames.connect(f"sqlite:///{shop_folder / 'shop.db'}")
    began = datetime.now(UTC)
    shop.chat([{"role": "user", "content": "a mug"}], session_id="report-probe")
    assert frames.turns(engine, began).empty
    assert list(frames.turns(engine, began, of_reports=True)["text"]) == ["a mug"]


def test_a_stored_conversation_is_replayed_from_its_trace(shop: Shop, shop_folder: Path) -> None:
    began = datetime.now(UTC)
    reply = shop.chat([{"role": "user", "content": "a mug"}], user_id="ann", mode="contemplating")
    shop.close()
    engine = frames.connect(f"sqlite:///{shop_folder / 'shop.db'}")
    (trace,) = frames.turns(engine, began)["trace"]
    assert trace == reply.trace
    assert replay_trace(engine, shop_folder / "artifacts", trace).is_same


def test_a_turn_of_before_facts_were_counted_is_read(shop: Shop, shop_folder: Path, shop_engine: Engine) -> None:
    began = datetime.now(UTC)
    reply = shop.chat([{"role": "user", "content": "a mug"}])
    this = turns.c.request_id == reply.request_id
    with writing(shop_engine) as connection:
        kept = dict(connection.execute(select(turns.c.reply).where(this)).scalar_one())
        for name in ("facts", "seconds_to"):
            del kept[name]
        connection.execute(update(turns).where(this).values(reply=kept))
    (read,) = frames.turns(shop_engine, began).to_dict("records")
    assert read["reply_after"] > 0
    assert all(math.isnan(read[name]) for name in ("facts", "items_after", "sentence_after"))
