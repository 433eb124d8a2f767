"""A prompt in the form of a chat-completions request."""

import base64
from io import BytesIO
from typing import Any

from PIL.Image import Image

from recommender.base_model.remote_config import RemoteConfig
from recommender.prompts import Prompt, PromptTurn


def chat_request(model: str, prompt: Prompt, config: RemoteConfig) -> dict[str, Any]:
    """The body of one streamed request. Photos travel inside it as JPEG, never as an address."""
    body: dict[str, Any] = {
        "model": model,
        "messages": _messages(prompt, config),
        "seed": prompt.seed,
        "stream": True,
        config.length_field: prompt.max_new_tokens + config.thinking_tokens,
    }
    if (effort := config.effort(prompt.mode)) is not None:
        body["reasoning_effort"] = effort
    return body | dict(config.extra_body)


def _messages(prompt: Prompt, config: RemoteConfig) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = [{"role": turn.role, "content": turn.text} for turn in prompt.turns]
    if prompt.photos:
        first = next(place for place, turn in enumerate(prompt.turns) if turn.role == "user")
        messages[first]["content"] = _with_photos(prompt.turns[first], prompt.photos, config)
    return messages


def _with_photos(turn: PromptTurn, photos: tuple[Image, ...], config: RemoteConfig) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": _data_url(photo, config)}} for photo in photos
    ]
    return [*parts, {"type": "text", "text": turn.text}]


def _data_url(photo: Image, config: RemoteConfig) -> str:
    smaller = photo.copy()
    smaller.thumbnail((config.photo_side, config.photo_side))
    jpeg = BytesIO()
    smaller.save(jpeg, "JPEG", quality=config.photo_quality, comment=b"")
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg.getvalue()).decode()}"
