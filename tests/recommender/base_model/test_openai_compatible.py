"""The writer behind an endpoint, against a server that misbehaves in every way one can."""

import base64
import io
import itertools
import json
import logging
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from recommender.base_model import Writer
from recommender.base_model.openai_compatible import OpenAICompatibleWriter, RemoteConfig
from recommender.errors import WriterError
from recommender.prompts import Prompt, PromptTurn
from schemas import Mode
from tests.recommender.base_model.chat_server import DONE, chunk, event, fails, hangs, running, says, streams
from tests.recommender.base_model.clock import Clock

KEY = "sk-very-secret-123"
PROMPT = Prompt((PromptTurn("system", "Be brief."), PromptTurn("user", "A red mug?")), seed=7, max_new_tokens=50)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture(scope="module")
def shared_server():
    with running() as server:
        yield server


@pytest.fixture
def server():
    with running() as server:
        yield server


@pytest.fixture
def slept():
    return []


@pytest.fixture
def make(server, slept, monkeypatch):
    """A writer that never really waits between attempts; what it would have waited stands in ``slept``."""
    for name in ("MODEL_API_KEY", "OPENAI_API_KEY", "MODEL_SETTINGS"):
        monkeypatch.delenv(name, raising=False)
    writers = []

    def make(url=None, *, clock=time.monotonic, api_key=None, **config):
        config = RemoteConfig(**config) if config else None
        writers.append(
            OpenAICompatibleWriter(
                url or server.url, "muse", api_key=api_key, config=config, clock=clock, sleep=slept.append
            )
        )
        return writers[-1]

    yield make
    for writer in writers:
        writer.close()


def outcome(writer, prompt=PROMPT):
    """What came before the error, and the error."""
    pieces, stream = [], writer.stream(prompt)
    try:
        pieces.extend(stream)
    except WriterError as error:
        return pieces, str(error)
    pytest.fail(f"no error after {pieces}")


def numbered(count):
    return [Prompt((PromptTurn("user", str(number)),)) for number in range(count)]


# What is asked


def test_the_request_carries_the_turns_the_limit_and_the_seed(make, server):
    writer: Writer = make(api_key=KEY)
    assert writer.name == "muse"
    assert list(writer.stream(PROMPT)) == ["hello"]
    assert server.paths == ["/v1/chat/completions"]
    assert server.bodies == [
        {
            "model": "muse",
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "A red mug?"}],
            "seed": 7,
            "stream": True,
            "max_completion_tokens": 50,
        }
    ]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_effort_thinking_and_extra_fields_are_as_configured(make, server):
    extra = {"chat_template_kwargs": {"reasoning_strength": "low"}, "seed": 1}
    make(reasoning_effort="minimal", thinking_tokens=1000, length_field="max_tokens", extra_body=extra).generate(
        [PROMPT]
    )
    (body,) = server.bodies
    assert body["reasoning_effort"] == "minimal"
    assert body["max_tokens"] == 1050
    assert "max_completion_tokens" not in body
    assert body["chat_template_kwargs"] == {"reasoning_strength": "low"}
    assert body["seed"] == 1


def test_photos_come_first_in_the_first_user_turn_as_small_jpegs_without_their_metadata(make, server):
    photo = Image.new("RGB", (640, 320), (200, 30, 30))
    photo.info["comment"] = b"taken at home"
    photo.info["exif"] = b"Exif\0\0secret"
    turns = (*PROMPT.turns, PromptTurn("assistant", "Which one?"), PromptTurn("user", "This one."))
    make(photo_side=64).generate([Prompt(turns, photos=(photo, Image.new("RGB", (8, 8), "blue")))])
    _, first, _, last = server.bodies[0]["messages"]
    assert [part["type"] for part in first["content"]] == ["image_url", "image_url", "text"]
    assert first["content"][2]["text"] == "A red mug?"
    assert last["content"] == "This one."
    scheme, data = first["content"][0]["image_url"]["url"].split(",")
    assert scheme == "data:image/jpeg;base64"
    jpeg = base64.b64decode(data, validate=True)
    with Image.open(io.BytesIO(jpeg)) as sent:
        assert sent.format == "JPEG"
        assert sent.size == (64, 32)
        assert sent.getpixel((5, 5)) == pytest.approx((200, 30, 30), abs=6)
        assert not sent.getexif()
    assert b"secret" not in jpeg
    assert b"taken at home" not in jpeg
    assert photo.size == (640, 320)


