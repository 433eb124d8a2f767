"""Ids that are derived are the same in every process, and different where they have to be."""

import subprocess
import sys

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schemas.ids import natural_event_id, shopper_id

words = st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=5)
rows = st.tuples(words, words)


def test_a_shopper_is_the_user_before_the_anonymous_id() -> None:
    assert shopper_id("ann", "tab") == "ann"
    assert shopper_id(None, "tab") == "anonymous:tab"
    with pytest.raises(ValueError, match="both are missing"):
        shopper_id(None, None)


@given(st.tuples(rows, st.integers(0, 3)), st.tuples(rows, st.integers(0, 3)))
def test_different_rows_and_ordinals_have_different_ids(
    first: tuple[tuple[str, str], int], second: tuple[tuple[str, str], int]
) -> None:
    assume(first != second)
    assert natural_event_id("till", *first) != natural_event_id("till", *second)


def test_a_derived_id_is_the_same_in_another_process() -> None:
    program = "from schemas.ids import natural_event_id; print(natural_event_id('till', ['a', 'é'], 1))"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=60)
    assert printed.stdout.strip() == natural_event_id("till", ["a", "é"], 1)
