from pathlib import Path

import pytest

from recommender import Shop, frames
from recommender.errors import BadRequestError, UnknownIdError


def test_a_list_its_reasons_and_what_the_history_does(shop: Shop, shop_folder: Path) -> None:
    engine = frames.connect(f"sqlite:///{shop_folder / 'shop.db'}")
    events = frames.events(engine)
    user = events.loc[events["kind"] == "purchase", "user_id"].value_counts().index[0]
    answer = shop.recommend(user, k=5)
    recommended = frames.recommended(answer)
    assert recommended["rank"].tolist() == [1, 2, 3, 4, 5]
    assert recommended["item_id"].tolist() == [item.item_id for item in answer.items]
    assert (recommended["reasons"] != "").any()
    explanation = shop.explain(user, answer.items[0].item_id)
    influences = frames.influences(explanation)
    assert (influences["moved"] + influences["score_without"]).tolist() == pytest.approx(
        [explanation.score] * len(influences)
    )
    assert set(influences["item_id"]) <= set(events.loc[events["user_id"] == user, "item_id"])


def test_an_item_looks_most_like_itself(shop_folder: Path) -> None:
    artifacts = frames.trained(shop_folder / "artifacts")
    item_id = artifacts.items.ids([3])[0]
    nearest = frames.photo_neighbors(artifacts, item_id, n=4)
    assert nearest["item_id"].iloc[0] == item_id
    assert nearest["cosine"].iloc[0] == pytest.approx(1.0, abs=1e-5)
    assert nearest["cosine"].is_monotonic_decreasing
    assert len(nearest) == 5
    with pytest.raises(UnknownIdError, match="nothing"):
        frames.photo_neighbors(artifacts, "nothing")


def test_the_map_places_every_product_and_says_how_much_it_shows(shop_folder: Path) -> None:
    artifacts = frames.trained(shop_folder / "artifacts")
    engine = frames.connect(f"sqlite:///{shop_folder / 'shop.db'}")
    places = frames.embedding_map(artifacts, frames.catalog(engine))
    assert sorted(places["item_id"]) == artifacts.items.ids(range(len(artifacts.items)))
    assert 0 < places.attrs["explained"] < 1
    assert places["x"].std() >= places["y"].std()
    assert places["category"].nunique() > 3


def test_artifacts_without_embeddings_have_no_map_and_no_photos(shop_folder: Path) -> None:
    artifacts = frames.trained(shop_folder / "artifacts")
    artifacts.embeddings = None
    with pytest.raises(BadRequestError, match="hold no text embeddings; run `recommender train`"):
        frames.embedding_map(artifacts, frames.catalog(frames.connect(f"sqlite:///{shop_folder / 'shop.db'}")))
    with pytest.raises(BadRequestError, match="hold no photo of"):
        frames.photo_neighbors(artifacts, artifacts.items.ids([0])[0])
