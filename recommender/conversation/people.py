"""The people whom a gift may be for, as a pattern over lower-case words."""

from typing import Final

PERSON: Final = (
    "(?:friends?|famil(?:y|ies)|mother|father|mum|dad|sister|brother|aunt|uncle|grandmother|grandfather|wife|husband|"
    "partner|child|children|colleagues?|neighbours?|guests?|host|hostess|visitors?|person)"
)
