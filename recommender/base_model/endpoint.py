"""One chat-completions endpoint: an answer in pieces, attempts, and a name for whatever goes wrong.

Needs the extra `remote`, and is imported only where an endpoint is used.
"""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx2
from openai import APIConnectionError, APIError, DefaultHttpxClient, Omit, OpenAI, Stream
from openai.types.chat import ChatCompletionChunk
from pydantic import BaseModel
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)
from tenacity.wait import wait_base

from recommender.base_model.bounded_body import BoundedBody
from recommender.base_model.circuit import EndpointFailure
from recommender.base_model.remote_config import RemoteConfig
from recommender.base_model.response_head import PassingFailure, check_head, cleaned
from recommender.errors import WriterError

Body = dict[str, Any]
Pieces = Generator[str, None, None]


class _Delta(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    delta: _Delta
    finish_reason: str | None = None


class _Chunk(BaseModel):
    choices: list[_Choice]


class Endpoint:
    """Thread-safe."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        config: RemoteConfig,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api_key = api_key
        self._config = config
        self._clock = clock
        self._sleep = sleep
        http = DefaultHttpxClient(
            follow_redirects=False, event_hooks={"response": [lambda response: check_head(response, api_key)]}
        )
        self._client = OpenAI(base_url=base_url, api_key=api_key or "none", max_retries=0, http_client=http)

    def close(self) -> None:
        self._client.close()

    def answer(self, body: Body, end_by: float) -> Iterator[str]:
        """The text of one answer. Attempts are made until its first piece is there, and none after that."""
        first, rest = self._retrying(end_by)(self._begin, body, end_by)
        with closing(rest):
            yield first
            yield from rest

    def _retrying(self, end_by: float) -> Retrying:
        config = self._config
        jitter = wait_random_exponential(multiplier=config.backoff_seconds, max=config.max_backoff_seconds)
        return Retrying(
            retry=retry_if_exception_type(PassingFailure),
            wait=jitter + _AskedWait(),
            stop=stop_after_attempt(config.attempts) | stop_before_delay(end_by - self._clock()),
            sleep=self._sleep,
            reraise=True,
        )

    def _begin(self, body: Body, end_by: float) -> tuple[str, Pieces]:
        pieces = self._pieces(body, end_by)
        return next(pieces), pieces

    def _pieces(self, body: Body, end_by: float) -> Pieces:
        first_piece_by = self._clock() + self._config.first_piece_seconds
        with self._named_failures(), self._post(body, end_by) as stream:
            bounded = self._bounded(stream.response, first_piece_by, end_by)
            finish = None
            for chunk in stream:
                for choice in _Chunk.model_validate(chunk, from_attributes=True).choices[:1]:
                    finish = choice.finish_reason or finish
                    if choice.delta.content:
                        bounded.started = True
                        yield choice.delta.content
            _check_end(finish, bounded.started)

    def _post(self, body: Body, end_by: float) -> Stream[ChatCompletionChunk]:
        return self._client.post(
            "/chat/completions",
            cast_to=ChatCompletionChunk,
            body=body,
            options={"headers": self._headers(), "timeout": self._timeout(end_by)},
            stream=True,
            stream_cls=Stream[ChatCompletionChunk],
        )

    def _headers(self) -> dict[str, str | Omit]:
        """Nothing of an OpenAI account in the environment goes to another provider."""
        authorization = f"Bearer {self._api_key}" if self._api_key else Omit()
        return {
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            "Authorization": authorization,
            "OpenAI-Organization": Omit(),
            "OpenAI-Project": Omit(),
        }

    def _timeout(self, end_by: float) -> httpx2.Timeout:
        config, left = self._config, max(end_by - self._clock(), 0.001)
        read = min(config.read_seconds, config.first_piece_seconds, left)
        return httpx2.Timeout(left, connect=min(config.connect_seconds, left), read=read)

    def _bounded(self, response: httpx2.Response, first_piece_by: float, end_by: float) -> BoundedBody:
        assert isinstance(response.stream, httpx2.SyncByteStream)
        response.stream = bounded = BoundedBody(
            response.stream,
            max_bytes=self._config.max_response_bytes,
            first_piece_by=first_piece_by,
            end_by=end_by,
            clock=self._clock,
        )
        return bounded

    @contextmanager
    def _named_failures(self) -> Iterator[None]:
        """What a server said is quoted without the key, so an error that holds its very words is not chained."""
        try:
            yield
        except APIConnectionError as error:
            raise _connection_failure(error.__cause__) from error
        except APIError as error:
            raise EndpointFailure(f"it broke off with: {cleaned(error.message, self._api_key)}") from None
        except ValueError:
            raise EndpointFailure("it answered with something that is not a chat completion") from None


class _AskedWait(wait_base):
    """What the endpoint asked for in Retry-After."""

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        return error.retry_after if isinstance(error, PassingFailure) else 0.0


def _connection_failure(cause: BaseException | None) -> EndpointFailure:
    reason = f"{type(cause).__name__}: {cause}".removesuffix(": ")
    if isinstance(cause, httpx2.TimeoutException) and not isinstance(cause, httpx2.ConnectTimeout):
        return EndpointFailure(f"it was silent for too long ({reason})")
    return PassingFailure(f"the connection failed ({reason})")


def _check_end(finish: str | None, started: bool) -> None:
    if finish is None:
        raise PassingFailure("its stream ended in the middle of the answer")
    if not started:
        advice = "; a model that thinks first needs more thinking_tokens" if finish == "length" else ""
        raise WriterError(f"it ended the answer ({finish!r}) without a word of text{advice}")
