"""The command line: parsing and printing only."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from babel.numbers import format_currency
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from recommender.errors import BadRequestError, RecommenderError
from recommender.jobs.demo import run_demo
from recommender.jobs.evaluate import evaluate, evaluate_sequences
from recommender.jobs.train import TRIALS, train
from recommender.shop import ANYTHING_IN_STOCK, Shop
from schemas import Constraints, Message, Mode, Money, ProductRow, RankedItem, Recommendations
from signals.database import migrate, open_database
from signals.errors import SignalsError, UnknownFormatError
from signals.ingest import IngestReport, ingest_events, load_catalog

app = typer.Typer(
    name="recommender",
    help="An open shopping-recommendation engine: signals in SQL, a blended ranker, grounded answers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
catalog_app = typer.Typer(help="The catalogue: products, variants, prices, stock.", no_args_is_help=True)
app.add_typer(catalog_app, name="catalog")

out = Console()
err = Console(stderr=True)

Database = Annotated[
    str, typer.Option(envvar="RECOMMENDER_DATABASE_URL", help="SQLAlchemy URL of the shop's database.", metavar="URL")
]
ArtifactsFolder = Annotated[
    Path, typer.Option(envvar="RECOMMENDER_ARTIFACTS", help="Folder of trained artifacts.", metavar="DIR")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of standard output.")]
K = Annotated[int, typer.Option("-k", "--k", help="How many items, 1 to 10,000.")]
Format = Annotated[str, typer.Option("--format", help="Format of the file: canonical or online-retail.")]
Rejected = Annotated[
    Path | None, typer.Option(help="File for rejected rows; default: FILE.rejected.jsonl in the current folder.")
]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]
MaxPrice = Annotated[str | None, typer.Option(help='Highest price with its currency, as in "50 GBP".')]
Category = Annotated[list[str] | None, typer.Option(help="Category; repeat it for alternatives.")]

DEFAULT_DATABASE = "sqlite:///shop.db"
DEFAULT_ARTIFACTS = Path("artifacts")


def main() -> None:
    """Run the command line: exit code 0 on success, 1 on failure, 2 on wrong usage; never a traceback."""
    try:
        app()
    except (UnknownFormatError, BadRequestError) as error:
        _fail(error, 2)
    except (RecommenderError, SignalsError, OSError) as error:
        _fail(error, 1)


def _fail(error: Exception, code: int) -> None:
    err.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(code)


def _print_json(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


@contextmanager
def _progress(text: str) -> Iterator[Callable[[float, str], None]]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(text, total=1.0)
        yield lambda share, what: bar.update(task, completed=share, description=what)


@contextmanager
def _row_progress(path: Path) -> Iterator[Callable[[int], None]]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(f"rows of {path.name}", total=None)
        yield lambda rows: bar.update(task, completed=rows)


@app.command("migrate")
def migrate_command(database: Database = DEFAULT_DATABASE, as_json: Json = False) -> None:
    """Bring the database's tables up to this version.

    Example: recommender migrate --database postgresql://shop@localhost/shop
    """
    done = migrate(database)
    if as_json:
        _print_json({"from_revision": done.from_revision, "to_revision": done.to_revision})
    else:
        out.print(f"{done.from_revision or 'empty'} -> {done.to_revision}")


@app.command()
def ingest(
    file: Annotated[Path, typer.Argument(help="JSON Lines, CSV or Parquet, .gz too.")],
    file_format: Format = "canonical",
    allow_unknown_items: Annotated[bool, typer.Option(help="Keep events on products the catalogue lacks.")] = False,
    rejected: Rejected = None,
    database: Database = DEFAULT_DATABASE,
    as_json: Json = False,
) -> None:
    """Load events. Safe to repeat: an event that is there already counts as duplicated.

    Example: recommender ingest events.parquet
    """
    with _row_progress(file) as progress:
        report = ingest_events(
            open_database(database),
            file,
            file_format,
            allow_unknown_items=allow_unknown_items,
            rejected=rejected,
            progress=progress,
        )
    _print_ingest(report, as_json)


@catalog_app.command("load")
def catalog_load(
    file: Annotated[Path, typer.Argument(help="JSON Lines, CSV or Parquet, .gz too.")],
    file_format: Format = "canonical",
    rejected: Rejected = None,
    database: Database = DEFAULT_DATABASE,
    as_json: Json = False,
) -> None:
    """Load products. Safe to repeat: an unchanged product counts as duplicated.

    Example: recommender catalog load products.jsonl
    """
    with _row_progress(file) as progress:
        report = load_catalog(open_database(database), file, file_format, rejected=rejected, progress=progress)
    _print_ingest(report, as_json)


def _print_ingest(report: IngestReport, as_json: bool) -> None:
    if as_json:
        _print_json(
            {
                "accepted": report.accepted,
                "duplicated": report.duplicated,
                "rejected": report.rejected,
                "reasons": dict(report.reasons),
                "rejected_file": report.rejected_file,
            }
        )
        return
    table = Table("", "rows")
    for name, count in (
        ("accepted", report.accepted),
        ("duplicated", report.duplicated),
        ("rejected", report.rejected),
    ):
        table.add_row(name, f"{count:,}")
    for reason, count in sorted(report.reasons.items(), key=lambda pair: -pair[1]):
        table.add_row(f"  {reason}", f"{count:,}")
    out.print(table)
    if report.rejected_file is not None and report.rejected:
        out.print(f"rejected rows: {report.rejected_file}", markup=False)


@app.command("train")
def train_command(
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    trials: Annotated[int, typer.Option(min=1, help="Configurations tried for each model.")] = TRIALS,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Choose, fit and publish a blend from the events in the database.

    Example: recommender train --artifacts artifacts/
    """
    with _progress("training") as progress:
        manifest = train(open_database(database), artifacts, trials=trials, seed=seed, progress=progress)
    if as_json:
        _print_json(manifest.model_dump(mode="json", exclude={"files"}))
        return
    table = Table("model", "weight", "NDCG@10 alone, validation")
    for name, member in manifest.members.items():
        table.add_row(name, f"{member.weight:.3f}", "-" if member.ndcg is None else f"{member.ndcg:.4f}")
    out.print(table)
    blend = "not measured" if manifest.validation_ndcg is None else f"{manifest.validation_ndcg:.4f}"
    out.print(f"blend: {blend}; artifacts {manifest.version} are in use in {artifacts}", markup=False)


