import io
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from recommender import plots
from recommender.errors import RecommenderError

FRAME = pd.DataFrame(
    {
        "day": pd.to_datetime(["2026-01-01", "2026-01-02"] * 2, utc=True),
        "kind": ["view", "view", "buy", "buy"],
        "n": [5.0, 7.0, 1.0, 2.0],
        "low": [4.0, 6.0, 0.5, 1.5],
        "high": [6.0, 8.0, 1.5, 2.5],
        "share": [1.0, 0.5, 0.2, np.nan],
    }
)
LABELS = ("day", "events")
DRAWN = {
    "lines": lambda: plots.lines(FRAME, "day", "n", by="kind", title="Lines", labels=LABELS),
    "bars": lambda: plots.bars(FRAME, "n", "kind", interval=("low", "high"), title="Bars", labels=LABELS),
    "grouped bars": lambda: plots.bars(FRAME.head(3), "n", "day", by="kind", title="Bars", labels=LABELS),
    "points": lambda: plots.points(FRAME, "n", "low", by="kind", title="Points", labels=LABELS),
    "heat": lambda: plots.heat(FRAME, "day", "kind", "share", title="Heat", labels=LABELS),
    "no rows": lambda: plots.lines(FRAME.head(0), "day", "n", title="None", labels=LABELS),
}


def photo(color: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(buffer, format="PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("name", DRAWN)
def test_a_plot_is_a_picture_of_legible_size(name: str) -> None:
    plot = DRAWN[name]()
    image = Image.open(io.BytesIO(plot._repr_png_()))
    assert image.format == "PNG"
    assert image.width >= 700
    assert image.height >= 250
    assert len(np.unique(np.asarray(image.convert("L")))) > 10


def test_the_same_frame_gives_the_same_picture() -> None:
    assert DRAWN["lines"]().png == DRAWN["lines"]().png != DRAWN["points"]().png


def test_many_kinds_of_points_are_ten_colours_at_most() -> None:
    many = pd.DataFrame({"x": np.arange(40.0), "y": np.arange(40.0), "kind": [f"k{n % 20}" for n in range(40)]})
    assert plots.points(many, "x", "y", by="kind", title="Many", labels=("x", "y")).png


def test_photos_stand_in_rows_with_what_is_written_below() -> None:
    few, many = (plots.pictures({f"p{n}": photo("red") for n in range(count)}, title="Photos") for count in (3, 13))
    heights = [Image.open(io.BytesIO(plot.png)).height for plot in (few, many)]
    assert heights[1] > 2 * heights[0]


def test_without_matplotlib_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(RecommenderError, match=r"pip install 'shop-recommender\[plots\]'"):
        DRAWN["lines"]()
