"""Feed files row by row: what is in a line, and what is not."""

from decimal import Decimal
from pathlib import Path

import pytest

from signals.adapters.feed_files import json_line_rows, parse_json
from signals.rows import Record, Reject
from tests.signals.adapters.reading import written


def test_a_fraction_is_the_decimal_that_its_text_shows() -> None:
    assert parse_json('{"price": 0.1}') == {"price": Decimal("0.1")}


@pytest.mark.parametrize("number", ["1e99999999999999999999", "NaN", "Infinity"])
def test_a_number_that_no_decimal_holds_is_a_rejected_line(tmp_path: Path, number: str) -> None:
    path = written(tmp_path / "feed.jsonl", f'{{"price": {number}}}\n{{"price": 1}}\n')
    broken, sound = json_line_rows(path)
    assert isinstance(broken, Reject)
    assert (broken.line, broken.reason) == (1, "not JSON")
    assert sound == Record(2, {"price": 1})
