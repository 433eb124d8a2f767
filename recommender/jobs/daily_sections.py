"""The sections of the daily page, each with its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from recommender import frames, plots
from schemas import Columns, EventKind
from signals.simulator.statistics import gini

PERSONAL, SAME_FOR_ALL, EXPLORED = "personal", "the same for all", "by exploration"
RESPONSES_NOTE = (
    "Per product shown, with 95 % intervals. A click or purchase counts for the list whose request it names, else for "
    "the latest list of its session that showed the product within a day. Lift is against "
)
LIFT_NOTES = {
    EXPLORED: "what exploration showed in place of the ranking's choice, at places drawn by lot.",
    SAME_FOR_ALL: "lists that nobody's behaviour has shaped; who gets those is not left to chance, so it is no proof.",
}
TRAFFIC = (EventKind.VIEW, EventKind.CLICK, EventKind.ADD_TO_CART, EventKind.PURCHASE)


@dataclass(frozen=True)
class Section:
    """A part of the page: a sentence on what it shows, its plots, and a table of what is in them."""

    title: str
    note: str
    drawn: tuple[plots.Plot, ...] = ()
    table: pd.DataFrame | None = None


Part = tuple[dict[str, float], Section]


def traffic(events: pd.DataFrame) -> Part:
    """What was recorded."""
    daily, visits = frames.daily(events), frames.sessions(events)
    funnel = frames.funnel(events)
    shown = daily[daily[Columns.KIND].isin([kind.value for kind in TRAFFIC])]
    drawn = (
        plots.lines(
            shown, Columns.DAY, Columns.EVENTS, by=Columns.KIND, title="Events a day", labels=("day", "events")
        ),
        plots.bars(funnel, "n_sessions", "stage", title="Visits that came as far", labels=("visits", "")),
    )
    figures = {
        "events": float(len(events)),
        "shoppers": float(events[Columns.USER].nunique()),
        "visits": float(len(visits)),
        "bought": float(visits["bought"].mean()) if len(visits) else 0.0,
    }
    table = pd.DataFrame({"stage": funnel["stage"], "visits": funnel["n_sessions"], "share": percent(funnel["share"])})
    return figures, Section("Traffic", "Everything that was recorded; a visit is the client's session.", drawn, table)


def responses(lists: pd.DataFrame) -> Part:
    """What came of the lists that were shown."""
    if lists.empty:
        return {"lists": 0.0}, Section("Clicks and lift", "No list was shown in this time.")
    explored = lists[Columns.PROPENSITY] < 0.5
    ranking = np.select([explored, lists["personalized"]], [EXPLORED, PERSONAL], SAME_FOR_ALL)
    base = EXPLORED if explored.any() else SAME_FOR_ALL
    plain = lists.loc[ranking == base, "clicked"].mean()
    rates = frames.rates(lists.assign(ranking=ranking), ["endpoint", "ranking"])
    rates["list"] = rates["endpoint"] + ", " + rates["ranking"]
    places = frames.rates(lists[lists[Columns.POSITION] <= 10], [Columns.POSITION])
    drawn = (
        plots.bars(
            rates,
            "ctr",
            "list",
            interval=("ctr_low", "ctr_high"),
            title="Click rate",
            labels=("clicks per product", ""),
        ),
        plots.lines(
            places, Columns.POSITION, "ctr", title="Click rate by place", labels=("place", "clicks per product")
        ),
    )
    lift = [f"{ctr / plain:.2f}" if plain > 0 else "-" for ctr in rates["ctr"]]
    shares = {name: percent(rates[column]) for name, column in (("click rate", "ctr"), ("purchase rate", "cvr"))}
    table = rates[["list", "shown", "clicked", "bought"]].assign(**shares, lift=lift)
    figures = {"lists": float(lists[Columns.REQUEST].nunique()), "ctr": float(lists["clicked"].mean())}
    figures["cvr"] = float(lists["bought"].mean())
    return figures, Section("Clicks and lift", RESPONSES_NOTE + LIFT_NOTES[base], drawn, table)


def quality(artifacts: Path) -> Part:
    """The blend beside its members and popularity, where it was chosen."""
    manifest = frames.trained(artifacts).manifest
    rows = [(name, member.ndcg, member.weight) for name, member in manifest.members.items() if member.ndcg is not None]
    frame = pd.DataFrame([("blend", manifest.validation_ndcg, None), *rows], columns=["model", "ndcg", "weight"])
    frame = frame.dropna(subset=["ndcg"]).astype({"ndcg": "float64"}).sort_values("ndcg", ascending=False)
    if frame.empty:
        return {}, Section(
            "Quality", "Too few shoppers bought anything new when the models were trained to measure by."
        )
    drawn = plots.bars(frame, "ndcg", "model", title="NDCG@10 on validation", labels=("NDCG@10", ""))
    figures = {name: float(value) for name, value in zip(frame["model"] + "_ndcg@10", frame["ndcg"], strict=True)}
    note = (
        f"What the artifacts of {manifest.as_of:%Y-%m-%d} reached on the {manifest.validation_queries:,} shoppers of "
        "the window by which they were chosen; popularity is what a shop has without them."
    )
    table = frame.assign(ndcg=frame["ndcg"].map("{:.4f}".format), weight=frame["weight"].map(_weight))
    return figures, Section("Quality against popularity", note, (drawn,), table)


def coverage(lists: pd.DataFrame, catalog: pd.DataFrame) -> Part:
    """How much of the catalogue the lists showed."""
    exposure = frames.exposure(lists, catalog)
    shown = int((exposure["n_lists"] > 0).sum())
    figures = {"coverage": shown / max(len(exposure), 1)}
    if not shown:
        return figures, Section("Coverage", "No product of the catalogue was shown in this time.")
    figures["exposure_gini"] = gini(exposure["n_lists"].to_numpy(dtype=np.float64))
    curve = exposure.assign(part=np.arange(1, len(exposure) + 1) / len(exposure))
    drawn = plots.lines(
        curve,
        "part",
        "cumulative",
        title="Who gets the places",
        labels=("share of the products", "share of the places"),
    )
    note = f"{shown:,} of {len(exposure):,} products were shown; Gini of their exposure {figures['exposure_gini']:.2f}."
    table = exposure.head(10)[[Columns.TITLE, "n_lists", "share"]].assign(share=percent(exposure["share"].head(10)))
    return figures, Section("Coverage", note, (drawn,), table)


def percent(shares: "pd.Series[float]") -> Sequence[str]:
    return [f"{share:.1%}" for share in shares]


def _weight(weight: float) -> str:
    return "" if pd.isna(weight) else f"{weight:.3f}"
