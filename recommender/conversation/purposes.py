"""Whom something is for and what for: "for my aunt", "a 6 year old", "a birthday present", "her mum's wedding".

A word that the catalogue has is left to it unless the words around say that it is a person or an occasion: "a birthday
card" is a card with "birthday" in its title, "a card for her birthday" is for an occasion.
"""

from collections.abc import Iterator
from typing import Final

from recommender.conversation import lexicon
from recommender.conversation.tokens import Tokens
from recommender.conversation.vocabulary import Vocabulary
from recommender.text import TokenKind, word_set

RECIPIENTS: Final = word_set(
    """
    mum mom mam mummy mommy mother dad daddy father parent wife husband spouse partner fiance fiancee girlfriend
    boyfriend bride groom bridesmaid sister brother sibling son daughter child kid baby toddler newborn infant boy girl
    teen teenager adult man woman lady gentleman friend colleague coworker boss manager neighbour neighbor teacher
    nurse student pupil aunt auntie aunty uncle niece nephew cousin grandmother grandma granny gran nan nana nanny
    grandfather grandad granddad grandpa grandparent grandson granddaughter grandchild stepson stepdaughter godson
    goddaughter godmother godfather roommate flatmate housemate hostess stepmum stepdad secretary
    """
)
"""Folded."""
_PRONOUNS: Final = word_set("him her them")
_DETERMINERS: Final = word_set("a an the my our his her their your some two three both all this that")
_DESCRIBED: Final = word_set(
    "dear lovely little young younger older elder eldest youngest old best good close big new great favourite favorite"
)
_GAP: Final = _DETERMINERS | _DESCRIBED
_POSSESSIVES: Final = word_set("my our his her their")
_TELLS_OF: Final = word_set(
    "like likes love loves want wants need needs collect collects enjoy enjoys adores would has is turns who hates"
)
_AGE_UNITS: Final = {"year": "year", "yr": "year", "month": "month", "week": "week"}


def _phrases(text: str) -> dict[tuple[str, ...], str]:
    """Ways of writing an occasion, the first of each line being its name."""
    lines = (line.split(";") for line in text.strip().splitlines())
    return {tuple(way.split()): names[0].strip() for names in lines for way in names}


OCCASIONS: Final = _phrases(
    """
    birthday; bday; birthday party
    wedding; weddings; wedding day
    anniversary; wedding anniversary
    engagement; engagement party
    christmas; xmas; christmas day; christmas eve
    easter; easter sunday
    halloween
    thanksgiving
    mothers day; mother day; mum day
    fathers day; father day; dad day
    valentines day; valentine day; valentines; valentine
    new year; new years; new years eve
    hanukkah
    diwali
    eid
    graduation
    retirement
    christening; baptism
    baby shower
    bridal shower
    hen party; hen do
    stag do
    housewarming; house warming; housewarming party
    dinner party
    garden party
    party; parties
    picnic; picnics
    barbecue; bbq; barbeque
    festival
    honeymoon
    prom
    job interview; interview
    """
)
WORDS: Final = RECIPIENTS | _PRONOUNS | frozenset(word for way in OCCASIONS for word in way) | frozenset(_AGE_UNITS)


