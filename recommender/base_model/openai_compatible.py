"""A base model behind any endpoint that speaks chat completions: the way to more than one machine.

The endpoint may be slow, busy, broken or gone; then a `WriterError` says so in bounded time.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from recommender.base_model.chat_request import chat_request
from recommender.base_model.circuit import CircuitBreaker
from recommender.base_model.remote_config import RemoteConfig, key_from_environment
from recommender.errors import WriterError
from recommender.prompts import Prompt

if TYPE_CHECKING:
    from recommender.base_model.endpoint import Endpoint

__all__ = ["OpenAICompatibleWriter", "RemoteConfig"]


class OpenAICompatibleWriter:
    """A `Writer`. Thread-safe. Whatever it cannot do is a `WriterError` that names the endpoint and never the key.

    Parameters
    ----------
    base_url : up to and including "/v1", without a user, a query or a fragment
    api_key : None takes MODEL_API_KEY, else OPENAI_API_KEY, else sends none; "" sends none
    config : None takes MODEL_SETTINGS
    clock, sleep : seconds; for tests
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str | None = None,
        config: RemoteConfig | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = _checked_url(base_url)
        self._model = model
        self._config = config = RemoteConfig.from_environment() if config is None else config
        key = _checked_key(key_from_environment() if api_key is None else api_key)
        self._endpoint: Endpoint = _endpoint_class()(self._base_url, key, config, clock=clock, sleep=sleep)
        self._breaker = CircuitBreaker(config.failures_to_open, config.open_seconds, clock=clock)
        self._slots = BoundedSemaphore(config.max_concurrent)
        self._threads = ThreadPoolExecutor(config.max_concurrent, thread_name_prefix="writer")
        self._clock = clock
        self._closed = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r}, {self._model!r})"

    @property
    def name(self) -> str:
        return self._model

    def generate(self, prompts: Sequence[Prompt]) -> list[str]:
        """One whole answer for each prompt, at most `max_concurrent` at the same time; one that fails raises."""
        with self._while_open():
            return list(self._threads.map(lambda prompt: "".join(self.stream(prompt)), prompts))

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """The answer in pieces. Closing the iterator closes the HTTP response."""
        end_by = self._clock() + self._config.total_seconds
        body = chat_request(self._model, prompt, self._config)
        with self._while_open(), self._named(), self._breaker.guard(), self._slot():
            yield from self._endpoint.answer(body, end_by)

    def close(self) -> None:
        """Ends what waits and what is in flight, with a `WriterError` for whoever waits for it."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._endpoint.close()

    @contextmanager
    def _while_open(self) -> Iterator[None]:
        closed = WriterError(f"{self!r} has been closed")
        if self._closed:
            raise closed
        try:
            yield
        except (RuntimeError, CancelledError) as error:
            if self._closed:
                raise closed from error
            raise

    @contextmanager
    def _slot(self) -> Iterator[None]:
        seconds = self._config.slot_seconds
        if not self._slots.acquire(timeout=seconds):
            busy = f"{self._config.max_concurrent} requests are in flight (max_concurrent)"
            raise WriterError(f"{busy}, and none ended within {seconds:g} s")
        try:
            yield
        finally:
            self._slots.release()

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Puts the endpoint before the message of every error."""
        try:
            yield
        except WriterError as error:
            raise type(error)(f"{self._base_url}: {error}") from error.__cause__


def _endpoint_class() -> type["Endpoint"]:
    try:
        return import_module("recommender.base_model.endpoint").Endpoint
    except ModuleNotFoundError as error:
        raise WriterError(
            f"a base model behind HTTP needs the package {error.name!r}: pip install 'shop-recommender[remote]'"
        ) from error


def _checked_url(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        with_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, with_host = urlsplit(""), False
    if parts.username is not None or parts.password is not None:
        raise WriterError("a base URL must not contain a user or a password: give the key in MODEL_API_KEY")
    if parts.scheme not in ("http", "https") or not with_host or parts.query or parts.fragment:
        raise WriterError(
            f"the base URL must look like http://host:8000/v1, without a query or a fragment; got {base_url!r}"
        )
    return base_url.rstrip("/")


def _checked_key(key: str | None) -> str | None:
    key = (key or "").strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise WriterError("the API key contains a space or a character that no key has: copy it again")
    return key or None