@pytest.mark.parametrize(
    ("variables", "sent"),
    [
        ({"MODEL_API_KEY": "model-key", "OPENAI_API_KEY": "openai-key"}, "Bearer model-key"),
        ({"MODEL_API_KEY": "", "OPENAI_API_KEY": " openai-key\n"}, "Bearer openai-key"),
        ({"OPENAI_ADMIN_KEY": "admin", "OPENAI_ORG_ID": "org", "OPENAI_PROJECT_ID": "project"}, None),
    ],
)
def test_the_key_is_the_models_else_openais_and_no_other_account_detail_is_sent(
    make, server, monkeypatch, variables, sent
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    make().generate([PROMPT])
    assert server.headers[0].get("authorization") == sent
    assert not [name for name in server.headers[0] if name.startswith("openai-")]


def test_an_empty_key_sends_none_whatever_the_environment_says(make, server, monkeypatch):
    writer = make(api_key="")
    monkeypatch.setenv("MODEL_API_KEY", KEY)
    assert make(api_key="").generate([PROMPT]) == writer.generate([PROMPT])
    assert all("authorization" not in headers for headers in server.headers)


def test_reasoning_effort_goes_by_the_mode(make, server):
    writer = make(reasoning_effort={"fast": "minimal", "shopping": "low"})
    writer.generate([replace(PROMPT, mode=Mode.FAST), replace(PROMPT, mode=Mode.SHOPPING)])

    assert sorted(body["reasoning_effort"] for body in server.bodies) == ["low", "minimal"]
    make(reasoning_effort={"shopping": "low"}).generate([replace(PROMPT, mode=Mode.FAST)])
    assert "reasoning_effort" not in server.bodies[-1]


def test_settings_come_from_the_environment(make, server, monkeypatch):
    monkeypatch.setenv("MODEL_SETTINGS", '{"reasoning_effort": "low"}')
    make().generate([PROMPT])
    assert server.bodies[0]["reasoning_effort"] == "low"


@pytest.mark.parametrize("value", ["[]", "{", '{"efort": "low"}', '{"attempts": 0}'])
def test_settings_that_make_no_sense_are_named(monkeypatch, value):
    monkeypatch.setenv("MODEL_SETTINGS", value)
    with pytest.raises(WriterError, match=r"MODEL_SETTINGS must be a JSON object.*Settings: .*reasoning_effort"):
        RemoteConfig.from_environment()


def test_the_config_survives_json():
    config = RemoteConfig(reasoning_effort="high", extra_body={"top_k": 3})
    assert RemoteConfig.model_validate_json(config.model_dump_json()) == config


# What is read


def test_pieces_come_as_they_are_made(make, server):
    more = threading.Event()

    def slowly(handler):
        handler.head()
        handler.write(chunk("one "))
        more.wait()
        handler.write(chunk("two") + chunk(finish="stop") + DONE)

    server.answers = [slowly]
    pieces = make().stream(PROMPT)
    assert next(pieces) == "one "
    more.set()
    assert list(pieces) == ["two"]


def test_what_a_reasoning_model_thinks_is_not_text(make, server):
    thought = chunk(reasoning_content="the shopper wants a mug") + chunk(reasoning="red")
    server.answers = [streams(thought, chunk("A mug."), chunk(finish="stop"))]
    assert make().generate([PROMPT]) == ["A mug."]


def test_an_answer_cut_at_its_limit_is_an_answer(make, server):
    server.answers = [streams(chunk("A mug and a"), chunk(finish="length"), DONE)]
    assert make().generate([PROMPT]) == ["A mug and a"]


def test_generate_asks_at_the_same_time_and_keeps_the_order(make, server):
    together = threading.Barrier(3, timeout=60)

    def echo(handler):
        together.wait()
        number = handler.body["messages"][0]["content"]
        says(number, "!")(handler)

    server.answers = [echo]
    writer = make(max_concurrent=3)
    assert writer.generate(numbered(3)) == ["0!", "1!", "2!"]
    assert writer.generate([]) == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (fails(200, b"<html>sign in</html>", Content_Type="text/html"), "'text/html' instead of a stream"),
        (fails(200, b'{"choices": []}'), "'application/json' instead of a stream"),
        (fails(200, b"\x1f\x8b", Content_Type="text/event-stream", Content_Encoding="gzip"), "compressed"),
        (streams(b"data: {not json\n\n"), "not a chat completion"),
        (streams(b"data: \xff\xfe\n\n"), "not a chat completion"),
        (streams(event([1, 2])), "not a chat completion"),
        (streams(event("text")), "not a chat completion"),
        (streams(event({"choices": "none"})), "not a chat completion"),
        (streams(event({"choices": [{"delta": {"content": {"a": 1}}}]})), "not a chat completion"),
        (streams(event({"unknown": 1})), "not a chat completion"),
        (streams(event({"error": {"message": "out of memory"}})), "broke off with: out of memory"),
    ],
)
def test_an_answer_that_is_no_chat_completion_is_an_error_and_is_not_asked_for_again(make, server, answer, message):
    server.answers = [answer]
    pieces, error = outcome(make())
    assert pieces == []
    assert message in error
    assert error.startswith(server.url)
    assert len(server.bodies) == 1


