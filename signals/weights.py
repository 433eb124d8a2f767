"""How much each kind of event says about a taste."""

from pydantic import Field

from schemas.base import Contract


class EventWeights(Contract):
    """One weight per event kind; 0 leaves the kind out of interactions and histories.

    A refund has no weight of its own: it takes back the purchases of the same shopper and item. The defaults say that
    taking an item out of the cart undoes putting it in, and that a dislike undoes a purchase.
    """

    impression: float = 0.0
    view: float = Field(default=0.1, allow_inf_nan=False)
    click: float = Field(default=0.15, allow_inf_nan=False)
    add_to_cart: float = Field(default=0.5, allow_inf_nan=False)
    remove_from_cart: float = Field(default=-0.5, allow_inf_nan=False)
    wishlist: float = Field(default=0.4, allow_inf_nan=False)
    purchase: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    like: float = Field(default=0.5, allow_inf_nan=False)
    dislike: float = Field(default=-1.0, allow_inf_nan=False)
    dwell: float = Field(default=0.1, allow_inf_nan=False)
