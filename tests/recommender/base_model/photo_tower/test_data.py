"""What is held out stays out, and a caption says what can be seen."""

import numpy as np

from recommender.base_model.photo_tower.data import (
    FASHION,
    SIMULATOR,
    Labelled,
    PhotoSet,
    halves,
    in_fifth,
    is_for_choosing,
    is_held_out,
)

NAMES = [f"Shirt {n}" for n in range(4_000)]


def test_one_title_in_twenty_is_held_out_and_another_is_for_choosing():
    for kept in (is_held_out, is_for_choosing):
        assert 0.04 < np.mean([kept(name) for name in NAMES]) < 0.06
    assert not any(is_held_out(name) and is_for_choosing(name) for name in NAMES)


def test_one_name_in_five_is_in_the_fifth():
    assert 0.18 < np.mean([in_fifth(name) for name in NAMES]) < 0.22


def test_halves_share_no_title_and_lose_none():
    labels = tuple(Labelled(FASHION, name, {"category": "Shirts"}) for name in NAMES + NAMES if is_held_out(name))
    first, second = halves(PhotoSet(np.zeros((len(labels), 1, 1, 3), dtype=np.uint8), labels))
    assert len(first) + len(second) == len(labels)
    assert {label.title for label in first.labels}.isdisjoint(label.title for label in second.labels)


def test_a_caption_says_what_can_be_seen():
    def caption(**values: str) -> str:
        return Labelled(SIMULATOR, "Fern Tote", {"category": "Totes", "color": "Red", **values}).caption

    assert caption(pattern="Striped") == "striped red totes"
    assert caption(pattern="Plain") == "red totes"
    assert caption(gender="Women") == "red totes for women"


def test_photos_are_chosen_with_their_labels():
    labels = tuple(Labelled(SIMULATOR, str(n), {"category": "Mugs"}) for n in range(3))
    photos = PhotoSet(np.arange(3, dtype=np.uint8).reshape(3, 1, 1, 1).repeat(3, axis=3), labels)
    found = photos.where(np.array([True, False, True]))
    assert found.labels == (labels[0], labels[2])
    assert found.pixels[:, 0, 0, 0].tolist() == [0, 2]