def test_an_answer_without_a_word_says_how_it_ended(make, server):
    server.answers = [streams(event({"choices": []}), chunk(finish="content_filter"), DONE)]
    assert "('content_filter') without a word" in outcome(make())[1]
    server.answers = [streams(chunk(reasoning_content="hm"), chunk(finish="length"), DONE)]
    assert "needs more thinking_tokens" in outcome(make())[1]


def test_an_endless_answer_is_cut_off(make, server):
    def endless(handler):
        handler.head()
        while True:
            handler.write(b": " + b"x" * 1000)

    server.answers = [endless]
    pieces, error = outcome(make(max_response_bytes=10_000))
    assert pieces == []
    assert "larger than the 10,000 bytes" in error
    assert server.hung_up.wait(60)


# Cut, silent, slow


@pytest.mark.parametrize(
    "rest", [b"", DONE, chunk("lost")[:30], b"data: {}"], ids=["nothing", "done without a reason", "half", "no end"]
)
def test_a_stream_cut_in_the_middle_is_an_error_after_what_has_come_and_is_not_asked_for_again(make, server, rest):
    server.answers = [streams(chunk("A mug"), rest), says("other")]
    pieces, error = outcome(make())
    assert pieces == ["A mug"]
    assert "ended in the middle" in error
    assert len(server.bodies) == 1


def test_a_connection_broken_in_the_middle_of_a_chunk_is_an_error(make, server):
    def broken(handler):
        handler.protocol_version = "HTTP/1.1"
        handler.head(**{"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
        whole = chunk("A mug")
        handler.write(f"{len(whole):x}\r\n".encode() + whole + b"\r\nff\r\ndata: ")
        handler.close_connection = True

    server.answers = [broken]
    pieces, error = outcome(make())
    assert pieces == ["A mug"]
    assert "connection failed (RemoteProtocolError" in error


def test_generate_fails_when_one_prompt_fails(make, server):
    server.answers = [says("fine"), streams(chunk("cut")), says("fine")]
    with pytest.raises(WriterError, match="ended in the middle"):
        make(max_concurrent=1).generate(numbered(3))


def test_a_server_that_never_answers_is_given_up_and_not_asked_again(make, server):
    server.answers = [hangs()]
    assert "silent for too long" in outcome(make(read_seconds=0.05))[1]
    assert len(server.bodies) == 1


def test_silence_in_the_middle_is_given_up(make, server):
    server.answers = [hangs(chunk("A mug"))]
    pieces, error = outcome(make(read_seconds=1.0))
    assert pieces == ["A mug"]
    assert "silent for too long" in error


def test_keep_alive_comments_do_not_put_off_the_first_piece(make, server):
    def alive(handler):
        handler.head()
        while True:
            handler.write(b": still there\n\n")

    server.answers = [alive]
    ticks = itertools.count(0.0, 1.0)
    pieces, error = outcome(make(clock=lambda: next(ticks), first_piece_seconds=20, total_seconds=1000))
    assert pieces == []
    assert "first_piece_seconds" in error
    assert server.hung_up.wait(60)


def test_a_slow_stream_ends_at_the_total_time(make, server):
    def slow(handler):
        handler.head()
        while not handler.server.over.wait(0.001):
            handler.write(chunk("word "))

    server.answers = [slow]
    clock = Clock()
    pieces = make(clock=clock, total_seconds=30, first_piece_seconds=1).stream(PROMPT)
    assert next(pieces) == "word "
    clock.now += 29
    assert next(pieces) == "word "
    clock.now += 2
    with pytest.raises(WriterError, match="total_seconds"):
        list(pieces)


# Attempts


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 529])
def test_what_may_pass_is_tried_again_after_a_random_wait(make, server, slept, status):
    server.answers = [fails(status), fails(status), says("well")]
    assert make(backoff_seconds=0.5).generate([PROMPT]) == ["well"]
    first, second = slept
    assert 0 <= first <= 0.5
    assert 0 <= second <= 1.0


