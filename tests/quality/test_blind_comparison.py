"""The blind comparison of the compact writer with the template: how marks are counted, and the sheet that is kept."""

import pytest

from tests.quality.blind_comparison.sheet import FOLDER, KEY, REQUESTS, SHEET
from tests.quality.blind_comparison.tally import CRITERIA, MARKS, Tally, read_rows, tally

ALIKE = dict.fromkeys(CRITERIA, "=")


def test_a_mark_counts_for_the_writer_behind_the_letter() -> None:
    marks = {"1": ALIKE | {"natural": "A"}, "2": ALIKE | {"natural": "A"}, "3": ALIKE, "4": ALIKE | {"natural": "-"}}
    key = {number: {"compact": letter} for number, letter in zip("1234", "ABAB", strict=True)}
    counted = tally(marks, key)
    assert counted["natural"] == Tally(compact=1, neither=1, template=1)
    assert counted["answers"] == Tally(compact=0, neither=4, template=0)


def test_the_sign_test_is_two_sided_and_leaves_ties_out() -> None:
    assert Tally(compact=5, neither=90, template=0).p == pytest.approx(2 / 2**5)
    assert Tally(compact=3, neither=0, template=3).p == 1.0
    assert Tally(compact=0, neither=7, template=0).p == 1.0


def test_a_mark_that_is_none_and_a_row_without_a_key_are_refused() -> None:
    with pytest.raises(ValueError, match="not \\['better'\\]"):
        tally({"1": ALIKE | {"photo": "better"}}, {"1": {"compact": "A"}})
    with pytest.raises(ValueError, match="same rows"):
        tally({"1": ALIKE}, {})


def test_the_kept_sheet_was_judged_whole_and_without_its_key() -> None:
    sheet, marks, key = (read_rows(FOLDER / name) for name in (SHEET, MARKS, KEY))
    assert len(sheet) == REQUESTS
    assert sheet.keys() == marks.keys() == key.keys()
    assert sum(one.compact + one.neither + one.template for one in tally(marks, key).values()) > 2.5 * REQUESTS
    assert {row["compact"] for row in key.values()} == {"A", "B"}
    assert all("compact" not in row for row in sheet.values())
