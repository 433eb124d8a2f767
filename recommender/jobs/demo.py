"""The demo: a whole shop from nothing to answers, by the same calls that a real one makes."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from recommender.artifacts import ArtifactStore
from recommender.base_model.protocols import Writer
from recommender.errors import BadRequestError, WriterError
from recommender.jobs.evaluate import EvaluationByTime, Figures, evaluate
from recommender.jobs.reading import Source
from recommender.jobs.report import (
    DemoReport,
    EvaluationTable,
    IngestRow,
    ModelScore,
    ShopFacts,
    ShopperStory,
    render_report,
)
from recommender.jobs.stories import story_of, two_shoppers
from recommender.jobs.train import train
from recommender.selection import Progress, silent
from recommender.shop import Shop
from schemas import Columns
from schemas.conversation import Origin
from signals.database import open_database
from signals.events import EventStore
from signals.ingest import IngestReport, ingest_events, load_catalog
from signals.simulator import SimulatorConfig, simulate

TRIALS = 4
DEFAULT_SHOP = SimulatorConfig()
SIMULATED = "simulated"
ONLINE_RETAIL = "online-retail"
PHOTO_QUESTION = "Do you have something like this?"


@dataclass(frozen=True)
class DemoFiles:
    """Where everything of the demo lies under one folder."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "demo.db"

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

    def photo(self, item_id: str) -> bytes | None:
        """A PNG; None where the data set has no photos."""
        path = self.data / "photos" / f"{item_id}.png"
        return path.read_bytes() if path.is_file() else None

    def claim(self) -> None:
        """Make the folder, and mark it as the demo's own; raises BadRequestError if it holds anything else."""
        marker = self.folder / ".demo"
        if self.folder.is_dir() and any(self.folder.iterdir()) and not marker.exists():
            raise BadRequestError(
                f"{str(self.folder)!r} holds files that no demo made, and a demo writes over what it finds; "
                "pass a new or empty folder with --out"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        marker.touch()

    def start_afresh(self) -> None:
        """Remove an earlier demo's database; the rest is written over."""
        for suffix in ("", "-wal", "-shm"):
            self.database.with_name(self.database.name + suffix).unlink(missing_ok=True)


def run_demo(
    folder: Path,
    *,
    data: str = SIMULATED,
    source: Path | None = None,
    simulator: SimulatorConfig = DEFAULT_SHOP,
    base_model: str | Writer | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> DemoReport:
    """Make or take a shop, load it, train, evaluate and answer two shoppers; writes ``folder/report.html``.

    Parameters
    ----------
    data : "simulated", or "online-retail" with the file of the UCI data set as `source`, which has no photos
    base_model : what writes the replies, as for `Shop.open`

    Raises
    ------
    BadRequestError : another `data`, a `source` that is missing or not needed, a `folder` with other files
    """
    _require_known(data, source)
    files = DemoFiles(folder)
    files.claim()
    catalog, events, file_format = _sources(files, data, source, simulator, progress)
    files.start_afresh()
    engine = open_database(files.url)
    loaded = tuple(_load(engine, catalog, events, file_format, progress))
    photos = files.data if data == SIMULATED else None
    training = train(
        engine,
        files.artifacts,
        trials=TRIALS,
        seed=seed,
        photos=photos,
        progress=lambda share, text: progress(0.3 + 0.3 * share, text),
    )
    measured = evaluate(
        engine,
        trials=TRIALS,
        seed=seed,
        photos=photos,
        before=ArtifactStore(files.artifacts).load(),
        progress=lambda share, text: progress(0.6 + 0.3 * share, text),
    )
    facts = _facts(engine, training.manifest.counts["users"])
    progress(0.9, "loading the base model")
    with Shop.open(files.url, files.artifacts, base_model) as shop:
        with suppress(WriterError):
            shop.warm()
        progress(0.93, "answering two shoppers")
        stories = tuple(_stories(shop, engine, files, facts.last_at + timedelta(hours=1)))
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


def _stories(shop: Shop, engine: Engine, files: DemoFiles, now: datetime) -> Iterator[ShopperStory]:
    """Two shoppers who, where products have photos, ask the same about the same photo."""
    users = two_shoppers(shop, engine)
    liked = shop.recommend(users[0], k=2).items[-1:]
    photo = next((files.photo(item.item_id) for item in liked), None)
    for user in users:
        yield story_of(shop, engine, user, now=now, photo=photo, question=PHOTO_QUESTION)


def demo_figures(report: DemoReport) -> dict[str, object]:
    """What a program may want to know of a demo; times in seconds."""
    turns = [turn for story in report.shoppers for turn in story.turns]
    return {
        "ingest": {row.name: asdict(row) for row in report.ingest},
        "evaluation": {row.name: {"recall@10": row.recall, "ndcg@10": row.ndcg} for row in report.evaluation.rows},
        "shoppers": {story.user_id: [item.item_id for item in story.items] for story in report.shoppers},
        "sentences": {origin.value: sum(turn.origins.get(origin, 0) for turn in turns) for origin in Origin},
        "replies": [
            {"chat": chat.title, "user": story.user_id, "items": [item.item_id for item in turn.items]}
            | asdict(turn.timing)
            | {"notes": turn.notes}
            for story in report.shoppers
            for chat in story.chats
            for turn in chat.turns
            if turn.timing is not None
        ],
    }


def _require_known(data: str, source: Path | None) -> None:
    if data not in (SIMULATED, ONLINE_RETAIL):
        raise BadRequestError(f"unknown data {data!r}; allowed: {SIMULATED}, {ONLINE_RETAIL}")
    if data == ONLINE_RETAIL and source is None:
        raise BadRequestError("--data online-retail needs the data set's file; pass it with --from FILE")
    if data == SIMULATED and source is not None:
        raise BadRequestError(f"--from {source} needs --data {ONLINE_RETAIL}; a simulated shop is read from no file")
    if source is not None and not source.is_file():
        raise BadRequestError(f"there is no file {str(source)!r}; pass the data set's file with --from FILE")


def _sources(
    files: DemoFiles, data: str, source: Path | None, simulator: SimulatorConfig, progress: Progress
) -> tuple[Path, Path, str]:
    """The catalogue's file, the events' file and their format."""
    if source is not None:
        return source, source, data
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


def _table(measured: EvaluationByTime) -> EvaluationTable:
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


def _photos(files: DemoFiles, stories: tuple[ShopperStory, ...]) -> dict[str, bytes]:
    """The pictures of everything the report shows."""
    items = {signal.item_id for story in stories for signal in story.signals if signal.item_id}
    items |= {item.item_id for story in stories for item in story.items}
    items |= {item.item_id for story in stories for turn in story.turns for item in turn.items}
    found = {item: files.photo(item) for item in items}
    return {item: photo for item, photo in found.items() if photo is not None}
