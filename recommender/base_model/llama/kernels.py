"""The arithmetic of a Llama decoder for a few tokens at a time, compiled.

Of three million weights a token takes 0.2 ms so, and 3 ms as a hundred calls of torch. What is computed of a token is
the same to the bit whatever stands beside it: each answer has its own cache without padding, and sums go in one order.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from recommender.base_model.llama.products import PANEL, Floats, add_product
from recommender.base_model.llama.products import compiled as _compiled

_reordered = njit(nogil=True, cache=True, fastmath={"contract", "reassoc", "nnan", "nsz"}, error_model="numpy")


class Weights(NamedTuple):
    """Those of all layers are stacked; matrices are in panels.

    Attributes
    ----------
    reading : queries, keys and values beside each other
    widening : gates and values of the feed-forward part beside each other
    frequencies : of the rotary places, shape (head size / 2,)
    scoring, vocabulary : of the words; how many they are
    """

    attention_norm: Floats
    reading: Floats
    attending: Floats
    forward_norm: Floats
    widening: Floats
    narrowing: Floats
    frequencies: Floats
    last_norm: Floats
    scoring: Floats
    vocabulary: int
    epsilon: np.float32


@_reordered
def _square(x):  # type: ignore[no-untyped-def]
    total = np.float32(0)
    for j in range(len(x)):
        total += x[j] * x[j]
    return total


@_compiled
def normed(x, weight, epsilon):  # type: ignore[no-untyped-def]
    """Each row over its root mean square."""
    made = np.empty_like(x)
    for row in range(x.shape[0]):
        scale = np.float32(1) / np.float32(math.sqrt(_square(x[row]) / np.float32(x.shape[1]) + epsilon))
        for j in range(x.shape[1]):
            made[row, j] = weight[j] * (x[row, j] * scale)
    return made


@_compiled
def _turns(places, frequencies):  # type: ignore[no-untyped-def]
    """Cosine and sine of each place and frequency, shape (2, n, head size / 2)."""
    made = np.empty((2, len(places), len(frequencies)), np.float32)
    for token in range(len(places)):
        for j in range(len(frequencies)):
            angle = np.float32(places[token]) * frequencies[j]
            made[0, token, j], made[1, token, j] = math.cos(angle), math.sin(angle)
    return made


@_compiled
def _rotate(heads, cosines, sines):  # type: ignore[no-untyped-def]
    """Turns each of some heads of one token, shape (n, size)."""
    half = len(cosines)
    for head in range(heads.shape[0]):
        for j in range(half):
            left, right = heads[head, j], heads[head, half + j]
            heads[head, j] = left * cosines[j] - right * sines[j]
            heads[head, half + j] = right * cosines[j] + left * sines[j]


@_compiled
def exponentials(x):  # type: ignore[no-untyped-def]
    """``e ** x`` in place, to 2e-7 of it, for x of at most 88 and shape (n,).

    A power of two, put together from its bits, times a polynomial: a loop that a compiler can make vectors of.
    """
    powers = np.empty(len(x), np.int32)
    for j in range(len(x)):
        bounded = max(x[j], np.float32(-87))
        whole = np.floor(bounded * np.float32(1.442695041) + np.float32(0.5))
        powers[j] = (np.int32(whole) + np.int32(127)) << np.int32(23)
        rest = (bounded - whole * np.float32(0.693359375)) + whole * np.float32(2.12194440e-4)
        part = np.float32(1 / 720)
        for coefficient in (1 / 120, 1 / 24, 1 / 6, 1 / 2, 1.0, 1.0):
            part = part * rest + np.float32(coefficient)
        x[j] = part
    scales = powers.view(np.float32)
    for j in range(len(x)):
        x[j] *= scales[j]


@_reordered
def _best(x):  # type: ignore[no-untyped-def]
    best = x[0]
    for j in range(1, len(x)):
        best = max(best, x[j])
    return best


@_reordered
def _sum(x):  # type: ignore[no-untyped-def]
    total = np.float32(0)
    for j in range(len(x)):
        total += x[j]
    return total


@_compiled
def _softmax(scores, length, scale):  # type: ignore[no-untyped-def]
    """Of the first ``length`` scores, in place; the others are of tokens that come later, and become 0."""
    best = _best(scores[:length])
    for j in range(length):
        scores[j] = (scores[j] - best) * scale
    exponentials(scores[:length])
    share = np.float32(1) / _sum(scores[:length])
    for j in range(length):
        scores[j] *= share
    for j in range(length, len(scores)):
        scores[j] = 0


@_compiled
def _attend(read, first, keys, values, attended):  # type: ignore[no-untyped-def]
    """Of the next tokens of one answer in one layer, the first of them at place ``first``; the last of them ask."""
    asking, heads, size = attended.shape
    count, key_heads = len(read), len(keys)
    shared, silent = heads // key_heads, count - asking
    asked = np.empty((asking * shared, size), np.float32)
    for head in range(key_heads):
        for token in range(count):
            for j in range(size):
                keys[head, (first + token) // PANEL, j, (first + token) % PANEL] = read[token, heads + head, j]
                values[head, j // PANEL, first + token, j % PANEL] = read[token, heads + key_heads + head, j]
        for row in range(len(asked)):
            for j in range(size):
                asked[row, j] = read[silent + row // shared, head * shared + row % shared, j]
        scores = np.zeros((len(asked), -(-(first + count) // PANEL) * PANEL), np.float32)
        add_product(asked, keys[head], scores)
        for row in range(len(asked)):
            _softmax(scores[row], first + silent + 1 + row // shared, np.float32(1 / math.sqrt(size)))
        found = np.zeros((len(asked), size), np.float32)
        add_product(scores, values[head], found)
        for row in range(len(asked)):
            for j in range(size):
                attended[row // shared, head * shared + row % shared, j] = found[row, j]


@_compiled
def _gated(wide):  # type: ignore[no-untyped-def]
    """The values times SiLU of their gates."""
    size = wide.shape[1] // 2
    made = np.empty((wide.shape[0], size), np.float32)
    for row in range(wide.shape[0]):
        own = made[row]
        for j in range(size):
            own[j] = min(-wide[row, j], np.float32(88))
        exponentials(own)
        for j in range(size):
            own[j] = wide[row, j] / (np.float32(1) + own[j]) * wide[row, size + j]
    return made


@_compiled
def through_layers(weights, x, rows, firsts, keys, values):  # type: ignore[no-untyped-def]
    """Put the next tokens of some answers through all layers, as many of each answer.

    Of the last layer nothing is needed but what the last token of each answer makes of it.

    Parameters
    ----------
    x : float32, shape (tokens of all answers, size), answer by answer; it is written over
    rows, firsts : int64, shape (n,); the answers, and the place of the first of the tokens in each
    keys : shape (answers, layers, key heads, panels of the room, head size, `PANEL`); those of the tokens are put in
    values : shape (answers, layers, key heads, panels of a head, room, `PANEL`); zero where nothing was put yet

    Returns
    -------
    the last token of each of the answers after the layers, shape (n, size)
    """
    key_heads, size = keys.shape[2], keys.shape[4]
    heads = weights.attending.shape[2] // size
    count, last = len(x) // len(rows), len(weights.reading) - 1
    cosines, sines = _turns(np.repeat(firsts, count) + np.arange(len(x)) % count, weights.frequencies)
    for layer in range(last + 1):
        asking = 1 if layer == last else count
        read = np.zeros((len(x), heads + 2 * key_heads, size), np.float32)
        bare = normed(x, weights.attention_norm[layer], weights.epsilon)
        add_product(bare, weights.reading[layer], read.reshape(len(x), -1))
        for token in range(len(x)):
            _rotate(read[token, : heads + key_heads], cosines[token], sines[token])
        attended = np.empty((len(rows) * asking, heads, size), np.float32)
        for number in range(len(rows)):
            row, first = rows[number], firsts[number]
            own = read[number * count : (number + 1) * count]
            _attend(own, first, keys[row, layer], values[row, layer], attended[number * asking : (number + 1) * asking])
        if layer == last:
            x = x[count - 1 :: count].copy()
        add_product(attended.reshape(len(x), -1), weights.attending[layer], x)
        wide = np.zeros((len(x), 2 * weights.narrowing.shape[2]), np.float32)
        bare = normed(x, weights.forward_norm[layer], weights.epsilon)
        add_product(bare, weights.widening[layer], wide)
        add_product(_gated(wide), weights.narrowing[layer], x)
    return x


@_compiled
def scores_of(weights, x):  # type: ignore[no-untyped-def]
    """Of each word of the vocabulary after each token, float32 of shape (n, vocabulary)."""
    scores = np.zeros((len(x), weights.vocabulary), np.float32)
    add_product(normed(x, weights.last_norm, weights.epsilon), weights.scoring, scores)
    return scores


@_compiled
def read(weights, prompt, row, begun, together, keys, values):  # type: ignore[no-untyped-def]
    """Scores after a prompt, shape (tokens, size), read so many tokens `together` from the ``begun`` one on."""
    last = prompt[:0]
    for first in range(begun, len(prompt), together):
        last = through_layers(
            weights, prompt[first : first + together], np.array([row]), np.array([first]), keys, values
        )
    return scores_of(weights, last)


@_compiled
def write(weights, embeddings, tokens, rows, firsts, keys, values):  # type: ignore[no-untyped-def]
    """Scores after the next token of each of the answers. One call: the interpreter is asked for but once."""
    return scores_of(weights, through_layers(weights, embeddings[tokens], rows, firsts, keys, values))
