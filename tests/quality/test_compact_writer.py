"""Does the bundled writer use what it is told? Pairs of requests that differ in one thing, on shops it never saw."""

from collections.abc import Callable

import pytest

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.compact.measure import WANTED_CHANGED, WANTED_VARIED
from recommender.base_model.compact.practice.examples import practice_shelves
from recommender.base_model.compact.practice.measuring import Measured, measure, writer_of
from recommender.base_model.compact.train import HELD_OUT_SEED, HELD_OUT_SHELVES
from recommender.base_model.transformers_writer import TransformersWriter

MAX_BYTES = 8_000_000
SEED = 1
WANTED_UNAIDED = 0.85


def measured(*, pairs: int, requests: int, grammar: bool = True) -> Measured:
    writer = TransformersWriter.load(str(CHECKPOINT))
    write = writer_of(writer, grammar=grammar)
    return measure(write, practice_shelves(HELD_OUT_SEED, HELD_OUT_SHELVES), pairs=pairs, requests=requests, seed=SEED)


def test_the_checkpoint_is_small() -> None:
    assert sum(file.stat().st_size for file in CHECKPOINT.rglob("*") if file.is_file()) <= MAX_BYTES


def test_a_reply_changes_where_its_prompt_does() -> None:
    """A sample too small for the bar, which the large suite holds: it notices a writer that is deaf to its prompt."""
    found = measured(pairs=10, requests=6)
    assert sum(share.changed for share in found.changed.values()) >= 9
    assert found.accepted >= 0.8


@pytest.mark.full
@pytest.mark.timeout(3_600)
def test_two_hundred_pairs(record_property: Callable[[str, object], None]) -> None:
    found = measured(pairs=200, requests=100)
    record(found, record_property)
    assert all(share.share >= WANTED_CHANGED for share in found.changed.values())
    assert min(found.written.ratio, found.read.ratio) >= WANTED_VARIED


@pytest.mark.full
@pytest.mark.timeout(3_600)
def test_two_hundred_pairs_without_the_grammar(record_property: Callable[[str, object], None]) -> None:
    """Nothing but the model itself keeps to the prompt: its own reading, which the grammar cannot stand in for."""
    found = measured(pairs=200, requests=100, grammar=False)
    record(found, record_property)
    assert all(share.share >= WANTED_UNAIDED for share in found.changed.values())


def record(found: Measured, record_property: Callable[[str, object], None]) -> None:
    for name, figure in found.figures().items():
        record_property(name, figure)
