"""What an operator may set about a base model behind HTTP: time limits, retries, concurrency, photos, thinking."""

import os
from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import Field, JsonValue, PositiveFloat, PositiveInt, ValidationError

from recommender.errors import WriterError
from schemas import Mode
from schemas.base import Contract

SETTINGS_VARIABLE: Final = "MODEL_SETTINGS"
KEY_VARIABLES: Final = ("MODEL_API_KEY", "OPENAI_API_KEY")


class RemoteConfig(Contract):
    """Settings of `OpenAICompatibleWriter`. Times are in seconds."""

    connect_seconds: PositiveFloat = 3.0
    read_seconds: PositiveFloat = 15.0
    """The longest silence, before the answer or within it."""
    first_piece_seconds: PositiveFloat = 20.0
    """From the start of an attempt to its first piece of text; a reasoning model thinks within this time."""
    total_seconds: PositiveFloat = 60.0
    """For a request with all its attempts; noticed at the next byte, so late by `read_seconds` at most."""

    attempts: PositiveInt = 3
    backoff_seconds: PositiveFloat = 0.25
    """Before attempt n + 1 a request waits between 0 and this times 2^(n - 1), and what Retry-After asks on top."""
    max_backoff_seconds: PositiveFloat = 4.0

    max_concurrent: PositiveInt = 16
    slot_seconds: PositiveFloat = 2.0
    """How long a request waits while `max_concurrent` others are in flight."""
    failures_to_open: PositiveInt = 5
    open_seconds: PositiveFloat = 15.0

    max_response_bytes: PositiveInt = 4 * 2**20
    photo_side: Annotated[int, Field(ge=32, le=4096)] = 1024
    """Photos are sent with their longer side at most this many pixels."""
    photo_quality: Annotated[int, Field(ge=1, le=95)] = 85

    reasoning_effort: str | Mapping[Mode, str] | None = None
    """As the endpoint spells it, "minimal" to "xhigh" for Muse Spark, one for all modes or one for each; what is not
    set is left to the endpoint."""
    thinking_tokens: Annotated[int, Field(ge=0)] = 0
    """Added to the limit of every prompt, for models that spend tokens before their first word."""
    length_field: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"
    extra_body: Mapping[str, JsonValue] = Field(default_factory=dict)
    """Further fields of the request body; they win over those of this project."""

    def effort(self, mode: Mode) -> str | None:
        """The reasoning effort of requests in this mode."""
        set_for = self.reasoning_effort
        return set_for if set_for is None or isinstance(set_for, str) else set_for.get(mode)

    @classmethod
    def from_environment(cls) -> Self:
        """Those in MODEL_SETTINGS, a JSON object; the defaults where it is not set."""
        try:
            return cls.model_validate_json(os.environ.get(SETTINGS_VARIABLE) or "{}")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"])) or "the whole"
            allowed = ", ".join(cls.model_fields)
            raise WriterError(
                f"{SETTINGS_VARIABLE} must be a JSON object of settings; {place}: {first['msg']}. Settings: {allowed}"
            ) from None


def key_from_environment() -> str | None:
    return next((key for name in KEY_VARIABLES if (key := os.environ.get(name))), None)
