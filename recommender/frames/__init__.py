"""The notebooks' door: tidy pandas frames of what came in, what was shown, how models do, and what was said.

Columns are called as in `schemas.Columns`; shares are in [0, 1] and times in UTC.
"""

from recommender.frames.behaviour import cohorts, daily, events, funnel, popularity, sessions
from recommender.frames.conversations import claims, questions, sentences, turns
from recommender.frames.items import embedding_map, influences, photo_neighbors, recommended
from recommender.frames.lists import exposure, lists, logged, rates
from recommender.frames.models import learning_curve, models, slices
from recommender.frames.shop import as_of, catalog, connect, quality, trained

__all__ = [
    "as_of",
    "catalog",
    "claims",
    "cohorts",
    "connect",
    "daily",
    "embedding_map",
    "events",
    "exposure",
    "funnel",
    "influences",
    "learning_curve",
    "lists",
    "logged",
    "models",
    "photo_neighbors",
    "popularity",
    "quality",
    "questions",
    "rates",
    "recommended",
    "sentences",
    "sessions",
    "slices",
    "trained",
    "turns",
]
