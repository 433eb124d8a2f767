"""Prices and reasons in words, the same in a reply, a table and a report."""

from typing import Final

from babel.numbers import format_currency, get_currency_name, get_currency_precision

from recommender.text import clean
from schemas import EventKind, Money, Reason, ReasonKind

MAX_TITLE: Final = 120
MAX_VALUE: Final = 60

_LOCALES: Final = {"USD": "en_US", "EUR": "en_IE", "INR": "en_IN", "JPY": "en_US", "AUD": "en_AU", "CAD": "en_CA"}
_DEEDS: Final = {
    EventKind.PURCHASE: "you bought {}",
    EventKind.VIEW: "you looked at {}",
    EventKind.CLICK: "you looked at {}",
    EventKind.DWELL: "you looked at {}",
    EventKind.ADD_TO_CART: "you put {} in your basket",
    EventKind.WISHLIST: "you put {} on your wish list",
    EventKind.LIKE: "you liked {}",
}
_SAID: Final = {"&": " and ", "+": " plus ", "%": " percent ", "£": " pounds ", "$": " dollars ", "€": " euros "}
_OF_THE_REQUEST: Final = {
    ReasonKind.PHOTO: "it looks like your photo",
    ReasonKind.WORDS: "it matches your words",
}


def price_text(money: Money) -> str:
    """A price as people of that currency write it: exact, never rounded."""
    locale = _LOCALES.get(money.currency, "en_GB")
    return format_currency(money.amount.normalize(), money.currency, locale=locale, decimal_quantization=False)


def spoken_price(money: Money) -> str:
    """A price as it is read aloud: "8.50 British pounds"."""
    digits = get_currency_precision(money.currency)
    whole = money.amount == money.amount.to_integral_value()
    amount = f"{money.amount:.0f}" if whole else f"{money.amount.normalize():.{digits}f}"
    return f"{amount} {get_currency_name(money.currency, count=money.amount, locale='en_GB')}"


def spoken(text: str) -> str:
    """A text without symbols, for a voice: "Salt & Pepper / 2-pack" becomes "Salt and Pepper 2 pack"."""
    said = "".join(_SAID.get(one, one if one.isalnum() or one in " ,.'" else " ") for one in text)
    return " ".join(said.split())


def reason_text(reason: Reason, item_id: str) -> str:
    """Why `item_id` is recommended; "" where there is nothing to say. What was done with itself is "it"."""
    if reason.kind in _OF_THE_REQUEST:
        return _OF_THE_REQUEST[reason.kind]
    if reason.kind is ReasonKind.POPULAR:
        return "popular in this shop"
    if reason.kind is ReasonKind.FEATURE:
        feature = clean(reason.feature or "", MAX_VALUE)
        return f"a match on {feature}" if feature else ""
    deed = _DEEDS.get(reason.event_kind) if reason.event_kind else None
    if deed and reason.item_id == item_id:
        return f"{deed.format('it')} before"
    title = clean(reason.title or "", MAX_TITLE)
    return deed.format(title) if title and deed else ""
