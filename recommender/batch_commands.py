"""The commands of batches and campaigns: parsing and printing only."""

from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import typer

from recommender import terminal
from recommender.base_model.choosing import COMPACT
from recommender.errors import UnknownIdError
from recommender.jobs.batch.engines import ENGINES, LOCAL, engine_of
from recommender.jobs.batch.publishing import publish
from recommender.jobs.batch.run import ALL, BatchRequest, run_batch
from recommender.jobs.campaigns import mail as mails
from recommender.jobs.campaigns.audience import TOP, audience
from recommender.jobs.campaigns.changes import (
    INTEREST_DAYS,
    LEAST_PERCENT,
    PER_SHOPPER,
    Changed,
    came_back,
    dropped_by,
    notices,
)
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
    constraints_of,
    moment_of,
)
from recommender.parts import BatchManifest, parquet, write_durably
from recommender.shop import Shop
from recommender.shop.checks import rules_of
from recommender.shop.requests import NO_RULES
from signals.database import open_database

Users = Annotated[
    str, typer.Option(help="all, a file with one id a line, or an SQL SELECT of ids.", metavar="all|FILE|QUERY")
]
BatchRules = Annotated[
    Path | None,
    typer.Option(help="Rules as JSON; a batch follows cap, diversity.per_brand and per_category.", metavar="FILE"),
]
EngineName = Annotated[str, typer.Option("--engine", help=f"{', '.join(ENGINES)}: where the parts are made.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes or actors; default: one for each core, 2 for ray.")]
Address = Annotated[str | None, typer.Option(help="A Ray cluster, as ray.init takes it; default: this machine.")]
Gpus = Annotated[float, typer.Option(min=0, help="GPUs of each Ray actor, for the base model that writes.")]
WithCopy = Annotated[bool, typer.Option("--with-copy", help="Write the words that go with each list.")]
Anew = Annotated[bool, typer.Option("--anew", help="Discard a run that broke off in the folder.")]

app = typer.Typer()
campaign_app = typer.Typer(help="Campaigns: who should hear of what.", no_args_is_help=True)
app.add_typer(campaign_app, name="campaign")


