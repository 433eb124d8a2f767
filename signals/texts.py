"""Texts of a catalogue without control characters, which could steer the terminal or the page that shows them."""

import re
from typing import Final

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
CONTROL_BUT_LAYOUT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def cleaned(text: str) -> str:
    """Each control character (C0, DEL, C1) is a space."""
    return CONTROL.sub(" ", text)


def cleaned_lines(text: str) -> str:
    """As `cleaned`, for a text that may have line breaks and tabs."""
    return CONTROL_BUT_LAYOUT.sub(" ", text)


def cleaned_or_none(text: str | None) -> str | None:
    return None if text is None else cleaned(text)
