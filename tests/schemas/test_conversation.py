"""Messages as chat-completions clients send them."""

import pytest
from pydantic import ValidationError

from schemas import Message
from schemas.conversation import MAX_MESSAGE_LENGTH, MAX_PARTS, MAX_PHOTO_URL_LENGTH, MAX_VOICE_NOTE_LENGTH

PHOTO = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "high"}}


VOICE_NOTE = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}}


def message(content, **more):
    return Message.model_validate({"role": "user", "content": content, **more})


def test_text_and_photos_are_read_from_parts():
    read = message([{"type": "text", "text": "like"}, PHOTO, {"type": "text", "text": "this"}])
    assert read.text == "like\nthis"
    assert read.photo_urls == ("data:image/png;base64,AAAA",)
    assert (message("hello").text, message("hello").photo_urls) == ("hello", ())
    assert (message([PHOTO]).text, message([]).text) == ("", "")


def test_voice_notes_are_read_from_parts():
    read = message([{"type": "text", "text": "like"}, VOICE_NOTE])
    assert (read.text, read.voice_notes) == ("like", ("AAAA",))
    assert message("hello").voice_notes == ()


def test_keys_that_are_not_known_are_ignored_everywhere():
    marked = {"type": "text", "text": "hi", "prompt_cache_breakpoint": {"mode": "explicit"}}
    assert message([marked, {**PHOTO, "prompt_cache_breakpoint": 1}], name="ann", refusal=None).text == "hi"


def test_a_message_survives_a_round_trip():
    read = message([{"type": "text", "text": "hi"}, PHOTO, VOICE_NOTE])
    assert Message.model_validate_json(read.model_dump_json()) == read


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"type": "file", "file": {"file_data": "AAAA"}}, "files are not read"),
        ({"type": "hologram"}, "the type 'text', 'image_url' or 'input_audio', got 'hologram'"),
        ({"type": ["text"]}, "got"),
        ({}, "got None"),
        ("text", "got None"),
        (None, "got None"),
    ],
)
def test_other_parts_are_refused_with_what_to_send(part, reason):
    with pytest.raises(ValidationError, match=reason) as refused:
        message([part])
    assert len(refused.value.errors()) == 1


@pytest.mark.parametrize(
    "content",
    [
        "x" * (MAX_MESSAGE_LENGTH + 1),
        [{"type": "text", "text": "x" * (MAX_MESSAGE_LENGTH + 1)}],
        [{"type": "image_url", "image_url": {"url": "x" * (MAX_PHOTO_URL_LENGTH + 1)}}],
        [{"type": "text", "text": "x"}] * (MAX_PARTS + 1),
        [{"type": "input_audio", "input_audio": {"data": "x" * (MAX_VOICE_NOTE_LENGTH + 1), "format": "wav"}}],
        [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "aiff"}}],
        [{"type": "text"}],
        [{"type": "image_url", "image_url": "data:"}],
        None,
        7,
    ],
)
def test_what_is_too_long_or_misshapen_is_one_error(content):
    with pytest.raises(ValidationError) as refused:
        message(content)
    assert len(refused.value.errors()) == 1
