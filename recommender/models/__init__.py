"""The models, by name: the cheapest first."""

from recommender.models.als import ALS
from recommender.models.base import AnyModel
from recommender.models.content import ContentModel
from recommender.models.hybrid import Hybrid
from recommender.models.item_neighbors import ItemNeighbors
from recommender.models.linear import Linear
from recommender.models.next_items import NextItems
from recommender.models.popularity import Popularity
from recommender.models.repeat import Repeat
from recommender.models.sequence import Sequence

MODELS: dict[str, type[AnyModel]] = {
    kind.name: kind
    for kind in (Popularity, Repeat, ItemNeighbors, NextItems, Linear, ALS, Hybrid, ContentModel, Sequence)
}