def test_waits_are_spread_over_their_whole_range_and_bounded(make, server, slept):
    server.answers = [fails(500)]
    writer = make(attempts=40, backoff_seconds=1.0, max_backoff_seconds=2.0, total_seconds=600)
    outcome(writer)
    assert len(server.bodies) == 40
    assert max(slept) <= 2.0
    assert min(slept) < 0.5
    assert max(slept) > 1.0


def test_a_cut_before_the_first_piece_is_tried_again(make, server):
    server.answers = [streams(chunk("", role="assistant")), says("well")]
    assert make().generate([PROMPT]) == ["well"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_a_refusal_is_not_tried_again(make, server, status):
    server.answers = [fails(status, b'{"error": {"message": "no such   model"}}'), says("never")]
    _, error = outcome(make())
    assert f"HTTP {status}" in error
    assert ("no such model" in error) == (status not in (401, 403))
    assert len(server.bodies) == 1


def test_what_always_fails_is_given_up_with_the_last_reason(make, server):
    server.answers = [fails(500, b"CUDA error")]
    assert "HTTP 500 Internal Server Error: CUDA error" in outcome(make(attempts=2))[1]
    assert len(server.bodies) == 2


def seconds_from_now(seconds):
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [("7", 7, 7.25), ("0.5", 0.5, 0.75), ("-3", 0, 0.25), ("nan", 0, 0.25), ("soon", 0, 0.25), ("", 0, 0.25)],
)
def test_retry_after_is_waited_for(make, server, slept, header, least, most):
    server.answers = [fails(429, Retry_After=header), says("well")]
    assert make().generate([PROMPT]) == ["well"]
    assert least <= slept[0] <= most


def test_retry_after_may_be_a_date(make, server, slept):
    server.answers = [fails(503, Retry_After=seconds_from_now(3000)), says("well")]
    assert make(total_seconds=10_000).generate([PROMPT]) == ["well"]
    assert 1000 < slept[0] < 3001


def test_a_retry_after_beyond_the_total_time_is_not_waited_for(make, server, slept):
    server.answers = [fails(429, Retry_After="3600")]
    assert "HTTP 429" in outcome(make())[1]
    assert slept == []


def test_a_refused_connection_is_tried_again_and_then_an_error(make, server, slept):
    with running() as gone:
        url = gone.url
    assert "connection failed (ConnectError" in outcome(make(url, attempts=3))[1]
    assert len(slept) == 2


@pytest.mark.parametrize("place", ["http://elsewhere.invalid/v1", "/v2/chat/completions"])
def test_a_redirect_is_not_followed(make, server, place):
    server.answers = [fails(307, Location=place)]
    assert f"redirects to '{place}'" in outcome(make(api_key=KEY))[1]
    assert len(server.bodies) == 1


# The circuit and the slots


def test_a_broken_endpoint_is_left_alone_and_tried_again_after_the_pause(make, server):
    clock = Clock()
    writer = make(clock=clock, failures_to_open=2, open_seconds=30, attempts=1)
    server.answers = [fails(500), fails(500), says("well")]
    outcome(writer)
    outcome(writer)
    assert "tried again in 30.0 s" in outcome(writer)[1]
    assert len(server.bodies) == 2
    clock.now += 30
    assert writer.generate([PROMPT]) == ["well"]


def test_refused_requests_do_not_open_the_circuit(make, server):
    server.answers = [fails(400)]
    writer = make(failures_to_open=1)
    outcome(writer)
    assert "HTTP 400" in outcome(writer)[1]


def test_a_request_that_finds_no_slot_in_time_fails(make, server):
    server.answers = [hangs(chunk("first")), says("second")]
    writer = make(max_concurrent=1, slot_seconds=0.01)
    holding = writer.stream(PROMPT)
    next(holding)
    assert "1 requests are in flight (max_concurrent), and none ended within 0.01 s" in outcome(writer)[1]
    holding.close()
    assert writer.generate([PROMPT]) == ["second"]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(limit=st.integers(1, 4), prompts=st.integers(1, 12), streaming=st.integers(0, 4))
