"""What one request may ask for; what is more is refused before any work, in words that say what is allowed."""

import base64
from io import BytesIO

import pytest
from PIL import Image

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.photos import DEFAULT_LIMITS
from recommender.base_model.transformers_writer import TransformersWriter
from recommender.conversation.prompt import ONE_SENTENCE, writing_prompt
from recommender.errors import BadRequestError, WriterError
from recommender.prompts import Prompt, PromptTurn
from recommender.shop import Shop
from recommender.shop.photo_questions import MAX_PHOTOS
from schemas.conversation import MAX_MESSAGE_LENGTH, MAX_MESSAGES, MAX_PARTS
from schemas.events import MAX_QUERY_LENGTH
from tests.recommender.conversation.shops import row, writing_context

MAX_PROMPT = 16_000
"""Characters: some 4,000 tokens."""


def said(content: object, times: int = 1) -> list[dict[str, object]]:
    return [{"role": "user", "content": content}] * times


def photo(width: int = 8) -> dict[str, object]:
    file = BytesIO()
    Image.new("RGB", (width, 8)).save(file, "PNG")
    url = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {"type": "image_url", "image_url": {"url": url}}


TOO_MUCH = {
    "a message": (said("x" * (MAX_MESSAGE_LENGTH + 1)), "at most 8,000 characters, got 8,001; shorten it"),
    "a message in parts": (
        said([{"type": "text", "text": "x" * 5_000}] * 2),
        "at most 8,000 characters in all its parts, got 10,000; shorten it",
    ),
    "parts": (said([{"type": "text", "text": "x"}] * (MAX_PARTS + 1)), "at most 50 parts, got 51; shorten it"),
    "turns": (said("hi", MAX_MESSAGES + 1), "got 201 messages; at most 200 are read, send the latest"),
    "photos": (said([photo()] * (MAX_PHOTOS + 1)), "a message has 5 photos; at most 4 are looked at, send fewer"),
    "pixels": (said([photo(6_000_000)]), "pixels"),
}


@pytest.mark.parametrize(("messages", "reason"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_chat_that_asks_for_too_much_is_refused(shop: Shop, messages: list[dict[str, object]], reason: str) -> None:
    with pytest.raises(BadRequestError, match=reason):
        shop.chat(messages)


def test_what_is_just_within_the_limits_is_answered(shop: Shop) -> None:
    assert shop.chat(said("a mug " * 1_333)).items
    assert shop.chat(said("a mug", MAX_MESSAGES)).items


def test_a_search_text_that_is_too_long_is_refused(shop: Shop) -> None:
    with pytest.raises(BadRequestError, match="at most 1,000 characters, got 1,001; shorten it"):
        shop.search("x" * (MAX_QUERY_LENGTH + 1))


def test_a_photo_of_too_many_bytes_is_refused(shop: Shop) -> None:
    with pytest.raises(BadRequestError, match="bytes"):
        shop.search(photo=b"\x89PNG\r\n\x1a\n" + b"x" * DEFAULT_LIMITS.max_bytes)


def test_a_prompt_is_bounded_whatever_the_catalogue_and_the_shopper_write() -> None:
    long = "word " * 100
    rows = [
        row(f"item-{n}", long, brand=long[:200], category=(long[:200],), **{f"a{m}": long[:200] for m in range(20)})
        for n in range(50)
    ]
    prompt = writing_prompt(writing_context(rows))
    assert sum(len(turn.text) for turn in prompt.turns) < MAX_PROMPT
    assert prompt.max_new_tokens <= 320
    assert prompt.max_new_tokens > ONE_SENTENCE


def test_more_tokens_than_the_model_takes_are_refused_by_number() -> None:
    writer = TransformersWriter.load(str(CHECKPOINT))
    with pytest.raises(WriterError, match=r"the prompt has \d+ tokens, and the model takes 1024 with the answer"):
        list(writer.stream(Prompt((PromptTurn("user", "a red mug " * 1_000),))))
