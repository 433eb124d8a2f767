"""Shoppers of RecQuest: what was recorded of their preferences is understood, and every turn of theirs is answered.

At each point where preferences were recorded, the wishes of the shopper's last message are held against all that were
recorded by then (precision), and the wishes of all messages so far against those that were new (recall). The floor is
for the half of the dialogues that nobody looked at; the other half was read while the rules were made.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from recommender.conversation.respond import stream
from recommender.conversation.understanding import understand
from recommender.conversation.vocabulary import Vocabulary
from schemas import Message
from schemas.conversation import DoneChunk
from tests.quality.recorded_slots import Slot, SlotReader
from tests.quality.recquest import CATEGORIES, RecordedDialogue, RecQuest
from tests.quality.shoppers import SeededRanking
from tests.quality.test_grounded_replies import Record

pytestmark = pytest.mark.realdata

FLOOR = 0.85
ANSWERED_QUICK = 12


@dataclass(slots=True)
class Score:
    """Slots that were read, those of them that were recorded; those newly recorded, those of them that were read."""

    read: int = 0
    right: int = 0
    recorded: int = 0
    found: int = 0

    def add(self, dialogue: RecordedDialogue, vocabulary: Vocabulary, reader: SlotReader) -> None:
        so_far: set[Slot] = set()
        before: frozenset[Slot] = frozenset()
        for update in dialogue.updates():
            read = [reader.of_wishes(understand(text, vocabulary).wishes) for text in update.said]
            recorded = reader.of_preferences(update.recorded)
            so_far.update(*read)
            self.read += len(read[-1])
            self.right += len(read[-1] & recorded)
            self.recorded += len(recorded - before)
            self.found += len((recorded - before) & so_far)
            before |= recorded

    @property
    def f1(self) -> float:
        precision, recall = self.right / self.read, self.found / self.recorded
        return 2 * precision * recall / (precision + recall)

    def __str__(self) -> str:
        return f"F1 {self.f1:.4f}, precision {self.right / self.read:.4f}, recall {self.found / self.recorded:.4f}"


class Study:
    """RecQuest with what is read off its catalogue once."""

    def __init__(self, recquest: RecQuest) -> None:
        self.recquest = recquest
        self.vocabulary = Vocabulary.from_rows(recquest.rows)
        self.readers = {domain: SlotReader.of(recquest.rows, path[0]) for domain, path in CATEGORIES.items()}

    def score(self, dialogues: Iterable[RecordedDialogue]) -> Score:
        score = Score()
        for dialogue in dialogues:
            score.add(dialogue, self.vocabulary, self.readers[dialogue.domain])
        return score

    def answer(self, dialogue: RecordedDialogue) -> int:
        """Answers every turn of a dialogue; how many there were."""
        rank = SeededRanking(self.recquest.rows, np.random.default_rng(0), dialogue.dialogue_id)
        messages: list[Message] = []
        for text in dialogue.said:
            messages.append(Message(role="user", content=text))
            *_, last = stream(messages, rank=rank, vocabulary=self.vocabulary, session_id=dialogue.dialogue_id)
            assert isinstance(last, DoneChunk)
            assert last.reply.text
        return len(messages)


@pytest.fixture(scope="module")
def study(data_dir: Path) -> Study:
    return Study(RecQuest.read(data_dir))


@pytest.mark.parametrize("half", [pytest.param("development", marks=pytest.mark.full), "unseen"])
def test_recorded_preferences_are_understood(half: str, study: Study, record_property: Record) -> None:
    chosen = study.recquest.half(for_development=half == "development")
    score = study.score(chosen)
    record_property(half, str(score))
    sys.stdout.write(f"\n{len(chosen)} dialogues, {half} half: {score}\n")
    assert len(chosen) > 240
    assert score.f1 >= FLOOR


def test_wishing_for_everything_scores_low(study: Study) -> None:
    """The score tells an understanding from none: here each message wishes for every aspect of its domain."""
    aspects = {row.category: ", ".join(row.attributes["aspect"]) for row in study.recquest.rows}
    dialogues = study.recquest.half(for_development=True)[:20]
    assert study.score(replaced(dialogue, aspects[CATEGORIES[dialogue.domain]]) for dialogue in dialogues).f1 < 0.5


def test_wishing_for_nothing_scores_low(study: Study) -> None:
    dialogues = study.recquest.half(for_development=True)[:20]
    assert study.score(replaced(dialogue, "a laptop, please") for dialogue in dialogues).f1 < 0.2


def replaced(dialogue: RecordedDialogue, text: str) -> RecordedDialogue:
    """A dialogue in which the shopper says the same each time."""
    messages = tuple((role, text if role == "human" else content) for role, content in dialogue.messages)
    return RecordedDialogue(dialogue.dialogue_id, dialogue.domain, messages)


def test_every_turn_of_some_dialogues_is_answered(study: Study) -> None:
    dialogues = study.recquest.dialogues
    assert sum(study.answer(dialogue) for dialogue in dialogues[:: len(dialogues) // ANSWERED_QUICK]) > 50


@pytest.mark.full
@pytest.mark.timeout(3_600)
def test_every_turn_of_all_dialogues_is_answered(study: Study, record_property: Record) -> None:
    turns = [study.answer(dialogue) for dialogue in study.recquest.dialogues]
    record_property("turns", sum(turns))
    assert len(turns) == 517
