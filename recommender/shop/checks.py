"""What a caller hands over, checked at the door: messages, choices and ids."""

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from recommender.conversation.agents.contemplating import DEADLINE_MS, MAX_DEADLINE_MS, MIN_DEADLINE_MS, Deadline
from recommender.errors import BadRequestError
from schemas import Message, Mode, Rules, Trace
from schemas.ids import MAX_ID_LENGTH, Identifier

_IDENTIFIER = TypeAdapter(Identifier)
Choice = TypeVar("Choice", bound=StrEnum)


def message(value: Message | Mapping[str, object]) -> Message:
    """A message of the chat-completions format; raises BadRequestError with the place and the reason."""
    try:
        return Message.model_validate(value)
    except ValidationError as error:
        raise BadRequestError(f"a message is wrong {_first(error)}") from error


def one_of(kind: type[Choice], value: Choice | str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        raise BadRequestError(f"unknown {kind.__name__.lower()} {value!r}; allowed: {', '.join(kind)}") from None


def require_folder(photos: Path) -> Path:
    """The folder of the products' photos; raises BadRequestError if there is none."""
    if not photos.is_dir():
        raise BadRequestError(f"there is no folder {str(photos)!r}; pass the folder of the photos with --photos")
    return photos


def deadline_of(mode: Mode, milliseconds: int | None) -> Deadline | None:
    """The deadline of a reply that begins now; None in the modes that have none, where one is refused."""
    if mode is not Mode.CONTEMPLATING:
        if milliseconds is not None:
            raise BadRequestError(f"a deadline is for mode 'contemplating', got mode {mode.value!r}; leave it out")
        return None
    wanted = DEADLINE_MS if milliseconds is None else milliseconds
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not MIN_DEADLINE_MS <= wanted <= MAX_DEADLINE_MS:
        allowed = f"an integer between {MIN_DEADLINE_MS} and {MAX_DEADLINE_MS:,}"
        raise BadRequestError(f"deadline_ms must be {allowed}, got {wanted!r:.60}")
    return Deadline.from_now(wanted)


def require_rules(value: Rules) -> Rules:
    """The rules; raises BadRequestError for anything else."""
    if not isinstance(value, Rules):
        raise BadRequestError(f"rules must be schemas.Rules, got {value!r:.60}")
    return value


def rules_of(text: bytes) -> Rules:
    """Rules written as JSON; raises BadRequestError with the place and the reason."""
    try:
        return Rules.model_validate_json(text)
    except ValidationError as error:
        raise BadRequestError(f"the rules are wrong {_first(error)}") from error


def trace_of(text: bytes) -> Trace:
    """The trace in a reply of contemplating, or by itself, as JSON; raises BadRequestError with what is wrong."""
    try:
        loaded = json.loads(text)
        inner = loaded.get("trace", loaded) if isinstance(loaded, dict) else loaded
        return Trace.model_validate_json(json.dumps(inner))
    except ValidationError as error:
        raise BadRequestError(f"the trace is wrong {_first(error)}; take the reply of `chat --json`") from error
    except ValueError as error:
        raise BadRequestError(f"the trace is no JSON: {error}; take the reply of `chat --json`") from error


def _first(error: ValidationError) -> str:
    """The place and the reason of the first thing that is wrong."""
    first = error.errors(include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"at {place!r}: {first['msg']}"


def require_id(name: str, value: str | None) -> None:
    """Raises BadRequestError unless `value` is None or can be stored as an id."""
    if value is None:
        return
    try:
        _IDENTIFIER.validate_python(value)
    except ValidationError as error:
        raise BadRequestError(
            f"{name} {value!r:.60} cannot be an id: {error.errors()[0]['msg']}; "
            f"allowed are 1 to {MAX_ID_LENGTH} characters without control characters"
        ) from error
