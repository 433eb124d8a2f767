"""Makes `letters.json` from a pronouncing dictionary: ``python -m recommender.base_model.speech.train_letters``.

Letters are aligned with phones by expectation maximisation over single best alignments, then rules are grown from the
least context to the most. Without an argument the dictionary is the CMU one that pocketsphinx carries (BSD licence).
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Final

from recommender.base_model.speech.dictionary import bundled_dictionary
from recommender.base_model.speech.letters import CONTEXTS, RULES, contexts, sounds

ROUNDS: Final = 6
MAX_PHONES: Final = 2
"""Phones that one letter may stand for, as in "box"."""
MIN_WORDS: Final = 4
"""Words that a rule must be seen in."""
HELD_OUT: Final = 20
"""Every so many-th word is held out to measure on."""

Word = tuple[str, tuple[str, ...]]
Chunks = tuple[str, ...]


def main() -> None:
    words = [(word, said[0]) for word, said in bundled_dictionary().items() if word.isascii() and word.isalpha()]
    train = [word for place, word in enumerate(words) if place % HELD_OUT]
    test = words[::HELD_OUT]
    rules = grow(align(train))
    RULES.write_text(json.dumps(rules, sort_keys=True, separators=(",", ":")) + "\n", encoding="ascii")
    right = sum(sounds(word, rules) == said for word, said in test)
    wrong = sum(_distance(sounds(word, rules), said) for word, said in test) / sum(len(said) for _, said in test)
    sys.stdout.write(
        f"{len(rules):,} rules; of {len(test):,} words held out {right / len(test):.3f} are right, "
        f"phone error rate {wrong:.3f}\n"
    )


def align(words: Sequence[Word]) -> list[tuple[str, Chunks]]:
    """Each word with the phones of each of its letters; words that are shorter than half their phones are left out."""
    fitting = [(word, said) for word, said in words if len(said) <= MAX_PHONES * len(word)]
    scores: Mapping[tuple[str, str], float] = {}
    aligned: list[tuple[str, Chunks]] = []
    for _ in range(ROUNDS):
        aligned = [(word, _best(word, said, scores)) for word, said in fitting]
        counts = Counter(
            (letter, chunk) for word, chunks in aligned for letter, chunk in zip(word, chunks, strict=True)
        )
        letters = Counter(letter for word, _ in aligned for letter in word)
        scores = {pair: log(count / letters[pair[0]]) for pair, count in counts.items()}
    return aligned


def _best(word: str, said: Sequence[str], scores: Mapping[tuple[str, str], float]) -> Chunks:
    """The best alignment (Viterbi); at first, without scores, the one nearest to the diagonal."""
    unseen = -12.0
    reached: dict[int, tuple[float, Chunks]] = {0: (0.0, ())}
    for place, letter in enumerate(word):
        after: dict[int, tuple[float, Chunks]] = {}
        for start, (score, chunks) in reached.items():
            for stop in range(start, min(start + MAX_PHONES, len(said)) + 1):
                chunk = " ".join(said[start:stop])
                step = scores.get((letter, chunk), unseen) if scores else _off_diagonal(word, said, place, stop)
                total = score + step - 0.5 * (stop - start == MAX_PHONES)
                if stop not in after or total > after[stop][0]:
                    after[stop] = (total, (*chunks, chunk))
        reached = after
    return reached[len(said)][1]


def _off_diagonal(word: str, said: Sequence[str], place: int, stop: int) -> float:
    return -abs((place + 1) * len(said) / len(word) - stop)


def grow(aligned: Iterable[tuple[str, Chunks]]) -> dict[str, str]:
    """The rules: for each context the commonest sound, where shorter contexts say another."""
    seen = [defaultdict[str, Counter[str]](Counter) for _ in CONTEXTS]
    for word, chunks in aligned:
        for place, chunk in enumerate(chunks):
            for level, context in enumerate(contexts(word, place)):
                seen[level][context][chunk] += 1
    rules: dict[str, str] = {}
    for level, found in enumerate(seen):
        for context, counts in found.items():
            chunk, count = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            if count >= MIN_WORDS and chunk != _shorter(context, level, rules):
                rules[context] = chunk
    return rules


def _shorter(context: str, level: int, rules: Mapping[str, str]) -> str | None:
    """What the rules of less context say."""
    left, letter, right = context.split(".")
    for fewer_left, fewer_right in reversed(CONTEXTS[:level]):
        shorter = f"{left[len(left) - fewer_left :]}.{letter}.{right[:fewer_right]}"
        if shorter in rules:
            return rules[shorter]
    return None


def _distance(said: Sequence[str], meant: Sequence[str]) -> int:
    """Phones to insert, delete or replace (Levenshtein)."""
    row = list(range(len(meant) + 1))
    for place, phone in enumerate(said, 1):
        before, row[0] = row[0], place
        for other, wanted in enumerate(meant, 1):
            before, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, before + (phone != wanted))
    return row[-1]


if __name__ == "__main__":
    main()
