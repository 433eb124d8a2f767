"""The demo: a whole shop from nothing to answers, by the same calls that a real one makes."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from recommender.errors import BadRequestError, NotEnoughDataError
from recommender.jobs.evaluate import Evaluation, Figures, evaluate
from recommender.jobs.reading import Source
from recommender.jobs.report import (
    DemoReport,
    EvaluationTable,
    IngestRow,
    ModelScore,
    ShopFacts,
    ShopperStory,
    Signal,
    Turn,
    render_report,
)
from recommender.jobs.train import train
from recommender.selection import Progress, silent
from recommender.shop import Shop
from schemas import Columns, Event, EventKind, Message, RankedItem
from signals.database import open_database
from signals.events import EventStore
from signals.ingest import IngestReport, ingest_events, load_catalog
from signals.interactions import histories
from signals.simulator import SimulatorConfig, simulate

TRIALS = 4
SHOWN = 6
SIGNALS_SHOWN = 8
DEFAULT_SHOP = SimulatorConfig()
SIMULATED = "simulated"
ONLINE_RETAIL = "online-retail"


@dataclass(frozen=True)
class DemoFiles:
    """Where everything of the demo lies under one folder."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "shop.db"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.database}"

    @property
    def artifacts(self) -> Path:
        return self.folder / "artifacts"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    def start_afresh(self) -> None:
        """Make the folder, and remove an earlier demo's database; the rest is written over."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for suffix in ("", "-wal", "-shm"):
            self.database.with_name(self.database.name + suffix).unlink(missing_ok=True)


def run_demo(
    folder: Path,
    *,
    data: str = SIMULATED,
    source: Path | None = None,
    simulator: SimulatorConfig = DEFAULT_SHOP,
    seed: int = 0,
    progress: Progress = silent,
) -> DemoReport:
    """Make or take a shop, load it, evaluate, train and answer two shoppers; writes ``folder/report.html``.

    Parameters
    ----------
    data : "simulated", or "online-retail" with the file of the UCI data set as `source`

    Raises
    ------
    BadRequestError : another `data`, or no `source` where one is needed
    """
    files = DemoFiles(folder)
    catalog, events, file_format = _sources(files, data, source, simulator, progress)
    files.start_afresh()
    engine = open_database(files.url)
    loaded = tuple(_load(engine, catalog, events, file_format, progress))
    measured = evaluate(
        engine, trials=TRIALS, seed=seed, progress=lambda share, text: progress(0.3 + 0.3 * share, text)
    )
    manifest = train(
        engine,
        files.artifacts,
        trials=TRIALS,
        seed=seed,
        progress=lambda share, text: progress(0.6 + 0.3 * share, text),
    )
    facts = _facts(engine, manifest.counts["users"])
    progress(0.9, "answering two shoppers")
    with Shop.open(files.url, files.artifacts) as shop:
        stories = tuple(_story(shop, engine, user) for user in _two_shoppers(shop, engine))
    report = DemoReport(
        title="A simulated shop" if data == SIMULATED else "Online Retail",
        generated_at=datetime.now(UTC),
        facts=facts,
        ingest=loaded,
        evaluation=_table(measured),
        shoppers=stories,
        photos=_photos(files, stories),
    )
    engine.dispose()
    files.report.write_text(render_report(report), encoding="utf-8")
    return report


def demo_figures(report: DemoReport) -> dict[str, object]:
    """What a program may want to know of a demo."""
    return {
        "ingest": {row.name: asdict(row) for row in report.ingest},
        "evaluation": {row.name: {"recall@10": row.recall, "ndcg@10": row.ndcg} for row in report.evaluation.rows},
        "shoppers": {story.user_id: [item.item_id for item in story.items] for story in report.shoppers},
    }


def _sources(
    files: DemoFiles, data: str, source: Path | None, simulator: SimulatorConfig, progress: Progress
) -> tuple[Path, Path, str]:
    """The catalogue's file, the events' file and their format."""
    if data == ONLINE_RETAIL:
        if source is None:
            raise BadRequestError("--data online-retail needs the data set's file; pass it with --from FILE")
        return source, source, ONLINE_RETAIL
    if data != SIMULATED:
        raise BadRequestError(f"unknown data {data!r}; allowed: {SIMULATED}, {ONLINE_RETAIL}")
    progress(0.0, "simulating a shop")
    simulate(simulator).write(files.data, partial(_writing, progress))
    return files.data / "products.jsonl", files.data / "events.parquet", "canonical"


def _load(engine: Engine, catalog: Path, events: Path, file_format: str, progress: Progress) -> Iterator[IngestRow]:
    rejected = Path(str(engine.url.database)).parent / "rejected"
    rejected.mkdir(exist_ok=True)
    for name, path, load in (("catalogue", catalog, load_catalog), ("events", events, ingest_events)):
        progress(0.1, f"loading {name}")
        start = time.perf_counter()
        report: IngestReport = load(
            engine,
            path,
            file_format,
            rejected=rejected / f"{name}.jsonl",
            progress=partial(_loading, progress, name),
        )
        seconds = time.perf_counter() - start
        yield IngestRow(name, report.accepted, report.duplicated, report.rejected, seconds)


def _writing(progress: Progress, what: str, done: int, total: int) -> None:
    progress(0.1 * done / total, f"writing {what}")


def _loading(progress: Progress, name: str, rows: int) -> None:
    progress(0.2, f"loading {name}: {rows:,} rows")


def _facts(engine: Engine, shoppers: int) -> ShopFacts:
    source = Source.of(engine)
    return ShopFacts(
        products=len(source.items),
        categories=len({path[0] for path in source.catalog[Columns.CATEGORY] if path}),
        shoppers=shoppers,
        events=EventStore(engine).count_by_kind(),
        first_at=source.first_at,
        last_at=source.last_at,
    )


def _table(measured: Evaluation) -> EvaluationTable:
    def score(name: str, figures: Figures) -> ModelScore:
        return ModelScore(name, figures["recall@10"], figures["ndcg@10"], figures["coverage"])

    return EvaluationTable(
        split_at=measured.split_at,
        users=measured.users,
        models=tuple(score(name, figures) for name, figures in measured.models.items()),
        blend=score("blend", measured.blend),
        baseline=score("popularity", measured.models["popularity"]),
        weights=measured.weights,
    )


def _two_shoppers(shop: Shop, engine: Engine) -> tuple[str, str]:
    """Two loyal shoppers: the one with the median number of purchases, and who is shown the least of the same."""
    deeds = histories(engine, datetime.now(UTC))
    bought = deeds[deeds[Columns.KIND] == EventKind.PURCHASE]
    purchases = {str(user): int(count) for user, count in bought[Columns.USER].value_counts().items()}
    loyal = [user for user, count in purchases.items() if 5 <= count <= 60] or list(purchases)
    if len(loyal) < 2:
        raise NotEnoughDataError("the demo needs two shoppers who bought something")
    first = sorted(loyal, key=lambda user: (purchases[user], user))[len(loyal) // 2]
    shown = _shown(shop, first)
    others = sorted(user for user in loyal if user != first)[:: max(1, len(loyal) // 40)]
    return first, min(others, key=lambda user: (len(shown & _shown(shop, user)), user))


def _shown(shop: Shop, user: str) -> set[str]:
    return {item.item_id for item in shop.recommend(user, k=20).items}


def _story(shop: Shop, engine: Engine, user: str) -> ShopperStory:
    signals = tuple(_signals(shop, engine, user))
    items = shop.recommend(user, k=SHOWN).items
    chat = tuple(_chat(shop, user, items))
    return ShopperStory(user, signals, items, chat)


def _signals(shop: Shop, engine: Engine, user: str) -> Iterator[Signal]:
    titles = shop.titles()
    history = EventStore(engine).history(user, limit=SIGNALS_SHOWN)
    for row in history.to_dict("records"):
        item = row[Columns.ITEM]
        known = isinstance(item, str)
        title = titles.get(item, item) if known else str(row["query"])
        yield Signal(EventKind(row[Columns.KIND]), title, row[Columns.OCCURRED_AT], item if known else None)


def _chat(shop: Shop, user: str, items: tuple[RankedItem, ...]) -> Iterator[Turn]:
    """A request, a second wish on top of it, and the answer after a purchase of what came first."""
    messages: list[Message] = []
    for text in _questions(items):
        messages.append(Message(role="user", content=text))
        reply = shop.chat(messages, user_id=user)
        messages.append(Message(role="assistant", content=reply.text))
        yield Turn("shopper", text)
        yield Turn("shop", reply.text, reply.items)
    if not items:
        return
    shop.record([_purchase(user, items[0])])
    question = "What else would you recommend?"
    reply = shop.chat([Message(role="user", content=question)], user_id=user)
    yield Turn("shopper", f"[has just bought {items[0].row.title}] {question}")
    yield Turn("shop", reply.text, reply.items)


def _questions(items: tuple[RankedItem, ...]) -> Iterator[str]:
    """What somebody with such recommendations might ask for."""
    first = items[0].row
    kind = first.category[-1].lower() if first.category else first.title.split()[-1].strip(".,").lower()
    limit = "" if first.price is None else f" under {int(first.price.amount * 2) + 1} pounds"
    yield f"I am looking for {kind}{limit}"
    colours = [row.attributes["color"][0] for row in (item.row for item in items) if "color" in row.attributes]
    if colours:
        yield f"Do you have something in {colours[0].lower()}?"


def _purchase(user: str, item: RankedItem) -> Event:
    now = datetime.now(UTC)
    return Event(
        event_id=f"demo-{user}-{item.item_id}",
        source="demo",
        kind=EventKind.PURCHASE,
        user_id=user,
        item_id=item.item_id,
        variant_id=item.row.variant_id,
        occurred_at=now,
        unit_price=item.row.price.amount if item.row.price else None,
        currency=item.row.price.currency if item.row.price else None,
    )


def _photos(files: DemoFiles, stories: tuple[ShopperStory, ...]) -> dict[str, bytes]:
    """The pictures of everything the report shows."""
    items = {signal.item_id for story in stories for signal in story.signals if signal.item_id}
    items |= {item.item_id for story in stories for item in story.items}
    items |= {item.item_id for story in stories for turn in story.chat for item in turn.items}
    paths = {item: files.data / "photos" / f"{item}.png" for item in items}
    return {item: path.read_bytes() for item, path in paths.items() if path.is_file()}
