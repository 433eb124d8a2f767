"""A trigram model of sentences, with interpolated Witten-Bell smoothing, written as ARPA text.

Witten and Bell, "The zero-frequency problem", IEEE Transactions on Information Theory 37 (1991); the interpolated form
is that of Chen and Goodman, "An empirical study of smoothing techniques for language modeling" (1999).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import log10
from typing import Final

START: Final = "<s>"
END: Final = "</s>"
ORDER: Final = 3
_NEVER: Final = -99.0

Gram = tuple[str, ...]


class Trigrams:
    """Probabilities of words after the two before, learned from sentences; each counts as often as it comes."""

    def __init__(self, sentences: Iterable[Sequence[str]]) -> None:
        self._counts: list[defaultdict[Gram, Counter[str]]] = [defaultdict(Counter) for _ in range(ORDER)]
        for sentence in sentences:
            self._add((START, *sentence, END))
        found = self._counts[0][()]
        self._unigrams = {word: found[word] / found.total() for word in sorted(found)}

    def _add(self, words: Gram) -> None:
        for place in range(1, len(words)):
            for length in range(min(ORDER, place + 1)):
                self._counts[length][words[place - length : place]][words[place]] += 1

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that may be heard, without the marks of a sentence's ends."""
        return tuple(word for word in self._unigrams if word != END)

    def probability(self, word: str, history: Gram) -> float:
        """Of a word after at most two others."""
        if not history:
            return self._unigrams.get(word, 0.0)
        found = self._counts[len(history)].get(history)
        shorter = self.probability(word, history[1:])
        if not found:
            return shorter
        return (found[word] + len(found) * shorter) / (found.total() + len(found))

    def arpa(self) -> Iterator[str]:
        """The lines of an ARPA file."""
        grams = [self._grams(length) for length in range(1, ORDER + 1)]
        yield "\\data\\"
        yield from (f"ngram {length}={len(found)}" for length, found in enumerate(grams, 1))
        for length, found in enumerate(grams, 1):
            yield f"\n\\{length}-grams:"
            yield from (self._line(gram) for gram in found)
        yield "\n\\end\\"

    def _grams(self, length: int) -> list[Gram]:
        if length == 1:
            return [(START,), *((word,) for word in self._unigrams)]
        return sorted((*history, word) for history, after in self._counts[length - 1].items() for word in after)

    def _line(self, gram: Gram) -> str:
        probability = 0.0 if gram == (START,) else self.probability(gram[-1], gram[:-1])
        line = f"{log10(probability) if probability else _NEVER:.4f} {' '.join(gram)}"
        after = self._counts[len(gram)].get(gram) if len(gram) < ORDER else None
        if after is None:
            return line
        return f"{line} {log10(len(after) / (after.total() + len(after))):.4f}"
