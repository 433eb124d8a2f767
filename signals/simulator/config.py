"""What can be said about a simulated shop before it is made."""

from datetime import UTC, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.base import UtcDatetime
from schemas.money import Currency

EVENTS_PER_SHOPPER = 12


class SimulatorConfig(BaseModel):
    """The same config makes the same shop, byte for byte.

    The events lie in [``end`` - ``days``, ``end``). There are at least ``n_events`` of them, and few more.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    n_products: int = Field(default=450, ge=50, le=50_000)
    n_shoppers: int = Field(default=3_000, ge=1, le=1_000_000)
    days: int = Field(default=90, ge=7, le=730)
    n_events: int = Field(default=120_000, ge=EVENTS_PER_SHOPPER, le=10_000_000)
    seed: int = Field(default=0, ge=0)
    end: UtcDatetime = datetime(2026, 11, 1, tzinfo=UTC)
    currency: Currency = "GBP"

    @model_validator(mode="after")
    def _every_shopper_can_act(self) -> Self:
        needed = EVENTS_PER_SHOPPER * self.n_shoppers
        if self.n_events < needed:
            raise ValueError(
                f"n_events is {self.n_events}, too few for {self.n_shoppers} shoppers: "
                f"pass at least {needed} ({EVENTS_PER_SHOPPER} each) or fewer shoppers"
            )
        return self
