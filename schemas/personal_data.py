"""Personal data in what shoppers write, found and left out: no prompt, no log and no row of a database holds it.

It is found by its form: e-mail addresses, telephone, card and account numbers (the last two by their check digits) and
postal addresses. Names of people have no form of their own and are not found.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LEFT_OUT: Final = "…"
"""What stands in the place of personal data: a mark, which says nothing and is read as nothing."""


MAY_BE_PERSONAL: Final = r"[\p{Nd}\p{Cf}@\x{ff20}\x{fe6b}]|\b[Aa][Tt]\b"
"""In the syntax of RE2, for columns of texts: one without it holds nothing that is found here."""


class PersonalDataKind(StrEnum):
    EMAIL = "e-mail address"
    CARD = "card number"
    ACCOUNT = "account number"
    PHONE = "phone number"
    ADDRESS = "postal address"


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Something personal at [start, end) of a text."""

    kind: PersonalDataKind
    start: int
    end: int


_DOMAIN: Final = r"(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}"
_EMAIL: Final = re.compile(
    rf"[\w.%+-]{{1,64}}(?:\s?[@\uff20\ufe6b]\s?|\s?[(\[{{]\s?at\s?[)\]}}]\s?){_DOMAIN}"
    r"|[\w.%+-]{1,64} at [\w-]{1,63}(?: dot [\w-]{2,24}){1,4}",
    re.IGNORECASE,
)
_CARD: Final = re.compile(r"(?<![\d.,])[2-6]\d{3}(?:[ -]?\d){10,15}(?!\d)")
_ACCOUNT: Final = re.compile(r"\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?\b", re.IGNORECASE)
_AREA: Final = r"(?:[2-9](?!00)\d{2}|[89]00)"
_PHONE: Final = re.compile(
    r"(?<![\w.,+-])(?:"
    r"(?:\+|00)[1-9]\d{0,2}(?:[ .-]?\(?\d{1,5}\)?){2,6}"  # with a country code
    r"|\(?0\d{1,4}\)?(?:[ -]\d{3,8}){1,2}|0[1-37-9]\d{9}|0\d(?:[ .]\d{2}){4}"  # in the country
    rf"|(?:1[ .-])?(?:\({_AREA}\) ?|{_AREA}[.-])\d{{3}}[ .-]\d{{4}}"  # North America
    r")(?![\w-]|[.,]\d)"
)
_PHONE_DIGITS: Final = range(9, 16)
"""E.164 has at most 15; with fewer than 9 it is as likely the code of something."""

_STREET: Final = (
    r"(?:street|str|road|rd|avenue|ave|lane|drive|close|crescent|terrace|boulevard|blvd|court|gardens|mews|"
    r"square|parade|highway|grove|row|hill|st|dr|ln)"
)
_NO_NAME: Final = (
    r"(?:a|an|the|and|or|of|for|in|on|at|to|with|by|from|under|over|my|your|some|any|is|are|x|cm|mm|kg|g|ml|inch|inches|"
    r"pack|piece|pieces|pounds?|dollars?|euros?|red|blue|green|black|white|pink|grey|metal|wooden|vintage|retro)\b"
)
_NAME: Final = r"[^\W\d_][\w'\u2019-]{1,20}"
_NO_THING: Final = r"(?! (?:signs?|lamps?|lights?|maps?|art|style|food|wear|prints?|posters?|bikes?|shoes?)\b)"
_ADDRESS: Final = re.compile(
    r"\b(?:(?:flat|apartment|apt|unit) \d{1,4}[a-z]?,? )?\d{1,5}[a-z]?,? "
    rf"(?:(?!{_NO_NAME}){_NAME} ){{1,3}}{_STREET}\b{_NO_THING}"
    r"|\b[^\W\d_]{2,20}(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee) \d{1,4}[a-z]?\b"
    rf"|\b\d{{1,4}},? (?:rue|via|calle|avenue|boulevard) (?:{_NAME} ?){{1,4}}"
    r"|\bp\.? ?o\.? ?box \d{1,7}\b",
    re.IGNORECASE,
)
_POSTCODE: Final = re.compile(
    r"\b(?:[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]?) \d[ABD-HJLNP-UW-Z]{2}\b|\b[A-Z]{2},? \d{5}(?:-\d{4})?\b", re.IGNORECASE
)
_PLACES: Final = (_ADDRESS, _POSTCODE)


def find_personal_data(text: str) -> list[PersonalData]:
    """Everything personal that has a form, in the order of the text; what overlaps counts as what is listed first."""
    found: list[PersonalData] = []
    for one in (*_emails(text), *_accounts(text), *_cards(text), *_phones(text), *_addresses(text)):
        if all(one.end <= other.start or other.end <= one.start for other in found):
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def without_personal_data(text: str) -> str:
    """The text with ``LEFT_OUT`` for everything personal; invisible characters, which would hide some, are left out."""
    if not text.isascii():
        text = "".join(character for character in text if unicodedata.category(character) != "Cf")
    for one in reversed(find_personal_data(text)):
        text = text[: one.start] + LEFT_OUT + text[one.end :]
    return text


def _emails(text: str) -> Iterator[PersonalData]:
    return (PersonalData(PersonalDataKind.EMAIL, *match.span()) for match in _EMAIL.finditer(text))


def _accounts(text: str) -> Iterator[PersonalData]:
    """International bank account numbers (ISO 13616); a word that follows one may look like its last group."""
    for match in _ACCOUNT.finditer(text):
        said = match.group()
        while said and not _is_account("".join(said.split())):
            said = said.rpartition(" ")[0]
        if said:
            yield PersonalData(PersonalDataKind.ACCOUNT, match.start(), match.start() + len(said))


def _is_account(said: str) -> bool:
    turned = said[4:] + said[:4]
    return len(said) >= 15 and int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _cards(text: str) -> Iterator[PersonalData]:
    for match in _CARD.finditer(text):
        if _is_card([int(character) for character in match.group() if character.isdigit()]):
            yield PersonalData(PersonalDataKind.CARD, *match.span())


def _is_card(digits: list[int]) -> bool:
    """The Luhn check (ISO/IEC 7812-1)."""
    doubled = [digit if place % 2 else sum(divmod(2 * digit, 10)) for place, digit in enumerate(reversed(digits), 1)]
    return sum(doubled) % 10 == 0


def _phones(text: str) -> Iterator[PersonalData]:
    for match in _PHONE.finditer(text):
        if sum(character.isdigit() for character in match.group()) in _PHONE_DIGITS:
            yield PersonalData(PersonalDataKind.PHONE, *match.span())


def _addresses(text: str) -> Iterator[PersonalData]:
    for pattern in _PLACES:
        yield from (PersonalData(PersonalDataKind.ADDRESS, *match.span()) for match in pattern.finditer(text))
