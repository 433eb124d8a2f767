"""A chat-completions server on loopback that answers by script: well, slowly, wrongly or not at all."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler"], None]


def chunk(content: str | None = None, finish: str | None = None, **delta: Any) -> bytes:
    choice = {"index": 0, "delta": {"content": content, **delta}, "finish_reason": finish}
    return event({"id": "1", "object": "chat.completion.chunk", "choices": [choice]})


def event(data: Any) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


DONE = b"data: [DONE]\n\n"


def says(*pieces: str) -> Answer:
    """A whole answer, as a good server gives it."""
    usage = event({"id": "1", "object": "chat.completion.chunk", "choices": [], "usage": {"total_tokens": 3}})
    return streams(chunk("", role="assistant"), *map(chunk, pieces), chunk(finish="stop"), usage, DONE)


def streams(*parts: bytes) -> Answer:
    def answer(handler: "Handler") -> None:
        handler.head()
        for part in parts:
            handler.write(part)

    return answer


def fails(status: int, body: bytes = b"{}", **headers: str) -> Answer:
    def answer(handler: "Handler") -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.head(status, **{"Content-Type": "application/json", "Content-Length": str(len(body)), **named})
        handler.write(body)

    return answer


def hangs(*parts: bytes) -> Answer:
    """``parts``, then silence. Without parts not even a head."""

    def answer(handler: "Handler") -> None:
        if parts:
            streams(*parts)(handler)
        handler.server.over.wait()

    return answer


class Handler(BaseHTTPRequestHandler):
    server: "ChatServer"
    body: dict[str, Any]

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received(self.path, headers, self.body)
        try:
            self.server.next_answer()(self)
        except (BrokenPipeError, ConnectionResetError):
            self.server.hung_up.set()

    def head(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in (headers or {"Content-Type": "text/event-stream; charset=utf-8"}).items():
            self.send_header(name, value)
        self.end_headers()

    def write(self, part: bytes) -> None:
        self.wfile.write(part)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # as the base class names it
        pass


class ChatServer(ThreadingHTTPServer):
    """``answers`` are given in turn, the last one for ever."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = [says("hello")]
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.over, self.hung_up = threading.Event(), threading.Event()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def received(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> None:
        with self._lock:
            self.paths.append(path)
            self.headers.append(headers)
            self.bodies.append(body)

    def next_answer(self) -> Answer:
        with self._lock:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def running() -> Iterator[ChatServer]:
    server = ChatServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
