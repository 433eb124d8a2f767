"""The analysts' daily page: traffic, what lists brought, quality, coverage, grounding and latency, in one HTML file."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine

from recommender import frames
from recommender.errors import BadRequestError, NotEnoughDataError, WriterError
from recommender.jobs.daily_answers import grounding, latency
from recommender.jobs.daily_sections import Section, coverage, quality, responses, traffic
from recommender.jobs.probe import ask, time_lists
from recommender.jobs.report import data_uri, environment
from recommender.selection import Progress, silent
from recommender.shop import Shop
from schemas import Columns
from signals.events import EventStore

TEMPLATE = "daily_report.html.j2"
PROBED = 20


@dataclass(frozen=True)
class DailyReport:
    """``figures`` are what the page says in numbers, by name: shares in [0, 1], times in seconds."""

    since: datetime
    until: datetime
    figures: Mapping[str, float]
    sections: tuple[Section, ...]


def daily_report(
    engine: Engine, shop: Shop, artifacts: Path, *, days: int = 28, progress: Progress = silent
) -> DailyReport:
    """The page of the last `days`, up to the newest event.

    Grounding and latency are those of the conversations of this time; where there were none, the shop is asked a few
    questions.

    Raises
    ------
    BadRequestError : `days` below 1
    NotEnoughDataError : no events
    """
    if days < 1:
        raise BadRequestError(f"days is 1 or more, got {days}")
    newest = EventStore(engine).newest()
    if newest is None:
        raise NotEnoughDataError("there are no events; load some with `recommender ingest FILE`")
    until = newest + timedelta(microseconds=1)
    since = until - timedelta(days=days)
    progress(0.0, "reading events")
    events, catalog = frames.events(engine, since, until), frames.catalog(engine)
    progress(0.2, "reading lists")
    lists = frames.lists(engine, since, until)
    progress(0.3, "reading conversations")
    turns, users = frames.turns(engine, since, until), _latest(events)
    probed = turns.empty
    if probed:
        turns = _asked(engine, shop, catalog, progress)
    lists_took = time_lists(shop, users)
    progress(0.9, "drawing")
    parts = (
        traffic(events),
        responses(lists),
        quality(artifacts),
        coverage(lists, catalog),
        grounding(turns, probed=probed),
        latency(turns, lists_took, probed=probed),
    )
    figures = {name: value for found, _ in parts for name, value in found.items()}
    return DailyReport(since, until, figures, tuple(section for _, section in parts))


def render_daily(report: DailyReport) -> str:
    """The page as HTML: styles and plots inline, no script, nothing loaded from elsewhere."""
    return environment().get_template(TEMPLATE).render(report=report, uri=data_uri, made_at=datetime.now(UTC))


def _asked(engine: Engine, shop: Shop, catalog: pd.DataFrame, progress: Progress) -> pd.DataFrame:
    """The turns of a few questions asked now."""
    progress(0.3, "loading the base model")
    with suppress(WriterError):
        shop.warm()
    began = datetime.now(UTC)
    ask(shop, _questions(catalog), lambda share, text: progress(0.3 + 0.6 * share, text))
    return frames.turns(engine, began, of_reports=True)


def _latest(events: pd.DataFrame) -> list[str]:
    """The last shoppers who came, newest first."""
    return list(dict.fromkeys(events[Columns.USER].iloc[::-1]))[:PROBED]


def _questions(catalog: pd.DataFrame) -> list[str]:
    kinds = dict.fromkeys(path[-1].lower() for path in catalog[Columns.CATEGORY] if path)
    return [f"I am looking for {kind}" for kind in kinds] or ["What would you recommend?"]
