"""Whatever a writer does, the answer comes: items first, then sentences, and the reason in the notes."""

import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import count, repeat
from typing import Any

import pytest

from recommender.conversation.context import WritingContext
from recommender.conversation.patience import MAX_WAITING, Patience
from recommender.conversation.respond import stream
from recommender.errors import WriterError
from schemas import Reply, ReplyChunk
from schemas.conversation import Origin
from tests.recommender.conversation.shops import BOUGHT, HOME, HOME_ROWS, POPULAR, Ranking, said, whole

GOOD = "Have a look at [[P1]]."
LIE = "[[P2]] is £1."
LONG = 3600.0
"""Seconds that no test waits: where nothing hangs, nothing may depend on how fast it is."""


class Writer:
    """Writes what ``make`` gives; ``second`` answers for a second try. Both run in the writer's thread."""

    def __init__(self, make: Callable[[], Iterator[Any]], second: Callable[[], Any] = lambda: None) -> None:
        self.make = make
        self.second = second
        self.asked = 0
        self.closed = threading.Event()

    def write(self, context: WritingContext) -> Iterator[Any]:
        self.asked += 1
        try:
            yield from self.make()
        finally:
            self.closed.set()

    def rewrite(self, context: WritingContext, sentence: str, problems: Sequence[str]) -> Any:
        return self.second()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What a hanging writer waits for; opened at the end, so that no thread outlives its test."""
    gate = threading.Event()
    yield gate
    gate.set()


def answer(writer: Writer | None, patience: Patience | None = None) -> Iterator[ReplyChunk]:
    ranking = Ranking(HOME_ROWS, ((BOUGHT,), (POPULAR,)))
    patience = patience or Patience(LONG, LONG)
    return stream(said("hello"), rank=ranking, vocabulary=HOME, session_id="s", writer=writer, patience=patience)


TEMPLATE = whole(answer(None))


def is_the_templates(reply: Reply) -> bool:
    return reply.text == TEMPLATE.text and {sentence.origin for sentence in reply.sentences} == {Origin.TEMPLATE}


def raising(error: BaseException) -> Iterator[str]:
    raise error
    yield


def ending(first: Sequence[str], then: Callable[[], Any]) -> Iterator[str]:
    yield from first
    then()


def throw(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "note"),
    [
        (WriterError("the line went dead"), "the writer failed: the line went dead"),
        (RuntimeError("out of\nmemory"), "the writer failed: RuntimeError: out of memory"),
        (KeyError("usage"), "the writer failed: KeyError: 'usage'"),
        (SystemExit(3), "the writer failed: SystemExit: 3"),
        (MemoryError(), "the writer failed: MemoryError"),
        (ValueError("x" * 9_000), "the writer failed: ValueError"),
    ],
)
def test_a_writer_that_raises_at_once_leaves_the_templates_reply_and_a_reason(error: BaseException, note: str) -> None:
    reply = whole(answer(Writer(lambda: raising(error))))
    assert is_the_templates(reply)
    (said_why,) = reply.notes
    assert said_why.startswith(note)
    assert len(said_why) < 400


def test_a_writer_that_cannot_even_start_is_no_different() -> None:
    class Broken(Writer):
        def write(self, context: WritingContext) -> Iterator[str]:
            raise AttributeError("no tokenizer")

    reply = whole(answer(Broken(lambda: repeat(""))))
    assert is_the_templates(reply)
    assert reply.notes == ("the writer failed: AttributeError: no tokenizer",)


def test_a_writer_that_raises_in_the_middle_is_finished_by_the_template() -> None:
    reply = whole(answer(Writer(lambda: ending([GOOD], lambda: throw(OSError("cable pulled"))))))
    origins = [sentence.origin for sentence in reply.sentences]
    assert origins[0] is Origin.MODEL
    assert set(origins[1:]) == {Origin.TEMPLATE}
    assert "Tall Tumbler" in reply.text
    assert reply.notes == ("the writer failed: OSError: cable pulled",)


def test_a_second_try_that_raises_is_finished_by_the_template() -> None:
    reply = whole(answer(Writer(lambda: iter([GOOD, LIE, GOOD]), lambda: throw(ZeroDivisionError("oops")))))
    assert [sentence.origin for sentence in reply.sentences][:2] == [Origin.MODEL, Origin.TEMPLATE]
    assert reply.notes == ("the writer failed: ZeroDivisionError: oops",)


def test_a_writer_that_hangs_before_its_first_sentence_is_left(gate: threading.Event) -> None:
    reply = whole(answer(Writer(lambda: ending([], gate.wait)), Patience(0.05, LONG)))
    assert is_the_templates(reply)
    assert reply.notes == ("the writer failed: it took longer than 0.05 s for its first sentence",)


def test_the_items_do_not_wait_for_a_writer_that_hangs(gate: threading.Event) -> None:
    chunks = answer(Writer(lambda: ending([], gate.wait)))
    assert next(chunks).type == "items"


def after_the_first_sentence(chunks: Iterator[ReplyChunk], patience: Patience) -> Reply:
    """The reply if patience ends as soon as the first sentence is out."""
    assert [next(chunks).type, next(chunks).type] == ["items", "sentence"]
    patience.reply_seconds = 0.0
    return whole(chunks)


def test_a_writer_that_hangs_in_the_middle_is_finished_by_the_template(gate: threading.Event) -> None:
    patience = Patience(LONG, LONG)
    reply = after_the_first_sentence(answer(Writer(lambda: ending([GOOD], gate.wait)), patience), patience)
    assert [sentence.origin for sentence in reply.sentences][:2] == [Origin.MODEL, Origin.TEMPLATE]
    assert "Tall Tumbler" in reply.text
    assert reply.notes == ("the writer failed: it took longer than 0 s for the reply",)


def test_a_writer_that_hangs_in_its_second_try_is_finished_by_the_template(gate: threading.Event) -> None:
    patience, written = Patience(LONG, LONG), threading.Event()
    writer = Writer(lambda: ending([GOOD, LIE], written.set), gate.wait)
    chunks = answer(writer, patience)
    next(chunks)
    next(chunks)
    written.wait()
    patience.reply_seconds = 0.0
    reply = whole(chunks)
    assert [sentence.origin for sentence in reply.sentences][:2] == [Origin.MODEL, Origin.TEMPLATE]
    assert "£1." not in reply.text
    assert reply.notes == ("the writer failed: it took longer than 0 s for the reply",)


def test_a_writer_that_never_stops_is_stopped() -> None:
    writer = Writer(lambda: repeat("These are worth a look."))
    reply = whole(answer(writer))
    assert len(reply.sentences) <= 40
    assert writer.closed.wait(60)


def test_time_in_which_nobody_reads_is_not_the_writers() -> None:
    patience = Patience(LONG, LONG)
    written = threading.Event()
    chunks = answer(Writer(lambda: ending([GOOD, "These are worth a look."], written.set)), patience)
    next(chunks)
    next(chunks)
    written.wait()
    patience.reply_seconds = 0.0
    reply = whole(chunks)
    assert [sentence.origin for sentence in reply.sentences] == [Origin.MODEL] * 2


def test_a_writer_that_nobody_listens_to_is_closed() -> None:
    writer = Writer(lambda: (GOOD for _ in count()))
    chunks = answer(writer)
    next(chunks)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]  # streams are generators
    assert writer.closed.wait(60)


def test_a_writer_is_never_far_ahead_of_its_reader() -> None:
    made = count()
    full = threading.Event()

    def make() -> Iterator[str]:
        for number in made:
            if number == MAX_WAITING:
                full.set()
            yield "These are worth a look."

    chunks = answer(Writer(make))
    next(chunks)
    next(chunks)
    full.wait()
    assert next(made) <= MAX_WAITING + 3


def test_a_writer_that_writes_nothing_leaves_the_templates_reply() -> None:
    reply = whole(answer(Writer(lambda: iter(()))))
    assert is_the_templates(reply)
    assert reply.notes == ("the writer failed: it wrote nothing",)


@pytest.mark.parametrize("garbage", [None, 7, b"bytes", ["a", "list"], object()])
def test_what_is_no_text_ends_the_writing(garbage: object) -> None:
    reply = whole(answer(Writer(lambda: iter([garbage]))))
    assert is_the_templates(reply)
    assert reply.notes == (f"the writer failed: it wrote a {type(garbage).__name__} where text was due",)


@pytest.mark.parametrize(
    "garbage", ["", "\x00\x01", "\ud800", "[[", "]]" * 999, "[[P1.price", "x" * 9_999_999, "{}\\n"]
)
def test_text_that_says_nothing_gives_way_to_the_template(garbage: str) -> None:
    reply = whole(answer(Writer(lambda: iter([garbage, garbage]), lambda: garbage)))
    assert {sentence.origin for sentence in reply.sentences} == {Origin.TEMPLATE}
    assert "Stoneware Mug" in reply.text
    assert reply.notes == ("sentences that failed the grounding check twice: 2",)
    reply.model_dump_json()


def test_a_writer_that_hangs_in_too_many_replies_is_not_asked_until_one_returns(gate: threading.Event) -> None:
    patience = Patience(0.05, LONG, max_hung=2)
    writer = Writer(lambda: ending([], gate.wait))
    notes = [whole(answer(writer, patience)).notes[0] for _ in range(4)]
    assert writer.asked == 2
    assert ["took longer" in note for note in notes] == [True, True, False, False]
    assert "hangs in 2 earlier replies and is not asked again" in notes[-1]
    gate.set()
    patience.settle(60)
    patience.first_seconds = LONG
    assert whole(answer(Writer(lambda: iter([GOOD])), patience)).sentences[0].origin is Origin.MODEL


def test_a_writer_that_was_left_in_time_does_not_count_as_hanging(gate: threading.Event) -> None:
    patience = Patience(LONG, LONG, max_hung=1)
    writer = Writer(lambda: ending([GOOD], gate.wait))
    for _ in range(2):
        chunks = answer(writer, patience)
        next(chunks)
        next(chunks)
        chunks.close()  # type: ignore[attr-defined]  # streams are generators
    assert writer.asked == 2


def test_no_thread_for_a_writer_is_no_reason_to_go_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda _: throw(RuntimeError("can't start new thread")))
    reply = whole(answer(Writer(lambda: iter([GOOD]))))
    assert is_the_templates(reply)
    assert reply.notes == ("the writer failed: there is no thread for it (can't start new thread)",)
