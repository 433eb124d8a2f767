"""What is sent to whoever makes the parts of a batch, and what comes back."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from recommender.catalog import CatalogColumns, Mask, Rows
from recommender.errors import BadRequestError
from recommender.shop.requests import ANYTHING_IN_STOCK, NO_RULES
from schemas import Constraints, Rules
from schemas.recommendation import MAX_K


@dataclass(frozen=True)
class Shelf:
    """What there is to recommend at the run's time, by item index.

    Attributes
    ----------
    eligible : bool, shape (n_items,), what the constraints leave
    brands, categories : int32, shape (n_items,), a number for each, -1 for none
    """

    eligible: Mask
    brands: Rows
    categories: Rows

    @classmethod
    def of(cls, columns: CatalogColumns, constraints: Constraints, excluded: Rows) -> "Shelf":
        eligible = columns.items_of(columns.satisfying(constraints))
        eligible[excluded] = False
        return cls(eligible, columns.brands, columns.categories)


@dataclass(frozen=True)
class Job:
    """One batch, the same for all its parts.

    ``writer`` names what writes the copy ("none": the template); None: no copy is written.
    """

    database: str
    artifacts: Path
    version: str
    as_of: datetime
    k: int
    shelf: Shelf
    constraints: Constraints = ANYTHING_IN_STOCK
    rules: Rules = NO_RULES
    writer: str | None = None


def require_batch(k: int, rules: Rules) -> None:
    """Raises BadRequestError for a `k` out of bounds, and for rules of one request: a batch follows caps and limits."""
    if not 1 <= k <= MAX_K:
        raise BadRequestError(f"k must be an integer between 1 and {MAX_K:,}, got {k}")
    given = {
        "boosts": bool(rules.boosts),
        "promotion": rules.promotion is not None,
        "exploration": rules.exploration is not None,
        "diversity.balance": rules.diversity is not None and rules.diversity.balance < 1,
    }
    refused = [name for name, there in given.items() if there]
    if refused:
        raise BadRequestError(
            f"a batch does not follow {' and '.join(refused)}; of rules it keeps cap, diversity.per_brand and "
            "diversity.per_category. Leave the others out"
        )


@dataclass(frozen=True)
class Task:
    """A part to be made, for shoppers in ascending order."""

    number: int
    user_ids: tuple[str, ...]


@dataclass(frozen=True)
class Done:
    """A part that has been made: the bytes of its file, and what was counted."""

    number: int
    data: bytes
    counts: dict[str, int]


class Work(Protocol):
    """Makes parts, one after the other; expensive to open, so that a process keeps it."""

    def __call__(self, task: Task) -> Done: ...
