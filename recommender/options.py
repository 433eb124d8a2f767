"""Options that several commands of the command line share, and what their texts mean."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from recommender.errors import BadRequestError
from schemas import Constraints, Money

Database = Annotated[
    str, typer.Option(envvar="RECOMMENDER_DATABASE_URL", help="SQLAlchemy URL of the shop's database.", metavar="URL")
]
ArtifactsFolder = Annotated[
    Path, typer.Option(envvar="RECOMMENDER_ARTIFACTS", help="Folder of trained artifacts.", metavar="DIR")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of standard output.")]
K = Annotated[int, typer.Option("-k", "--k", help="How many items, 1 to 10,000.")]
Time = Annotated[str | None, typer.Option(help="ISO 8601, UTC where it has no offset.", metavar="TIME")]
MaxPrice = Annotated[str | None, typer.Option(help='Highest price with its currency, as in "50 GBP".')]
Category = Annotated[list[str] | None, typer.Option(help="Category; repeat it for alternatives.")]
Shopper = Annotated[str, typer.Argument(help="User id; of an anonymous shopper, anonymous:ID.")]
BaseModel = Annotated[
    str | None,
    typer.Option(
        envvar="BASE_MODEL",
        help='What writes replies: "compact" (bundled, the default), "none", a hub id, a folder, or URL#model.',
    ),
]

DEFAULT_DATABASE = "sqlite:///shop.db"
DEFAULT_ARTIFACTS = Path("artifacts")


def constraints_of(max_price: str | None, category: list[str] | None) -> Constraints:
    """What --max-price and --category say."""
    if max_price is None and not category:
        return Constraints()
    return Constraints(max_price=money_of(max_price), category=tuple(category or ()))


def moment_of(text: str | None) -> datetime | None:
    """A time; UTC where the text has no offset."""
    try:
        moment = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise BadRequestError(f"{text!r} is no time; write one as in 2026-11-09 or 2026-11-09T12:00+01:00") from None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def money_of(text: str | None) -> Money | None:
    if text is None:
        return None
    try:
        amount, currency = text.split()
        return Money(amount, currency)  # type: ignore[arg-type]  # pydantic reads the string exactly
    except ValueError:
        raise BadRequestError(f'{text!r} is no price; write an amount and a currency, as in "50 GBP"') from None