@app.command("evaluate")
def evaluate_command(
    sequences: Annotated[Path | None, typer.Option(help="A sequence file instead of the database.")] = None,
    protocol: Annotated[str, typer.Option(help="For --sequences: leave-one-out.")] = "leave-one-out",
    split_at: Annotated[datetime | None, typer.Option(help="UTC; default: the last window of the time range.")] = None,
    trials: Annotated[int, typer.Option(min=1, help="Configurations tried for each model.")] = 12,
    seed: Seed = 0,
    database: Database = DEFAULT_DATABASE,
    as_json: Json = False,
) -> None:
    """Hold out the future, fit on the past, and measure the blend beside each model.

    Example: recommender evaluate --database sqlite:///shop.db --json
    """
    if protocol != "leave-one-out":
        raise BadRequestError(f"unknown protocol {protocol!r}; allowed: leave-one-out")
    with _progress("evaluating") as progress:
        if sequences is not None:
            result = evaluate_sequences(sequences, trials=trials, seed=seed, progress=progress)
        else:
            moment = None if split_at is None else split_at.replace(tzinfo=UTC)
            engine = open_database(database)
            result = evaluate(engine, split_at=moment, trials=trials, seed=seed, progress=progress)
    figures = result.as_json()
    if as_json:
        _print_json(figures)
    else:
        _print_figures(figures)


def _print_figures(figures: Mapping[str, Any]) -> None:
    if "models" not in figures:
        table = Table("figure", "value")
        for name, value in figures.items():
            table.add_row(name, f"{value:.4f}" if isinstance(value, float) else str(value))
    else:
        out.print(f"{figures['users']:,} shoppers from {figures['split_at']} on")
        table = Table("model", "recall@10", "NDCG@10", "coverage")
        for name, row in {**figures["models"], "blend": figures["blend"]}.items():
            table.add_row(name, *(f"{row[key]:.4f}" for key in ("recall@10", "ndcg@10", "coverage")))
    out.print(table)