def test_no_more_than_the_limit_are_ever_in_flight(shared_server, limit, prompts, streaming):
    """Counted by the server before it says anything: a client that has its answer may ask again at once."""
    counting, counts = threading.Lock(), [0]

    def count(more):
        with counting:
            counts.append(counts[-1] + more)

    def answer(handler):
        count(1)
        time.sleep(0.002)
        count(-1)
        says("well")(handler)

    shared_server.answers = [answer]
    config = RemoteConfig(max_concurrent=limit, slot_seconds=60)
    writer = OpenAICompatibleWriter(shared_server.url, "muse", api_key="", config=config)
    with ThreadPoolExecutor(5) as shoppers:
        whole = shoppers.submit(writer.generate, numbered(prompts))
        streams = [shoppers.submit(list, writer.stream(PROMPT)) for _ in range(streaming)]
        assert whole.result() == ["well"] * prompts
        assert [stream.result() for stream in streams] == [["well"]] * streaming
    writer.close()
    assert max(counts) <= limit


# Closing


def test_closing_the_iterator_hangs_up(make, server):
    def talks(handler):
        handler.head()
        while True:
            handler.write(chunk("word "))

    server.answers = [talks]
    pieces = make().stream(PROMPT)
    assert next(pieces) == "word "
    assert not server.hung_up.is_set()
    pieces.close()
    assert server.hung_up.wait(60)


def test_a_closed_writer_says_so(make):
    writer = make()
    writer.close()
    writer.close()
    assert "has been closed" in outcome(writer)[1]
    with pytest.raises(WriterError, match="has been closed"):
        writer.generate([PROMPT])


def test_closing_ends_a_generate_in_another_thread(make, server):
    writer = make(max_concurrent=1, read_seconds=0.2)
    begun = threading.Event()

    def silent(handler):
        begun.set()
        hangs()(handler)

    server.answers = [silent]
    with ThreadPoolExecutor(1) as other:
        whole = other.submit(writer.generate, numbered(2))
        assert begun.wait(60)
        writer.close()
        with pytest.raises(WriterError):
            whole.result()


# What may not be said, and what may not be given


def test_the_key_is_in_no_error_no_log_and_no_repr(make, server, caplog):
    caplog.set_level(logging.DEBUG)
    said = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}."}}).encode()
    writer = make(api_key=KEY, attempts=1)
    shown = [repr(writer), str(vars(writer))]
    answers = [
        fails(400, said),
        fails(401, said),
        fails(500, said),
        streams(event({"error": {"message": f"bad key {KEY}"}})),
        streams(event({"choices": KEY})),
        streams(b"data: " + KEY.encode() + b"\n\n"),
    ]
    for answer in answers:
        server.answers = [answer]
        with pytest.raises(WriterError) as raised:
            writer.generate([PROMPT])
        shown += traceback.format_exception(raised.value)
    assert "***" in "".join(shown)
    assert KEY not in "".join(shown)
    assert KEY not in caplog.text


@pytest.mark.parametrize("key", ["sk secret", "sk-secret\nX-Other: 1", "sk-sécret"])
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(make, key):
    with pytest.raises(WriterError, match="API key") as raised:
        make(api_key=key)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/v1",
        "host:8000/v1",
        "http://",
        "http://host:port/v1",
        "http://[::1/v1",
        "http://host/v1?key=a",
        "http://host/#m",
    ],
)
def test_a_base_url_that_is_no_http_address_is_refused(make, url):
    with pytest.raises(WriterError, match=r"must look like http://host:8000/v1"):
        make(url)


def test_a_password_in_the_base_url_is_refused_without_being_shown(make):
    with pytest.raises(WriterError, match="MODEL_API_KEY") as raised:
        make("http://me:hunter2@host/v1")
    assert "hunter2" not in str(raised.value)


def test_without_the_extra_the_error_names_the_command(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    monkeypatch.delitem(sys.modules, "recommender.base_model.endpoint", raising=False)
    with pytest.raises(WriterError, match=r"pip install 'shop-recommender\[remote\]'"):
        make()


def test_importing_the_module_loads_no_client():
    code = (
        "import sys, recommender.base_model.openai_compatible; print({'openai', 'httpx2', 'tenacity'} & {*sys.modules})"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "set()"