class Purposes:
    """Reads the purposes of one message and marks their tokens."""

    def __init__(self, tokens: Tokens, vocabulary: Vocabulary) -> None:
        self._tokens = tokens
        self._vocabulary = vocabulary
        self._occasions: set[int] = set()

    def read(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The recipients and the occasions."""
        occasions = self._read_occasions()
        return self._read_recipients(), occasions

    def _read_recipients(self) -> tuple[str, ...]:
        """The persons, folded, and ages as in "6 year old", in the order in which they are said."""
        found: list[str] = []
        for position in range(len(self._tokens.all)):
            if self._tokens.is_read(position):
                continue
            length, age = self._age(position)
            if length:
                found.append(age)
            elif self._is_recipient(position):
                length = 1 + self._in_law(position + 1)
                found.append(self._tokens.folded_at(position) + " in law" * (length > 1))
            self._tokens.mark(position, position + length)
        return tuple(dict.fromkeys(found))

    def _read_occasions(self) -> tuple[str, ...]:
        """The occasions, by their commonest names."""
        found: list[str] = []
        for position in range(len(self._tokens.all)):
            length = self._tokens.phrase_at(position, OCCASIONS)
            if length and self._is_occasion(position, length):
                found.append(OCCASIONS[tuple(self._texts(position, length))])
                self._tokens.mark(position, position + length)
                self._occasions.add(position)
        return tuple(dict.fromkeys(found))

    def _age(self, position: int) -> tuple[int, str]:
        """The length and the words of an age: "5-year-old", "18 months old"; "aged 5" is one of years."""
        number = self._tokens.all[position]
        if number.kind is not TokenKind.NUMBER or not number.text.isdigit():
            return 0, ""
        following = [at for at in range(position + 1, position + 6) if self._tokens.text_at(at) != "-"]
        unit = _AGE_UNITS.get(self._tokens.folded_at(following[0]))
        if unit and self._tokens.folded_at(following[1]) == "old":
            return following[1] + 1 - position, f"{number.text} {unit} old"
        return (1, f"{number.text} year old") if self._tokens.text_at(position - 1) == "aged" else (0, "")

    def _is_recipient(self, position: int) -> bool:
        token = self._tokens.all[position]
        if token.text in _PRONOUNS:
            return self._tokens.text_at(position - 1) == "for" and not self._owns_what_follows(position)
        if token.kind is not TokenKind.WORD or token.folded not in RECIPIENTS or token.folded in self._vocabulary.terms:
            return False
        return token.folded not in self._vocabulary.single_words or self._is_for(position) or self._is_told_of(position)

    def _in_law(self, position: int) -> int:
        """How many tokens the "in-law" of a "mother-in-law" takes, 0 for none."""
        for way in (("in", "law"), ("-", "in", "-", "law")):
            if tuple(self._texts(position, len(way))) in (way, (*way[:-1], "laws")):
                return len(way)
        return 0

    def _owns_what_follows(self, position: int) -> bool:
        """Whether "her" goes with a noun: "for her birthday" is for no one named."""
        if position + 1 in self._occasions:
            return True
        following = self._tokens.all[position + 1 : position + 2]
        if not following or following[0].kind is not TokenKind.WORD or self._tokens.is_read(position + 1):
            return False
        return following[0].text not in lexicon.STOP_WORDS

    def _is_for(self, position: int) -> bool:
        """Whether "for" stands before this, with nothing between but "my", "best", an age or another person."""
        at = position - 1
        while at >= 0 and (self._tokens.text_at(at) in _GAP or self._is_said(at)):
            at -= 1
        return self._tokens.text_at(at) == "for"

    def _is_said(self, at: int) -> bool:
        text, folded = self._tokens.text_at(at), self._tokens.folded_at(at)
        return text in ("and", "or", "&", "-") or folded in RECIPIENTS or (self._tokens.is_read(at) and text.isalnum())

    def _is_told_of(self, position: int) -> bool:
        """Whether it is told of "my wife": "my wife loves tea", "my wife's birthday"."""
        told = self._tokens.text_at(position + 1) in _TELLS_OF or position + 1 in self._occasions
        return told and self._tokens.text_at(position - 1) in _POSSESSIVES

    def _is_occasion(self, position: int, length: int) -> bool:
        known = self._vocabulary.single_words
        if not all(word in known for word in self._folded(position, length)):
            return True
        return self._is_given(position + length) or (
            self._is_attended(position) and not self._is_thing(position + length)
        )

    def _is_given(self, after: int) -> bool:
        """Whether a present follows, and not the "gift bag" that a title has."""
        return self._tokens.folded_at(after) in lexicon.PRESENTS and not self._is_thing(after + 1)

    def _is_thing(self, position: int) -> bool:
        """Whether titles have a word, as the "cake" of "a birthday cake"."""
        folded = self._tokens.folded_at(position)
        return folded in self._vocabulary.title_words and folded not in lexicon.STOP_WORDS | lexicon.PRESENTS

    def _is_attended(self, position: int) -> bool:
        """Whether it is "for a wedding", "at the party" or somebody's."""
        before = self._tokens.folded_at(position - 1)
        return before in RECIPIENTS or before in _POSSESSIVES or self._is_for(position) or self._is_at(position)

    def _is_at(self, position: int) -> bool:
        at = position - 1
        while self._tokens.text_at(at) in _DETERMINERS:
            at -= 1
        return self._tokens.text_at(at) == "at"

    def _texts(self, position: int, length: int) -> Iterator[str]:
        return (token.text for token in self._tokens.all[position : position + length])

    def _folded(self, position: int, length: int) -> Iterator[str]:
        return (token.folded for token in self._tokens.all[position : position + length])