@app.command()
def recommend(
    user: Annotated[str, typer.Argument(help="User id; an unknown one is a new shopper.")],
    k: K = 10,
    max_price: MaxPrice = None,
    category: Category = None,
    personalize: Annotated[bool, typer.Option(help="Whether the shopper's behaviour counts.")] = True,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """The best products for one shopper, with reasons.

    Example: recommender recommend 17850 -k 10 --max-price "5 GBP"
    """
    with Shop.open(database, artifacts) as shop:
        answer = shop.recommend(user, k, _constraints(max_price, category), personalize=personalize)
    _print_recommendations(answer, as_json)


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
    with Shop.open(database, artifacts) as shop:
        answer = shop.similar(item, k, _constraints(max_price, category))
    _print_recommendations(answer, as_json)


def _constraints(max_price: str | None, category: list[str] | None) -> Constraints:
    if max_price is None and not category:
        return ANYTHING_IN_STOCK
    return Constraints(max_price=_money(max_price), category=tuple(category or ()))


def _money(text: str | None) -> Money | None:
    if text is None:
        return None
    try:
        amount, currency = text.split()
        return Money(amount, currency)  # type: ignore[arg-type]  # pydantic reads the string exactly
    except ValueError:
        raise BadRequestError(f'{text!r} is no price; write an amount and a currency, as in "50 GBP"') from None


def _print_recommendations(answer: Recommendations, as_json: bool) -> None:
    if as_json:
        _print_json(answer.model_dump(mode="json"))
        return
    _print_items(answer.items)
    if answer.shortfall:
        out.print(f"{answer.shortfall:,} fewer than asked for: {answer.shortfall_reason}")
    if answer.cold_start:
        out.print("A new shopper: this is what everybody likes.")


def _print_items(items: tuple[RankedItem, ...]) -> None:
    table = Table("#", "item", "title", "price", "why")
    for one in items:
        why = "; ".join(f"{part.event_kind}: {part.title}" if part.title else part.kind for part in one.reasons)
        table.add_row(str(one.rank), one.item_id, one.row.title, _price(one.row), why)
    out.print(table, markup=False)


def _price(row: ProductRow) -> str:
    return "-" if row.price is None else format_currency(row.price.amount, row.price.currency, locale="en_GB")


@app.command()
def chat(
    message: Annotated[str | None, typer.Argument(help="One message; without it, a conversation.")] = None,
    user: Annotated[str | None, typer.Option(help="User id; without it, a new shopper.")] = None,
    mode: Annotated[Mode, typer.Option(help="fast or shopping.")] = Mode.SHOPPING,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """Ask in words; the items come first, then the reply.

    Example: recommender chat --user 17850 "a red mug under 5 pounds"
    """
    with Shop.open(database, artifacts) as shop:
        if message is not None:
            _answer(shop, [Message(role="user", content=message)], user, mode, as_json)
            return
        messages: list[Message] = []
        for line in _lines():
            messages.append(Message(role="user", content=line))
            messages.append(Message(role="assistant", content=_answer(shop, messages, user, mode, as_json)))


def _lines() -> Iterator[str]:
    err.print("Ask for something; an empty line ends the conversation.")
    while True:
        try:
            line = input("> ").strip()
        except EOFError:
            return
        if not line:
            return
        yield line


def _answer(shop: Shop, messages: list[Message], user: str | None, mode: Mode, as_json: bool) -> str:
    reply = ""
    for chunk in shop.stream(messages, user_id=user, mode=mode):
        if chunk.type == "done":
            reply = chunk.reply.text
            if as_json:
                _print_json(chunk.reply.model_dump(mode="json"))
        elif not as_json:
            if chunk.type == "items":
                _print_items(chunk.items)
            else:
                out.print(chunk.sentence.text, markup=False, highlight=False)
    return reply


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--out", help="Where the demo shop and its report go.")] = Path("demo"),
    data: Annotated[str, typer.Option(help="simulated or online-retail.")] = "simulated",
    source: Annotated[Path | None, typer.Option("--from", help="The file, for --data online-retail.")] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Make a shop, load it, train, evaluate, and answer two shoppers; writes DIR/report.html.

    Example: recommender demo --out demo
    """
    with _progress("demo") as progress:
        shown = run_demo(folder, data=data, source=source, seed=seed, progress=progress)
    if as_json:
        _print_json(shown.as_json())
    else:
        out.print(shown.as_text(), markup=False)


if __name__ == "__main__":
    main()
