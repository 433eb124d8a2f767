"""Plots of tidy frames, for notebooks and reports: every one has a title and named axes, and is a PNG."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from recommender.errors import RecommenderError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, ROW_HEIGHT, LEAST_HEIGHT = 7.2, 0.32, 2.6
DOTS_PER_INCH: Final = 110
COLORS: Final = (
    "#3b4fd8",
    "#d9822b",
    "#1f7a4d",
    "#a8443a",
    "#7a5bb5",
    "#4a8fa8",
    "#8a8792",
    "#b8a13a",
    "#d0628f",
    "#5a6b3b",
)
GRID: Final = "#e4e1db"


@dataclass(frozen=True)
class Plot:
    """A picture that a notebook shows by itself."""

    png: bytes
    title: str

    def _repr_png_(self) -> bytes:
        return self.png


def lines(frame: pd.DataFrame, x: str, y: str, *, title: str, labels: tuple[str, str], by: str | None = None) -> Plot:
    """One line for each value of `by`, in its order of appearance; `labels` name the axes, with their units."""
    figure, axes = _axes(title, labels)
    for color, (name, part) in zip(_colors(), _parts(frame, by), strict=False):
        axes.plot(part[x], part[y], color=color, marker="o", markersize=3, label=name)
    axes.set_ylim(bottom=min(0.0, float(frame[y].min())) if len(frame) else None)
    if pd.api.types.is_datetime64_any_dtype(frame[x]):
        figure.autofmt_xdate()
    elif pd.api.types.is_integer_dtype(frame[x]):
        axes.locator_params(axis="x", integer=True)
    return _drawn(figure, axes, title, by)


def bars(
    frame: pd.DataFrame,
    x: str,
    y: str,
    *,
    title: str,
    labels: tuple[str, str],
    by: str | None = None,
    interval: tuple[str, str] | None = None,
) -> Plot:
    """Lying bars of `x` for each value of `y`, the first on top, side by side for the values of `by`.

    Parameters
    ----------
    interval : the columns of the low and the high end of a whisker
    """
    names = list(dict.fromkeys(frame[y].astype(str)))
    parts = _parts(frame, by)
    rows = len(names) * max(len(parts), 1)
    figure, axes = _axes(title, labels, height=max(LEAST_HEIGHT, 1.1 + ROW_HEIGHT * min(rows, 40)))
    thickness = 0.8 / max(len(parts), 1)
    for turn, (color, (name, part)) in enumerate(zip(_colors(), parts, strict=False)):
        lane = (turn - (len(parts) - 1) / 2) * thickness
        places = np.array([names.index(value) for value in part[y].astype(str)]) + lane
        whisker = None if interval is None else _whiskers(part, x, *interval)
        axes.barh(places, part[x], height=thickness, color=color, label=name, xerr=whisker, ecolor="#1d1c22", capsize=2)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    return _drawn(figure, axes, title, by)


def points(frame: pd.DataFrame, x: str, y: str, *, title: str, labels: tuple[str, str], by: str | None = None) -> Plot:
    """One point a row, coloured by `by`; beyond ten values the rarest are one colour, "other"."""
    figure, axes = _axes(title, labels, height=5.2)
    shown = frame
    if by is not None and frame[by].nunique() > len(COLORS):
        kept = frame[by].value_counts().index[: len(COLORS) - 1]
        shown = frame.assign(**{by: frame[by].where(frame[by].isin(kept), "other")})
    for color, (name, part) in zip(_colors(), _parts(shown, by), strict=False):
        axes.scatter(part[x], part[y], s=12, color=color, alpha=0.8, label=name, linewidths=0)
    return _drawn(figure, axes, title, by)


def heat(frame: pd.DataFrame, x: str, y: str, value: str, *, title: str, labels: tuple[str, str]) -> Plot:
    """A table of shares in [0, 1] as coloured cells with their percentages; `frame` is tidy."""
    table = frame.pivot_table(value, y, x, aggfunc="first")
    figure, axes = _axes(title, labels, height=max(LEAST_HEIGHT, 1.2 + 0.36 * len(table)))
    axes.imshow(table.to_numpy(dtype=np.float64), aspect="auto", cmap="Blues", vmin=0, vmax=1)
    axes.grid(visible=False)
    axes.set_xticks(range(table.shape[1]), [_named(name) for name in table.columns])
    axes.set_yticks(range(len(table)), [_named(name) for name in table.index])
    for (row, column), share in np.ndenumerate(table.to_numpy(dtype=np.float64)):
        if not np.isnan(share):
            color = "white" if share > 0.55 else "#1d1c22"
            axes.text(column, row, f"{share:.0%}", ha="center", va="center", fontsize=8, color=color)
    return _drawn(figure, axes, title, None)


def pictures(photos: Mapping[str, bytes], *, title: str, per_row: int = 6) -> Plot:
    """Photos (PNG or JPEG files) with what to write below each."""
    image = import_module("PIL.Image")
    rows = -(-len(photos) // per_row)
    figure = _figure_class()(figsize=(WIDTH, 0.5 + 1.55 * max(rows, 1)), dpi=DOTS_PER_INCH, layout="constrained")
    figure.suptitle(title, fontsize=11, x=0.01, ha="left")
    for place, (text, photo) in enumerate(photos.items(), start=1):
        axes = figure.add_subplot(max(rows, 1), per_row, place)
        axes.imshow(np.asarray(image.open(io.BytesIO(photo)).convert("RGB")))
        axes.set_axis_off()
        axes.set_title(text, fontsize=7, wrap=True)
    return _saved(figure, title)


def _axes(title: str, labels: tuple[str, str], height: float = 3.2) -> "tuple[Figure, Axes]":
    figure = _figure_class()(figsize=(WIDTH, height), dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    return figure, axes


def _whiskers(part: pd.DataFrame, value: str, low: str, high: str) -> npt.NDArray[np.float64]:
    """How far each interval reaches below and above its value; shape (2, rows)."""
    return np.maximum([part[value] - part[low], part[high] - part[value]], 0.0)


def _drawn(figure: "Figure", axes: "Axes", title: str, by: str | None) -> Plot:
    if by is not None and axes.get_legend_handles_labels()[0]:
        figure.legend(frameon=False, fontsize=8, loc="outside right upper")
    return _saved(figure, title)


def _saved(figure: "Figure", title: str) -> Plot:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return Plot(buffer.getvalue(), title)


def _parts(frame: pd.DataFrame, by: str | None) -> Sequence[tuple[str, pd.DataFrame]]:
    if by is None:
        return [("", frame)]
    return [(str(name), frame[frame[by] == name]) for name in dict.fromkeys(frame[by])]


def _named(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def _colors() -> Sequence[str]:
    return COLORS * 3


def _figure_class() -> Any:
    try:
        return import_module("matplotlib.figure").Figure
    except ModuleNotFoundError as error:
        raise RecommenderError("plots need matplotlib: pip install 'shop-recommender[plots]'") from error
