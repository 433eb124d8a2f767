"""An open shopping-recommendation engine: interactions in, ranked products and grounded replies out."""

from recommender.jobs.evaluate import evaluate
from recommender.jobs.train import train
from recommender.shop import Shop

__all__ = ["Shop", "evaluate", "train"]
