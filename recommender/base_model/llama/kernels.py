"""The arithmetic of a Llama decoder for a few tokens at a time, compiled.

Of three million weights a token takes 0.3 ms so, and 3 ms as a hundred calls of torch. What is computed of a token is
the same to the bit whatever stands beside it: each answer has its own cache without padding, and sums go in one order.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float32]
_compiled = njit(nogil=True, cache=True, fastmath={"contract"}, error_model="numpy")


class Weights(NamedTuple):
    """Those of all layers are stacked; matrices have shape (in, out).

    Attributes
    ----------
    reading : queries, keys and values beside each other
    widening : gates and values of the feed-forward part beside each other
    frequencies : of the rotary places, shape (head size / 2,)
    scoring : of the vocabulary
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
    epsilon: np.float32


@_compiled
def add_product(x, matrix, total):  # type: ignore[no-untyped-def]
    """``total += x @ matrix``, of as many rows and columns of ``matrix`` as ``x`` and ``total`` have."""
    columns = total.shape[1]
    whole = x.shape[1] - x.shape[1] % 4
    for k in range(0, whole, 4):
        m0, m1, m2, m3 = matrix[k], matrix[k + 1], matrix[k + 2], matrix[k + 3]
        for row in range(x.shape[0]):
            x0, x1, x2, x3 = x[row, k], x[row, k + 1], x[row, k + 2], x[row, k + 3]
            into = total[row]
            for j in range(columns):
                into[j] += x0 * m0[j] + x1 * m1[j] + x2 * m2[j] + x3 * m3[j]
    for k in range(whole, x.shape[1]):
        m0 = matrix[k]
        for row in range(x.shape[0]):
            x0, into = x[row, k], total[row]
            for j in range(columns):
                into[j] += x0 * m0[j]


@_compiled
def normed(x, weight, epsilon):  # type: ignore[no-untyped-def]
    """Each row over its root mean square."""
    made = np.empty_like(x)
    for row in range(x.shape[0]):
        square = np.float32(0)
        for j in range(x.shape[1]):
            square += x[row, j] * x[row, j]
        scale = np.float32(1) / np.float32(math.sqrt(square / np.float32(x.shape[1]) + epsilon))
        for j in range(x.shape[1]):
            made[row, j] = weight[j] * (x[row, j] * scale)
    return made


@_compiled
def _rotate(heads, place, frequencies):  # type: ignore[no-untyped-def]
    """Turns each of some heads, shape (n, size), by its place."""
    half = frequencies.shape[0]
    for j in range(half):
        angle = np.float32(place) * frequencies[j]
        cosine, sine = np.float32(math.cos(angle)), np.float32(math.sin(angle))
        for head in range(heads.shape[0]):
            left, right = heads[head, j], heads[head, half + j]
            heads[head, j] = left * cosine - right * sine
            heads[head, half + j] = right * cosine + left * sine


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


@_compiled
def _softmax(scores, length, scale):  # type: ignore[no-untyped-def]
    """Of the first ``length`` scores, in place; the others are of tokens that come later, and become 0."""
    best = scores[0]
    for j in range(1, length):
        best = max(best, scores[j])
    for j in range(length):
        scores[j] = (scores[j] - best) * scale
    exponentials(scores[:length])
    total = np.float32(0)
    for j in range(length):
        total += scores[j]
    for j in range(length):
        scores[j] /= total
    for j in range(length, len(scores)):
        scores[j] = 0


@_compiled
def _attend(read, first, keys, values, attended):  # type: ignore[no-untyped-def]
    """Of the next tokens of one answer in one layer; the first of them has place ``first``."""
    count, heads, size = attended.shape
    key_heads, shared = len(keys), heads // len(keys)
    asking = np.empty((count * shared, size), np.float32)
    for head in range(key_heads):
        for token in range(count):
            for j in range(size):
                keys[head, j, first + token] = read[token, heads + head, j]
                values[head, first + token, j] = read[token, heads + key_heads + head, j]
                for one in range(shared):
                    asking[token * shared + one, j] = read[token, head * shared + one, j]
        scores = np.zeros((count * shared, first + count), np.float32)
        add_product(asking, keys[head], scores)
        for row in range(count * shared):
            _softmax(scores[row], first + 1 + row // shared, np.float32(1 / math.sqrt(size)))
        found = np.zeros((count * shared, size), np.float32)
        add_product(scores, values[head], found)
        for row in range(count * shared):
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

    Parameters
    ----------
    x : float32, shape (tokens of all answers, size); the tokens before and after, answer by answer
    rows, firsts : int64, shape (n,); the answers, and the place of the first of the tokens in each
    keys : float32, shape (answers, layers, key heads, head size, room); those of the tokens are put in
    values : float32, shape (answers, layers, key heads, room, head size)
    """
    key_heads, size = keys.shape[2], keys.shape[3]
    heads = weights.attending.shape[1] // size
    count = len(x) // len(rows)
    for layer in range(len(weights.reading)):
        read = np.zeros((len(x), heads + 2 * key_heads, size), np.float32)
        bare = normed(x, weights.attention_norm[layer], weights.epsilon)
        add_product(bare, weights.reading[layer], read.reshape(len(x), -1))
        attended = np.empty((len(x), heads, size), np.float32)
        for number in range(len(rows)):
            row, first = rows[number], firsts[number]
            own = slice(number * count, (number + 1) * count)
            for token in range(count):
                _rotate(read[own][token, : heads + key_heads], first + token, weights.frequencies)
            _attend(read[own], first, keys[row, layer], values[row, layer], attended[own])
        add_product(attended.reshape(len(x), -1), weights.attending[layer], x)
        wide = np.zeros((len(x), weights.widening.shape[2]), np.float32)
        bare = normed(x, weights.forward_norm[layer], weights.epsilon)
        add_product(bare, weights.widening[layer], wide)
        add_product(_gated(wide), weights.narrowing[layer], x)


@_compiled
def scores_of(weights, x):  # type: ignore[no-untyped-def]
    """Of each word of the vocabulary after each token, float32 of shape (n, vocabulary)."""
    scores = np.zeros((len(x), weights.scoring.shape[1]), np.float32)
    add_product(normed(x, weights.last_norm, weights.epsilon), weights.scoring, scores)
    return scores
