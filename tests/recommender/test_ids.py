import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import UnknownIdError
from recommender.ids import IdMap

identifiers = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)


@given(st.sets(identifiers, min_size=1, max_size=30))
def test_ids_and_indexes_are_inverse_and_ascending(ids):
    ids_map = IdMap.from_ids(ids)
    ordered = ids_map.ids(range(len(ids)))
    assert ordered == sorted(ids, key=lambda one: one.encode())
    assert ids_map.indexes(ordered).tolist() == list(range(len(ids)))


@given(st.sets(identifiers, max_size=10), identifiers)
def test_an_unknown_id_is_found_nowhere_and_raises_by_default(ids, stranger):
    ids_map = IdMap.from_ids(ids - {stranger})
    assert ids_map.find([stranger]).tolist() == [-1]
    with pytest.raises(UnknownIdError, match="unknown id"):
        ids_map.index(stranger)


def test_an_id_that_another_one_begins_with_is_a_different_id():
    ids_map = IdMap.from_ids(["ab"])
    assert ids_map.find(["a", "ab", "abc"]).tolist() == [-1, 0, -1]


def test_the_error_reads_as_a_sentence():
    with pytest.raises(UnknownIdError) as error:
        IdMap.from_ids(["a"]).index("b")
    assert str(error.value).startswith("unknown id 'b'; the 1 known ids")
