"""Which field of a product's row says what a writer says in words of its own."""

from collections.abc import Iterator

from recommender.conversation.fact_words import COMMON_VALUES
from recommender.conversation.slots import TITLE
from recommender.conversation.vocabulary import BRAND, CATEGORY, Vocabulary
from recommender.text import phrase_key, words
from schemas import ProductRow


def field_with(row: ProductRow | None, key: str, vocabulary: Vocabulary) -> str | None:
    """The field of a row that has a value with this key, or the title where its words hold it; None for neither.

    A word that is a value of some field, as "red" is a colour, must be that field's value in the row: the title of
    "Glass for Red Wine" makes no clear glass red. Only a row without that field is read by its title.
    """
    if row is None:
        return None
    fields = list(_fields(row))
    for name, value in fields:
        if phrase_key(words(value)) == key:
            return name
    if _fields_of(key, vocabulary) & {_folded(name) for name, _ in fields}:
        return None
    return TITLE if f" {key} " in f" {phrase_key(words(row.title))} " else None


def _fields_of(key: str, vocabulary: Vocabulary) -> set[str]:
    """The folded names of the fields that have this value anywhere, or in any shop."""
    known = {_folded(term.field) for term in vocabulary.terms.get(key, ())}
    return known | ({COMMON_VALUES[key]} if key in COMMON_VALUES else set())


def _fields(row: ProductRow) -> Iterator[tuple[str, str]]:
    if row.brand:
        yield BRAND, row.brand
    yield from ((CATEGORY, name) for name in row.category)
    yield from ((name, value) for name, values in row.attributes.items() for value in values)


def _folded(name: str) -> str:
    return phrase_key(words(name))
