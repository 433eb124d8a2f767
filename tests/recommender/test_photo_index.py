"""The photo index: parts that are whole or not there, the newest row of each product, one encoder."""

import json
import threading

import numpy as np
import pytest

from recommender import photo_index
from recommender.embeddings import ItemEmbeddings
from recommender.errors import ArtifactError
from recommender.ids import IdMap
from recommender.photo_index import PhotoIndex
from tests.recommender.fake_encoder import FakeEncoder

ENCODER = FakeEncoder()


def rows(ids, mark=1):
    """Rows that can be told apart: by the first letter of the id, and by `mark`."""
    hashes = np.full((len(ids), 16), mark, dtype=np.uint8)
    text = np.zeros((len(ids), ENCODER.size), dtype=np.float32)
    text[:, 0], text[:, 1] = [ord(one[0]) for one in ids], mark
    return ItemEmbeddings(ENCODER.name, ENCODER.digest, text, 2 * text, hashes, hashes, 1.0)


def append(index, *ids, mark=1):
    index.append(ENCODER, IdMap.from_ids(ids), rows(sorted(ids), mark))


def marks(index):
    """The mark of each product."""
    found = index.load()
    made = found.taken(np.arange(len(found.items)))
    assert (made.photos == 2 * made.text).all()
    assert [chr(int(one)) for one in made.text[:, 0]] == [one[0] for one in found.items.ids(range(len(found.items)))]
    return dict(zip(found.items.ids(range(len(found.items))), made.text[:, 1].astype(int).tolist(), strict=True))


@pytest.fixture
def index(tmp_path):
    return PhotoIndex(tmp_path / "artifacts")


def test_without_an_index_there_is_nothing(index):
    assert (index.load(), index.mark, index.manifest()) == (None, None, None)
    index.compact(IdMap.from_ids(["a"]))
    assert index.load() is None


def test_the_newest_row_of_a_product_counts(index):
    append(index, "a", "b", "c")
    append(index, "b", "longer-id", mark=2)
    append(index, "c", mark=3)
    assert marks(index) == {"a": 1, "b": 2, "c": 3, "longer-id": 2}
    assert index.load().hashes[0][:, 0].tolist() == [1, 2, 3, 2]


def test_every_change_has_a_mark_of_its_own(index):
    seen = set()
    for mark in range(5):
        append(index, "a", mark=mark)
        seen.add(index.mark)
    assert len(seen) == 5


def test_compacting_leaves_one_part_without_what_the_catalogue_lost(index):
    append(index, "a", "b")
    append(index, "a", "c", mark=2)
    index.compact(IdMap.from_ids(["a", "c", "d"]))
    assert marks(index) == {"a": 2, "c": 2}
    assert len(list(index.folder.glob("part-*"))) == len(index.manifest().parts) == 1
    before = index.mark
    index.compact(IdMap.from_ids(["a", "c", "d"]))
    assert index.mark == before


def test_a_matrix_of_one_part_is_memory_mapped(index):
    append(index, "a", "b")
    (part,) = index.load().parts
    assert not part.photos.flags.owndata
    assert not part.photos.flags.writeable


def test_many_small_parts_become_one_and_large_ones_are_left(index, monkeypatch):
    monkeypatch.setattr(photo_index, "SMALL", 3)
    monkeypatch.setattr(photo_index, "MOST_SMALL", 4)
    append(index, "a", "b", "c", "d")
    for mark in range(2, 9):
        append(index, "a", mark=mark)
    assert marks(index) == {"a": 8, "b": 1, "c": 1, "d": 1}
    assert len(index.manifest().parts) <= 4
    assert index.manifest().parts[0].rows == 4


def test_who_reads_while_others_write_sees_whole_parts(index):
    append(index, "a", "b")
    stop, failures = threading.Event(), []

    def write():
        for mark in range(2, 40):
            append(index, "a", "b", mark=mark)
        stop.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not stop.is_set():
        found = marks(index)
        failures += [found] if found["a"] != found["b"] else []
    writer.join()
    assert not failures
    assert marks(index) == {"a": 39, "b": 39}


def test_writers_beside_each_other_lose_nothing(index):
    def write(name):
        for place in range(8):
            append(PhotoIndex(index.folder.parent), f"{name}{place}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(marks(index)) == 24


def test_a_part_that_was_being_written_when_the_power_went_is_not_there(index):
    append(index, "a")
    (index.folder / "part-000001.safetensors").write_bytes(b"half of it")
    assert marks(index) == {"a": 1}
    append(index, "b")
    assert marks(index) == {"a": 1, "b": 1}


def test_what_another_encoder_made_is_refused(index):
    append(index, "a")
    other = FakeEncoder(seed=1)
    with pytest.raises(ArtifactError, match=r"was made by 'fake' .*run `recommender photos index --anew`"):
        index.load(other)
    with pytest.raises(ArtifactError, match="--anew"):
        index.append(other, IdMap.from_ids(["a"]), rows(["a"]))
    index.clear()
    assert index.load(other) is None


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": "another"}', json.dumps({"encoder": "a", "digest": "b", "format_version": 9})]
)
def test_a_damaged_or_foreign_index_says_what_to_do(index, text):
    append(index, "a")
    (index.folder / "index.json").write_text(text)
    with pytest.raises(ArtifactError, match="--anew"):
        index.load()


def test_a_damaged_part_is_found_by_its_size_or_where_all_is_read(index):
    append(index, "a", "b")
    (path,) = index.folder.glob("part-*")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    index.load()
    with pytest.raises(ArtifactError, match="sha256 differs"):
        index.load(verify=True)
    path.write_bytes(data[:-4])
    with pytest.raises(ArtifactError, match="is damaged"):
        index.load()


def test_one_at_a_time_watches(index):
    with index.watched() as first, index.watched() as second:
        assert (first, second) == (True, False)
    with index.watched() as again:
        assert again
