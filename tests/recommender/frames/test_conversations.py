from recommender import Shop, frames


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
