"""An open shopping-recommendation engine: interactions in, ranked products and grounded replies out."""

from recommender import frames, plots
from recommender.evaluation import off_policy
from recommender.jobs.evaluate import evaluate
from recommender.jobs.train import train
from recommender.jobs.visitors import visit
from recommender.shop import Shop
from recommender.shop.replay import replay, replay_trace

__all__ = ["Shop", "evaluate", "frames", "off_policy", "plots", "replay", "replay_trace", "train", "visit"]
