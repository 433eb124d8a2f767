"""The command line: parsing and printing only."""

import base64
import json
import os
import signal
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from recommender import batch_commands, terminal
from recommender.artifacts import ArtifactStore
from recommender.base_model.photos import DEFAULT_LIMITS
from recommender.base_model.speech import audio as sounds
from recommender.conversation.patience import a_writer_runs
from recommender.errors import BadAudioError, BadPhotoError, BadRequestError, RecommenderError, WriterError
from recommender.jobs.daily_report import daily_report, render_daily
from recommender.jobs.demo import DemoFiles, demo_figures, run_demo
from recommender.jobs.evaluate import BUDGET_SECONDS, Evaluation, evaluate, evaluate_sequences, evaluate_sessions
from recommender.jobs.evaluate import TRIALS as EVALUATION_TRIALS
from recommender.jobs.photo_indexing import index_photos
from recommender.jobs.rollback import roll_back
from recommender.jobs.train import TRIALS, refresh, train
from recommender.options import (
    DEFAULT_ARTIFACTS,
    DEFAULT_DATABASE,
    ArtifactsFolder,
    BaseModel,
    Category,
    Database,
    Json,
    K,
    MaxPrice,
    Shopper,
    Time,
    constraints_of,
    moment_of,
)
from recommender.shop import Shop
from recommender.shop.checks import require_folder, rules_of, trace_of
from recommender.shop.privacy import erase
from recommender.shop.replay import replay, replay_trace
from recommender.threads import one_thread
from schemas import Mode, Recommendations, ReplyChunk, Surface
from signals.database import migrate, open_database
from signals.errors import InvalidShoppersError, SignalsError, UnknownFormatError
from signals.export import EXPORT_FORMATS, export_events, whole_file
from signals.follow import follow_events
from signals.formats import CATALOG_FORMATS, EVENT_FORMATS
from signals.ingest import IngestReport, ingest_events, load_catalog
from signals.privacy import export_shopper
from signals.simulator import SimulatorConfig

LEAVE_ONE_OUT, SESSIONS = PROTOCOLS = ("leave-one-out", "sessions")

