"""A response body that ends in an error when it grows too long or takes too long."""

import time
from collections.abc import Callable, Iterator

import httpx2

from recommender.base_model.circuit import EndpointFailure


class BoundedBody(httpx2.SyncByteStream):
    """``body``, watched byte by byte, so that neither keep-alive comments nor empty chunks get around the limits.

    Parameters
    ----------
    first_piece_by, end_by : times of ``clock``; the first holds until `started` is set
    """

    def __init__(
        self,
        body: httpx2.SyncByteStream,
        *,
        max_bytes: int,
        first_piece_by: float,
        end_by: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.started = False
        self._body = body
        self._max_bytes = max_bytes
        self._first_piece_by = first_piece_by
        self._end_by = end_by
        self._clock = clock

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._body:
            size += len(chunk)
            if size > self._max_bytes:
                raise EndpointFailure(f"the answer is larger than the {self._max_bytes:,} bytes that are read")
            self.check_time()
            yield chunk

    def check_time(self) -> None:
        now = self._clock()
        if now > self._end_by:
            raise EndpointFailure("the whole request took longer than total_seconds allows")
        if not self.started and now > self._first_piece_by:
            raise EndpointFailure("the first piece of text took longer than first_piece_seconds allows")

    def close(self) -> None:
        self._body.close()
