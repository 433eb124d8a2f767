import gzip

import numpy as np
import pytest

from recommender.errors import NotEnoughDataError, UnreadableFileError
from recommender.evaluation.sequences import read_sequences, read_sessions


def write(path, text):
    path.write_text(text)
    return path


def lists(histories, items):
    return [items.ids(histories.items[histories.of(row)]) for row in range(len(histories))]


def test_a_line_is_a_shopper_and_their_items(tmp_path):
    histories, items = read_sequences(write(tmp_path / "walks.txt", "ann b a c\nbob c a\n"))
    assert lists(histories, items) == [["b", "a", "c"], ["c", "a"]]


def test_pairs_of_one_shopper_make_one_history(tmp_path):
    histories, items = read_sequences(write(tmp_path / "pairs.txt", "ann b\nbob c\nann a\n"))
    assert lists(histories, items) == [["b", "a"], ["c"]]


def test_sessions_and_questions_share_their_items(tmp_path):
    sessions, asked, items = read_sessions(
        write(tmp_path / "sessions.txt", "b a\na\n"), write(tmp_path / "asked.txt", "a b\tc\nb\tb\n")
    )
    assert lists(sessions, items) == [["b", "a"], ["a"]]
    assert lists(asked.queries, items) == [["a", "b"], ["b"]]
    assert lists(asked.truth, items) == [["c"], ["b"]]
    assert np.diff(asked.known.indptr).tolist() == [0, 0]


def test_a_packed_file_is_read_as_well(tmp_path):
    with gzip.open(tmp_path / "walks.txt.gz", "wt") as file:
        file.write("ann b a c\n")
    histories, items = read_sequences(tmp_path / "walks.txt.gz")
    assert lists(histories, items) == [["b", "a", "c"]]


@pytest.mark.parametrize("line", ["a b", "a\t", "\tb", "a\tb c", "a\tb\tc"])
def test_a_question_without_an_answer_is_named(tmp_path, line):
    sessions = write(tmp_path / "sessions.txt", "a b\n")
    with pytest.raises(UnreadableFileError, match=r"line 2 of .*asked.txt.*a tab and the item"):
        read_sessions(sessions, write(tmp_path / "asked.txt", f"a\tb\n{line}\n"))


def test_an_empty_file_and_a_missing_one(tmp_path):
    with pytest.raises(NotEnoughDataError, match="is empty"):
        read_sequences(write(tmp_path / "empty.txt", ""))
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        read_sequences(tmp_path / "nowhere.txt")
