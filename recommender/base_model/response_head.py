"""What the head of an HTTP response says: an answer to read, a refusal, or a failure that may pass."""

import math
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import httpx2

from recommender.base_model.circuit import EndpointFailure
from recommender.errors import WriterError

MAX_QUOTED: Final = 200
PASSING: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
ABOUT_KEYS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
"""A server may repeat the key it refuses, so what it says with these is not quoted."""


class PassingFailure(EndpointFailure):
    """A failure that another attempt may not meet."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def check_head(response: httpx2.Response, api_key: str | None) -> None:
    """Raises unless a stream of events follows."""
    if response.is_redirect:
        host = response.headers.get("Location", "")[:MAX_QUOTED]
        raise WriterError(f"it redirects to {host!r}, which is not followed: give the address it redirects to")
    if not response.is_success:
        raise _failure(response, api_key)
    kind = response.headers.get("Content-Type", "no content type").split(";")[0]
    if kind != "text/event-stream":
        raise EndpointFailure(f"it answered with {kind!r} instead of a stream of events: is it chat completions?")
    coding = response.headers.get("Content-Encoding", "identity")
    if coding != "identity":
        raise EndpointFailure(f"its answer is compressed ({coding!r}), although identity was asked for")


def _failure(response: httpx2.Response, api_key: str | None) -> WriterError:
    status = response.status_code
    message = f"it answered HTTP {status} {response.reason_phrase}{_quoted(response, api_key)}"
    if status in PASSING or response.is_server_error:
        return PassingFailure(message, _retry_after(response))
    return WriterError(message)


def _quoted(response: httpx2.Response, api_key: str | None) -> str:
    """The beginning of what the server says, from one read of it."""
    if response.status_code in ABOUT_KEYS:
        return "; is MODEL_API_KEY the key of this endpoint?"
    return f": {cleaned(said, api_key)}" if (said := next(response.iter_raw(), b"").decode(errors="replace")) else ""


def cleaned(said: str, api_key: str | None) -> str:
    """One short line of a server's words, without the key."""
    line = " ".join(said.split())
    return (line.replace(api_key, "***") if api_key else line)[:MAX_QUOTED]


def _retry_after(response: httpx2.Response) -> float:
    """Seconds, from a number or an HTTP date; 0 where the header is absent or makes no sense."""
    value = response.headers.get("Retry-After", "")
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value)
    return max(seconds, 0.0) if math.isfinite(seconds) else 0.0


def _seconds_until(date: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - time.time()
    except ValueError:
        return 0.0