@app.command("batch")
def batch_command(
    out: Annotated[Path, typer.Option(help="Folder of the runs; the one in use is named in current.json.")],
    users: Users = ALL,
    k: K = 20,
    max_price: MaxPrice = None,
    category: Category = None,
    rules: BatchRules = None,
    with_copy: WithCopy = False,
    base_model: BaseModel = None,
    publish_it: Annotated[
        bool, typer.Option("--publish", help="Load the run into the database too, and serve it from there.")
    ] = False,
    engine_name: EngineName = LOCAL,
    workers: Workers = None,
    address: Address = None,
    gpus: Gpus = 0.0,
    anew: Anew = False,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """Recommendations for many shoppers at once, as of now, into Parquet. One that broke off goes on where it was.

    Example: recommender batch --users all --k 20 --out batch --publish
    """
    request = BatchRequest(
        database=database,
        artifacts=artifacts,
        out=out,
        shoppers=users,
        k=k,
        constraints=constraints_of(max_price, category),
        rules=NO_RULES if rules is None else rules_of(rules.read_bytes()),
        writer=_writer(with_copy, base_model),
        anew=anew,
    )
    engine = engine_of(engine_name, workers=workers, address=address, gpus=gpus)
    with terminal.share_progress("batch") as progress:
        manifest = run_batch(request, engine, progress=progress)
        if publish_it:
            publish(open_database(database, must_exist=True), out, progress=progress)
    _print_batch(manifest, out, as_json)


def _print_batch(manifest: BatchManifest, out: Path, as_json: bool) -> None:
    if as_json:
        terminal.print_json({"folder": out / manifest.plan.run_id, **manifest.model_dump(mode="json")})
    else:
        terminal.print_batch(manifest, out)


@app.command("prepared")
def prepared_command(
    user: Shopper,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """What the batch in use prepared for one shopper, as it may be shown now.

    Example: recommender prepared shopper-00042
    """
    with Shop.open(database, artifacts, "none") as shop:
        found = shop.recommendations_of(user)
    if found is None:
        raise UnknownIdError(f"no batch in use prepared anything for {user!r}; run `recommender batch --publish`")
    if as_json:
        terminal.print_json(found.model_dump(mode="json"))
    else:
        terminal.print_prepared(found)


Rows = Annotated[Path | None, typer.Option("--out", help="Parquet file for all rows; one of that name is replaced.")]
Since = Annotated[str, typer.Option(help="Compare with the catalogue of this time; ISO 8601, UTC.", metavar="TIME")]
PerShopper = Annotated[int, typer.Option(min=1, help="Products of one shopper at most.")]
InterestDays = Annotated[float, typer.Option(min=0.01, help="How far back an interest counts, in days.")]


@campaign_app.command("audience")
def campaign_audience(
    item: Annotated[str, typer.Argument(help="Item id.")],
    top: Annotated[int, typer.Option(min=1, help="How many shoppers.")] = TOP,
    users: Users = ALL,
    engine_name: EngineName = LOCAL,
    workers: Workers = None,
    address: Address = None,
    out: Rows = None,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """Who should hear of a product: the shoppers for whom it scores highest, of those who do not have it.

    Example: recommender campaign audience mug-0001 --top 500 --out audience.parquet
    """
    request = BatchRequest(database=database, artifacts=artifacts, out=Path(), shoppers=users)
    engine = engine_of(engine_name, workers=workers, address=address)
    with terminal.share_progress("audience") as progress:
        found = audience(request, item, engine, top=top, progress=progress)
    _print_rows([{"user_id": one.user_id, "score": one.score} for one in found], out, as_json)


@campaign_app.command("mail")
def campaign_mail(
    out: Annotated[Path, typer.Option(help="Folder of the runs, as of `recommender batch`.")],
    users: Users = ALL,
    k: K = mails.K,
    per_category: Annotated[int, typer.Option(min=1, help="Items of one category at most.")] = mails.PER_CATEGORY,
    shown: Annotated[int, typer.Option(min=1, max=1_000, help="Leave out what so many lists ...")] = mails.SHOWN,
    days: Annotated[float, typer.Option(min=0.01, max=365, help="... of so many days showed in vain.")] = mails.DAYS,
    sent: Annotated[
        bool, typer.Option("--sent", help="Keep the lists as shown, so that the next mail's cap counts them.")
    ] = False,
    with_copy: WithCopy = False,
    base_model: BaseModel = None,
    engine_name: EngineName = LOCAL,
    workers: Workers = None,
    address: Address = None,
    gpus: Gpus = 0.0,
    anew: Anew = False,
    database: Database = DEFAULT_DATABASE,
    artifacts: ArtifactsFolder = DEFAULT_ARTIFACTS,
    as_json: Json = False,
) -> None:
    """What to put in each shopper's mail: a batch with a frequency cap and a limit for each category.

    Example: recommender campaign mail --out mail --with-copy --sent
    """
    request = BatchRequest(
        database=database,
        artifacts=artifacts,
        out=out,
        shoppers=users,
        k=k,
        rules=mails.mail_rules(per_category, shown, days),
        writer=_writer(with_copy, base_model),
        anew=anew,
    )
    engine = engine_of(engine_name, workers=workers, address=address, gpus=gpus)
    with terminal.share_progress("mail") as progress:
        manifest = run_batch(request, engine, progress=progress)
    if sent:
        mails.record_mail(open_database(database, must_exist=True), out)
    _print_batch(manifest, out, as_json)


@campaign_app.command("back-in-stock")
def campaign_back_in_stock(
    since: Since,
    per_shopper: PerShopper = PER_SHOPPER,
    interest_days: InterestDays = INTEREST_DAYS,
    out: Rows = None,
    database: Database = DEFAULT_DATABASE,
    as_json: Json = False,
) -> None:
    """Who wanted what was out of stock then and is in stock now.

    Example: recommender campaign back-in-stock --since 2026-01-01
    """
    _notify(came_back, since, per_shopper, interest_days, out, database, as_json)


@campaign_app.command("price-drop")
def campaign_price_drop(
    since: Since,
    percent: Annotated[float, typer.Option(help="A drop of at least so many percent.")] = LEAST_PERCENT,
    per_shopper: PerShopper = PER_SHOPPER,
    interest_days: InterestDays = INTEREST_DAYS,
    out: Rows = None,
    database: Database = DEFAULT_DATABASE,
    as_json: Json = False,
) -> None:
    """Who wanted what costs less now than then.

    Example: recommender campaign price-drop --since 2026-01-01 --percent 10
    """
    _notify(dropped_by(percent), since, per_shopper, interest_days, out, database, as_json)


def _notify(
    changed: Changed,
    since: str,
    per_shopper: int,
    interest_days: float,
    out: Path | None,
    database: str,
    as_json: bool,
) -> None:
    engine, moment = open_database(database, must_exist=True), moment_of(since)
    assert moment is not None  # a text was given
    with terminal.working("comparing the catalogue"):
        found = notices(engine, changed, moment, per_shopper=per_shopper, interest_days=interest_days)
    _print_rows([one.as_row() for one in found], out, as_json)


def _print_rows(rows: list[dict[str, Any]], out: Path | None, as_json: bool) -> None:
    """All rows into a file, where there is one, or into the JSON; the first of them to a person."""
    if out is not None:
        write_durably(out, parquet(pa.Table.from_pylist(rows)))
    if as_json:
        terminal.print_json(
            {"count": len(rows), "file": out} if out is not None else {"count": len(rows), "rows": rows}
        )
    else:
        terminal.print_rows(rows, out)


def _writer(with_copy: bool, base_model: str | None) -> str | None:
    return (base_model or COMPACT) if with_copy else None