app = typer.Typer(
    name="recommender",
    help="An open shopping-recommendation engine: signals in SQL, a blended ranker, grounded answers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
catalog_app = typer.Typer(help="The catalogue: products, variants, prices, stock.", no_args_is_help=True)
app.add_typer(catalog_app, name="catalog")
privacy_app = typer.Typer(help="One shopper's data: erased, or given out.", no_args_is_help=True)
app.add_typer(privacy_app, name="privacy")
photos_app = typer.Typer(help="The products' photos.", no_args_is_help=True)
app.add_typer(photos_app, name="photos")
app.add_typer(batch_commands.app)

EventFormat = Annotated[str, typer.Option("--format", help=f"Format of the file: {', '.join(EVENT_FORMATS)}.")]
CatalogFormat = Annotated[str, typer.Option("--format", help=f"Format of the file: {', '.join(CATALOG_FORMATS)}.")]
Rejected = Annotated[
    Path | None,
    typer.Option(help="File for rejected rows; default: FILE.rejected.jsonl in the current folder, numbered if taken."),
]
Photos = Annotated[
    Path | None, typer.Option(help="Folder of the products' photos; without it none is looked at.", metavar="DIR")
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of everything random.")]
Deterministic = Annotated[
    bool, typer.Option("--deterministic", help="The same figures on any number of cores; takes longer.")
]
User = Annotated[str | None, typer.Option(help="User id; without it, a new shopper.")]
Photo = Annotated[Path | None, typer.Option(help="A photo of what is wanted, JPEG, PNG or the like.", metavar="FILE")]
Audio = Annotated[
    Path | None, typer.Option(help="A voice note: WAV, MP3, FLAC or Ogg, at most 60 seconds.", metavar="FILE")
]


LOADED_AT_ONCE = (None, "none", "compact")
"""Base models that are ready in the time a reply may take; any other is loaded before the first question."""


def main() -> None:
    """Run the command line: exit code 0 on success, 1 on failure, 2 on wrong usage; never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without "£" gets "?"
    try:
        _run()
    except SystemExit as stop:
        _end_hanging_writers(stop)
        raise


def _run() -> None:
    try:
        app()
    except (UnknownFormatError, BadRequestError, InvalidShoppersError) as error:
        _fail(error, 2)
    except (RecommenderError, SignalsError, OSError) as error:
        _fail(error, 1)


def _fail(error: Exception, code: int) -> None:
    terminal.print_error(error)
    sys.exit(code)


def _end_hanging_writers(stop: SystemExit) -> None:
    """End the process at once if a writer still runs: Python cannot end its thread, and torch aborts on the way out."""
    if a_writer_runs():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(stop.code if isinstance(stop.code, int) else int(stop.code is not None))


@app.command("migrate")
def migrate_command(database: Database = DEFAULT_DATABASE, as_json: Json = False) -> None:
    """Bring the database's tables up to this version.

    Example: recommender migrate --database postgresql://shop@localhost/shop
    """
    done = migrate(database)
    if as_json:
        terminal.print_json({"from_revision": done.from_revision, "to_revision": done.to_revision})
    else:
        terminal.print_text(f"{done.from_revision or 'empty'} -> {done.to_revision}")


@app.command()
def ingest(
    file: Annotated[Path, typer.Argument(help="JSON Lines, CSV or Parquet, .gz too.")],
    file_format: EventFormat = "canonical",
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with the lines that are appended (JSON Lines), until Ctrl-C.")
    ] = False,
    allow_unknown_items: Annotated[bool, typer.Option(help="Keep events on products the catalogue lacks.")] = False,
    rejected: Rejected = None,
    database: Database = DEFAULT_DATABASE,
    as_json: Json = False,
) -> None:
    """Load events. Safe to repeat: an event that is there already counts as duplicated.

    Example: recommender ingest events.parquet
    """
    with terminal.row_progress(file) as progress, ExitStack() as stack:
        load = partial(follow_events, stop=stack.enter_context(_stopped_by_signals())) if follow else ingest_events
        report = load(
            open_database(database),
            file,
            file_format,
            allow_unknown_items=allow_unknown_items,
            rejected=rejected,
            progress=progress,
        )
    _print_ingest(report, as_json)


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C or a request to terminate sets, in place of ending the process."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@catalog_app.command("load")
def catalog_load(
    file: Annotated[Path, typer.Argument(help="JSON Lines, CSV or Parquet, .gz too.")],
    file_format: CatalogFormat = "canonical",
    rejected: Rejected = None,
    database: Database = DEFAULT_DATABASE,
    as_json: Json = False,
) -> None:
    """Load products. Safe to repeat: an unchanged product counts as duplicated.

    Example: recommender catalog load products.jsonl
    """
    with terminal.row_progress(file) as progress:
        report = load_catalog(open_database(database), file, file_format, rejected=rejected, progress=progress)
    _print_ingest(report, as_json)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where the events go; one of that name is replaced.")],
    file_format: Annotated[
        str, typer.Option("--format", help=f"Format of the file: {', '.join(EXPORT_FORMATS)}.")
    ] = "parquet",
    since: Time = None,
    until: Time = None,
    database: Database = DEFAULT_DATABASE,
    as_json: Json = False,
) -> None:
    """Write the events of a time range, from --since on and before --until, to a file.

    Example: recommender export events.parquet --since 2026-01-01
    """
    first, end = moment_of(since), moment_of(until)
    if first and end and first >= end:
        raise BadRequestError(f"no event is from {since} on and before {until}; --since is the earlier one")
    engine = open_database(database, must_exist=True)
    with terminal.row_progress(file) as progress:
        report = export_events(engine, file, file_format, since=first, until=end, progress=progress)
    if as_json:
        terminal.print_json({"file": file, **asdict(report)})
    else:
        terminal.print_text(f"{report.written:,} events written to {file}")
        for reason, count in report.reasons.items():
            terminal.print_text(f"{count:,} left out: {reason}")


def _print_ingest(report: IngestReport, as_json: bool) -> None:
    if not as_json:
        terminal.print_ingest(report)
        return
    names = ("accepted", "duplicated", "rejected", "reasons", "flagged", "rejected_file")
    terminal.print_json({name: getattr(report, name) for name in names})


@privacy_app.command("erase")
def privacy_erase(
    user: Shopper,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """Erase a shopper from the database and the artifacts, for good.

    Example: recommender privacy erase shopper-00042 --yes
    """
    engine = open_database(database, must_exist=True)
    if not yes:
        typer.confirm(f"Erase everything stored about {user!r}? It cannot be brought back", abort=True, err=True)
    erased = erase(engine, ArtifactStore(artifacts), user)
    if as_json:
        terminal.print_json(asdict(erased))
    else:
        terminal.print_erased(erased, artifacts)


@privacy_app.command("export")
def privacy_export(
    user: Shopper,
    out: Annotated[
        Path | None, typer.Option(help="File to write; one of that name is replaced. Default: standard output.")
    ] = None,
    database: Database = DEFAULT_DATABASE,
    as_json: Json = False,
) -> None:
    """Give out everything stored about a shopper, as one JSON document.

    Example: recommender privacy export shopper-00042 --out shopper-00042.json
    """
    document = export_shopper(open_database(database, must_exist=True), user)
    if out is None:
        terminal.print_json(document, indent=None if as_json else 2)
        return
    with whole_file(out) as file:
        file.write((json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode())
    counts = {name: len(rows) for name, rows in document.items() if isinstance(rows, list)}
    if as_json:
        terminal.print_json({"file": out, **counts})
    else:
        terminal.print_text(f"{document['user_id']}: {terminal.counted(counts)}; written to {out}")


@app.command("train")
def train_command(
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    photos: Photos = None,
    trials: Annotated[int, typer.Option(min=1, help="Configurations tried for each model.")] = TRIALS,
    seed: Seed = 0,
    publish_anyway: Annotated[
        bool, typer.Option("--publish-anyway", help="Use the new blend even if it is worse than the one in use.")
    ] = False,
    repeats: Annotated[
        bool, typer.Option("--repeats", help="Choose by all that was bought, what had been bought before as well.")
    ] = False,
    refresh_only: Annotated[
        bool, typer.Option("--refresh", help="Keep the blend in use, and bring its models up to the newest event.")
    ] = False,
    deterministic: Deterministic = False,
    as_json: Json = False,
) -> None:
    """Embed the products' texts and photos, then choose, fit and publish a blend from the events in the database.

    A blend that is worse than the one in use on the same shoppers, by more than noise, is not published.

    Example: recommender train --artifacts artifacts/ --photos photos/
    """
    _require_folder(photos)
    if refresh_only and repeats:
        raise BadRequestError("--refresh keeps the blend in use, --repeats is about choosing one; give one of them")
    engine = open_database(database, must_exist=True)
    with terminal.share_progress("training") as progress:
        run = refresh if refresh_only else partial(train, trials=trials, publish_anyway=publish_anyway, repeats=repeats)
        training = run(engine, artifacts, seed=seed, photos=photos, deterministic=deterministic, progress=progress)
    if as_json:
        terminal.print_json(training.as_json())
    else:
        terminal.print_training(training, artifacts)


@photos_app.command("index")
def photos_index(
    photos: Annotated[Path, typer.Option(help="Folder of the products' photos.", metavar="DIR")],
    anew: Annotated[bool, typer.Option("--anew", help="Forget what is indexed, and embed all of it.")] = False,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """Embed what is new or changed of the products' texts and photos; a run that broke off is gone on with.

    Searches find a product by its photo from then on, and training takes over what is embedded.

    Example: recommender photos index --photos photos/
    """
    require_folder(photos)
    engine = open_database(database, must_exist=True)
    with terminal.share_progress("indexing photos") as progress:
        indexing = index_photos(engine, artifacts, photos, anew=anew, progress=progress)
    if as_json:
        terminal.print_json(indexing.as_json())
    else:
        terminal.print_indexing(indexing, artifacts)


@app.command()
def rollback(
    to: Annotated[
        str | None, typer.Option(help="A version that is kept; default: the one before.", metavar="VERSION")
    ] = None,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """Put the artifacts of before back into use; what was in use is kept.

    Example: recommender rollback --artifacts artifacts/
    """
    engine, before = open_database(database, must_exist=True), ArtifactStore(artifacts).current_version()
    manifest = roll_back(engine, artifacts, to)
    if as_json:
        terminal.print_json({"version": manifest.version, "before": before, "as_of": manifest.as_of.isoformat()})
    else:
        terminal.print_text(f"artifacts {manifest.version} are in use in {artifacts} again, in place of {before}")


@app.command("evaluate")
def evaluate_command(
    sequences: Annotated[Path | None, typer.Option(help="A sequence file instead of the database.")] = None,
    protocol: Annotated[
        str, typer.Option(help=f"For --sequences: {', '.join(PROTOCOLS)}.", metavar="NAME")
    ] = LEAVE_ONE_OUT,
    test: Annotated[Path | None, typer.Option(help="For --protocol sessions: a file of questions.")] = None,
    repeats: Annotated[
        bool, typer.Option("--repeats", help="For a database: ask also for what had been bought before.")
    ] = False,
    split_at: Annotated[str | None, typer.Option(help="ISO 8601; default: the last window.", metavar="TIME")] = None,
    trials: Annotated[int, typer.Option(min=1, help="Configurations tried for each model.")] = EVALUATION_TRIALS,
    budget_seconds: Annotated[
        float | None,
        typer.Option(min=1, help=f"Fit and choose within this time; default: {BUDGET_SECONDS:.0f}."),
    ] = None,
    photos: Photos = None,
    seed: Seed = 0,
    deterministic: Deterministic = False,
    database: Database = DEFAULT_DATABASE,
    as_json: Json = False,
) -> None:
    """Hold out the future, fit on the past, and measure the blend beside each model.

    Example: recommender evaluate --database sqlite:///shop.db --json
    """
    if protocol not in PROTOCOLS:
        raise BadRequestError(f"unknown protocol {protocol!r}; allowed: {', '.join(PROTOCOLS)}")
    if (protocol == SESSIONS) != (test is not None) or (test is not None and sequences is None):
        raise BadRequestError("--sequences FILE, --test FILE and --protocol sessions belong together; give all of them")
    if sequences is not None and (repeats or split_at is not None or photos is not None):
        raise BadRequestError(
            "--repeats, --split-at and --photos are for a database; leave them out, or leave out --sequences"
        )
    _require_folder(photos)
    budget = _budget(budget_seconds, deterministic)
    with terminal.share_progress("evaluating") as progress, one_thread() if deterministic else nullcontext():
        measured: Evaluation
        if sequences is not None and test is not None:
            measured = evaluate_sessions(
                sequences, test, trials=trials, budget_seconds=budget, seed=seed, progress=progress
            )
            shown = ("what came next in a session", 20, "mrr")
        elif sequences is not None:
            measured = evaluate_sequences(sequences, trials=trials, budget_seconds=budget, seed=seed, progress=progress)
            shown = ("the last item of each shopper", 10, "ndcg")
        else:
            measured = evaluate(
                open_database(database, must_exist=True),
                split_at=moment_of(split_at),
                repeats=repeats,
                trials=trials,
                budget_seconds=budget,
                seed=seed,
                progress=progress,
                photos=photos,
            )
            bought = "what was bought" if repeats else "what was bought new to the shopper"
            shown = (f"{bought} from {measured.split_at:%Y-%m-%d} on", 10, "ndcg")
    if as_json:
        terminal.print_json(measured.as_json())
    else:
        terminal.print_evaluation(measured, *shown)


def _require_folder(photos: Path | None) -> None:
    if photos is not None:
        require_folder(photos)


def _budget(seconds: float | None, deterministic: bool) -> float | None:
    """In which to choose; where the same must come out again, the clock decides nothing."""
    if not deterministic:
        return BUDGET_SECONDS if seconds is None else seconds
    if seconds is not None:
        raise BadRequestError("--budget-seconds leaves the choice to the clock, --deterministic does not; give one")
    return None


@app.command()
def recommend(
    user: Annotated[str, typer.Argument(help="User id; an unknown one is a new shopper.")],
    k: K = 10,
    max_price: MaxPrice = None,
    category: Category = None,
    personalize: Annotated[bool, typer.Option(help="Whether the shopper's behaviour counts.")] = True,
    rules: Annotated[
        Path | None, typer.Option(help="Business rules as JSON: boosts, promotion, diversity, ...", metavar="FILE")
    ] = None,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """The best products for one shopper, with reasons.

    Example: recommender recommend 17850 -k 10 --max-price "5 GBP"
    """
    followed = None if rules is None else rules_of(rules.read_bytes())
    with Shop.open(database, artifacts, "none") as shop:
        answer = shop.recommend(user, k, constraints_of(max_price, category), personalize=personalize, rules=followed)
    _print_answer(answer, as_json)


@app.command("replay")
def replay_command(
    request_id: Annotated[str | None, typer.Argument(help="As the answer gave it.")] = None,
    trace: Annotated[
        Path | None,
        typer.Option(
            help="A reply in contemplating, or its trace, as JSON: its proposals are merged again.", metavar="FILE"
        ),
    ] = None,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """The items of a past answer once more, from what was asked and known then.

    Example: recommender replay 4f6c2d0e8a2b4a0c9d5e7f1a3b5c7d9e
    """
    if (request_id is None) == (trace is None):
        raise BadRequestError("replay takes a request id or --trace FILE, one of them; got both or neither")
    engine = open_database(database, must_exist=True)
    if trace is not None:
        replayed = replay_trace(engine, artifacts, trace_of(trace.read_bytes()))
    elif request_id is not None:
        replayed = replay(engine, artifacts, request_id)
    if as_json:
        terminal.print_json(
            {"same": replayed.is_same, "shown": replayed.shown, "again": replayed.again.model_dump(mode="json")}
        )
    else:
        terminal.print_replay(replayed)


@app.command()
def explain(
    user: Annotated[str, typer.Argument(help="User id.")],
    item: Annotated[str, typer.Argument(help="Item id.")],
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """What of a shopper's history moves the score of one product, and what the score would be without it.

    Example: recommender explain 17850 85123A
    """
    with Shop.open(database, artifacts, "none") as shop:
        found = shop.explain(user, item)
    if as_json:
        terminal.print_json(found.model_dump(mode="json"))
    else:
        terminal.print_explanation(found)


@app.command()
def similar(
    item: Annotated[str, typer.Argument(help="Item id.")],
    k: K = 10,
    max_price: MaxPrice = None,
    category: Category = None,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """The products that go best with one product.

    Example: recommender similar 85123A -k 5
    """
    with Shop.open(database, artifacts, "none") as shop:
        answer = shop.similar(item, k, constraints_of(max_price, category))
    _print_answer(answer, as_json)


def _print_answer(answer: Recommendations, as_json: bool) -> None:
    if as_json:
        terminal.print_json(answer.model_dump(mode="json"))
    else:
        terminal.print_recommendations(answer)


@app.command()
def search(
    text: Annotated[str | None, typer.Argument(help="What is wanted, in words.")] = None,
    photo: Photo = None,
    audio: Audio = None,
    user: User = None,
    k: K = 10,
    max_price: MaxPrice = None,
    category: Category = None,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """The products that fit a text, a photo, a voice note or all best, and the shopper.

    Example: recommender search "a red mug" --photo mug.jpg -k 5
    """
    shown, said = _photo_bytes(photo), _audio_bytes(audio)
    with Shop.open(database, artifacts, "none") as shop:
        answer = shop.search(text, shown, user, k, constraints_of(max_price, category), audio=said)
    _print_answer(answer, as_json)


@app.command()
def chat(
    message: Annotated[str | None, typer.Argument(help="One message; without it, a conversation.")] = None,
    photo: Photo = None,
    audio: Audio = None,
    user: User = None,
    mode: Annotated[Mode, typer.Option(help="fast, shopping or contemplating.")] = Mode.SHOPPING,
    deadline_ms: Annotated[
        int | None, typer.Option(help="For contemplating: when the whole reply is to be there; default: 10,000.")
    ] = None,
    surface: Annotated[Surface, typer.Option(help="Where the reply is read.")] = Surface.WEB,
    session: Annotated[str | None, typer.Option(help="Go on with the conversation of this id.")] = None,
    base_model: BaseModel = None,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """Ask in words, with a photo or a voice note; the items come first, then the reply. With --json, an object each.

    Example: recommender chat --user 17850 "a red mug under 5 pounds"
    """
    shown, said = _photo_bytes(photo), _audio_bytes(audio)
    with Shop.open(database, artifacts, base_model) as shop:
        if base_model not in LOADED_AT_ONCE:
            _load(shop)
        session = session or uuid.uuid4().hex
        for content in _questions(message, shown, said):
            chunks = shop.stream(
                [{"role": "user", "content": content}],
                user_id=user,
                session_id=session,
                mode=mode,
                surface=surface,
                deadline_ms=deadline_ms,
            )
            _print_reply(chunks, as_json)


def _load(shop: Shop) -> None:
    """A base model that cannot be loaded is no reason to go without an answer: each reply says why."""
    with terminal.working("loading the base model"), suppress(WriterError):
        shop.warm()


def _photo_bytes(path: Path | None) -> bytes | None:
    if path is None:
        return None
    content = _first_bytes(path, DEFAULT_LIMITS.max_bytes + 1)
    if len(content) > DEFAULT_LIMITS.max_bytes:
        raise BadPhotoError(f"{str(path)!r} has more than {DEFAULT_LIMITS.max_bytes:,} bytes; make the photo smaller")
    return content


def _audio_bytes(path: Path | None) -> bytes | None:
    if path is None:
        return None
    limit = sounds.DEFAULT_LIMITS.max_bytes
    content = _first_bytes(path, limit + 1)
    if len(content) > limit:
        raise BadAudioError(f"{str(path)!r} has more than {limit:,} bytes; make it shorter or compress it")
    return content


def _first_bytes(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        return file.read(count)


def _questions(
    message: str | None, photo: bytes | None, audio: bytes | None
) -> Iterator[str | list[Mapping[str, object]]]:
    """One question, or those of a conversation, which a photo or a voice note may begin."""
    parts: list[Mapping[str, object]] = [{"type": "text", "text": message}] if message is not None else []
    if photo is not None:
        url = f"data:image/jpeg;base64,{base64.b64encode(photo).decode()}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    if audio is not None:
        data = base64.b64encode(audio).decode()
        parts.append({"type": "input_audio", "input_audio": {"data": data, "format": "wav"}})
    if parts:
        yield parts
    if message is None and audio is None:
        yield from _lines()


def _lines() -> Iterator[str]:
    terminal.err.print("Ask for something; an empty line ends the conversation.")
    while True:
        try:
            terminal.err.print("> ", end="")
            line = input().strip()
        except EOFError:
            return
        if not line:
            return
        yield line


def _print_reply(chunks: Iterator[ReplyChunk], as_json: bool) -> None:
    """Print a reply while it comes."""
    for chunk in chunks:
        if chunk.type == "done":
            if as_json:
                terminal.print_json(chunk.reply.model_dump(mode="json"))
            else:
                terminal.print_heard(chunk.reply.heard)
                terminal.print_notes(chunk.reply.notes)
        elif not as_json:
            if chunk.type == "items":
                terminal.print_items(chunk.items)
            else:
                terminal.print_text(chunk.sentence.text)


@app.command("report")
def report_command(
    out: Annotated[Path, typer.Option(help="File to write; one of that name is replaced.")] = Path("report.html"),
    days: Annotated[int, typer.Option(min=1, help="Days before the newest event that the page is about.")] = 28,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    base_model: BaseModel = None,
    as_json: Json = False,
) -> None:
    """Write the analysts' daily page: traffic, clicks and lift, quality, coverage, grounding and latency.

    Example: recommender report --out report.html
    """
    engine = open_database(database, must_exist=True)
    with Shop.open(database, artifacts, base_model) as shop, terminal.share_progress("report") as progress:
        made = daily_report(engine, shop, artifacts, days=days, progress=progress)
    with whole_file(out) as file:
        file.write(render_daily(made).encode())
    if as_json:
        terminal.print_json({"report": out, "since": made.since, "until": made.until, **made.figures})
    else:
        terminal.print_text(f"report: {out}, {made.since:%Y-%m-%d} to {made.until:%Y-%m-%d}")


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--out", help="Where the demo shop and its report go.")] = Path("demo"),
    data: Annotated[str, typer.Option(help="simulated or online-retail.")] = "simulated",
    source: Annotated[Path | None, typer.Option("--from", help="The file, for --data online-retail.")] = None,
    base_model: BaseModel = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Make a shop, load it, train, evaluate, and answer two shoppers; writes DIR/report.html.

    Example: recommender demo --out demo
    """
    with terminal.share_progress("demo") as progress:
        shown = run_demo(
            folder,
            data=data,
            source=source,
            simulator=SimulatorConfig(seed=seed),
            base_model=base_model,
            seed=seed,
            progress=progress,
        )
    page = DemoFiles(folder).report
    if as_json:
        terminal.print_json({"report": page, **demo_figures(shown)})
    else:
        terminal.print_demo(shown)
        terminal.print_text(f"report: {page}")


if __name__ == "__main__":
    main()
