import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

import recommender.artifacts
from recommender.artifacts import Artifacts, ArtifactStore, EmbeddedBy, Manifest, Member
from recommender.dataset import Histories
from recommender.errors import ArtifactError
from recommender.models import MODELS
from recommender.reranking import ItemFacts, Reranker, feature_names, grow
from tests.conftest import REPOSITORY
from tests.recommender.embedded import embeddings
from tests.recommender.fake_encoder import FakeEncoder
from tests.recommender.toy import featured

NOW = datetime(2026, 1, 1, tzinfo=UTC)
QUERY = Histories.from_lists([[0, 4]])


def artifacts(version="1", embedded=None, reranker=None):
    dataset = featured()
    models = {
        name: kind.fit(dataset, config, rng=np.random.default_rng(0))
        for name, kind in MODELS.items()
        for config in kind.trials(dataset)[:1]
    }
    members = {
        name: Member(weight=0.0 if name == "hybrid" else 0.25, config=model.config.model_dump(), ndcg=0.1)
        for name, model in models.items()
    }
    manifest = Manifest(
        version=version,
        created_at=NOW,
        first_event_at=NOW,
        as_of=NOW,
        seed=0,
        counts={"items": 7},
        members=members,
        validation_ndcg=0.2,
        validation_queries=100,
        reranked=reranker is not None,
        libraries={},
        embedded_by=embedded and EmbeddedBy(encoder=embedded.encoder, digest=embedded.digest),
    )
    return Artifacts(manifest, dataset.items, models, embedded, reranker)


def some_trees() -> Reranker:
    """Grown on nothing but chance."""
    fitted, draw = artifacts(), np.random.default_rng(0)
    told = draw.random((600, len(feature_names(fitted.blend)))).astype(np.float32)
    return Reranker(grow(told, draw.random(600) < 0.3, fitted.blend, 0), ItemFacts.of(featured()))


@pytest.fixture(scope="module")
def fitted():
    return artifacts()


@pytest.fixture
def store(tmp_path, fitted):
    store = ArtifactStore(tmp_path / "artifacts")
    store.save(fitted)
    return store


def folder(store) -> Path:
    return store.folder / store.current_version()


def test_what_is_saved_is_what_is_loaded(store, fitted):
    loaded = store.load()
    np.testing.assert_array_equal(loaded.items.array, fitted.items.array)
    np.testing.assert_array_equal(loaded.blend.scores(QUERY), fitted.blend.scores(QUERY))
    assert loaded.manifest.members == fitted.manifest.members


def test_a_member_without_weight_is_kept_and_switched_off(store):
    loaded = store.load()
    assert "hybrid" in loaded.models
    assert "hybrid" not in loaded.blend.members


def test_arrays_are_memory_mapped_and_read_only(store):
    factors = store.load().models["als"].arrays()["factors"]
    assert not factors.flags.owndata
    assert not factors.flags.writeable


def test_nothing_is_pickled(store):
    assert {path.suffix for path in folder(store).iterdir()} == {".safetensors", ".json"}


def test_a_second_version_takes_over_and_the_first_stays(store):
    store.save(artifacts("2"))
    assert store.current_version() == "2"
    assert (store.folder / "1" / "manifest.json").exists()


def test_trees_are_loaded_as_they_were_saved(tmp_path):
    store, trees = ArtifactStore(tmp_path), some_trees()
    store.save(artifacts(reranker=trees))
    loaded = store.load()
    assert loaded.manifest.reranked
    assert loaded.reranker.trees.model_to_string() == trees.trees.model_to_string()
    np.testing.assert_array_equal(loaded.reranker.facts.lateness, trees.facts.lateness)


def test_artifacts_without_trees_have_none(store):
    assert store.load().reranker is None


@pytest.fixture
def embedded(tmp_path):
    store = ArtifactStore(tmp_path / "embedded")
    store.save(artifacts(embedded=embeddings([f"thing {number}" for number in range(7)], {2: "red"})))
    return store


def test_embeddings_are_loaded_as_they_were_saved_and_memory_mapped(embedded):
    loaded, made = embedded.load(), embeddings([f"thing {number}" for number in range(7)], {2: "red"})
    found = loaded.embeddings_of(FakeEncoder())
    for name, array in made.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array)
    assert not found.text.flags.owndata
    assert not found.photos.flags.writeable
    assert loaded.manifest.embedded_by.encoder == "fake"


def test_embeddings_of_another_encoder_are_refused(embedded):
    loaded = embedded.load()
    for other in (FakeEncoder(name="other"), FakeEncoder(seed=1)):
        with pytest.raises(ArtifactError, match="run `recommender train`, then reload"):
            loaded.embeddings_of(other)


def test_artifacts_from_before_embeddings_load_and_say_what_search_needs(store):
    path = folder(store) / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["embedded_by"]
    write_manifest(store, manifest)
    loaded = store.load()
    np.testing.assert_array_equal(loaded.items.array, featured().items.array)
    with pytest.raises(ArtifactError, match="without embeddings; run `recommender train`"):
        loaded.embeddings_of(FakeEncoder())


def test_damaged_embeddings_are_found(embedded):
    path = folder(embedded) / "embeddings.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(ArtifactError, match=r"embeddings\.safetensors' is damaged"):
        embedded.load()


def test_embeddings_of_other_items_are_refused(tmp_path):
    store = ArtifactStore(tmp_path / "others")
    store.save(artifacts(embedded=embeddings(["only one"])))
    with pytest.raises(ArtifactError, match="1 rows for 7 items; train again"):
        store.load()


def test_no_artifacts_yet(tmp_path):
    with pytest.raises(ArtifactError, match="run `recommender train"):
        ArtifactStore(tmp_path / "none").load()


def test_a_flipped_byte_is_found(store):
    path = folder(store) / "als.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(ArtifactError, match=r"als\.safetensors' is damaged"):
        store.load()


def test_of_a_large_file_the_size_is_looked_at_and_a_flipped_byte_is_found_by_verifying(store, monkeypatch):
    monkeypatch.setattr(recommender.artifacts, "HASHED_BYTES", 1_000)
    path = folder(store) / "als.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    store.load()
    for refuses in (lambda: store.load(verify=True), lambda: store.use("1")):
        with pytest.raises(ArtifactError, match=r"als\.safetensors' is damaged"):
            refuses()
    path.write_bytes(data[:-1])
    with pytest.raises(ArtifactError, match=r"als\.safetensors' is damaged"):
        store.load()


def test_a_truncated_or_missing_file_is_found(store):
    path = folder(store) / "items.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ArtifactError, match="damaged"):
        store.load()
    path.unlink()
    with pytest.raises(ArtifactError, match="cannot be read"):
        store.load()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "something else"}, "not a manifest of this program"),
        ({"format_version": 99}, "format version 99, this program reads 3"),
        ({"seed": 1}, "its sha256 differs from current.json"),
    ],
)
def test_a_foreign_newer_or_wrong_manifest_is_refused(store, change, message):
    path = folder(store) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ArtifactError, match=message):
        store.load()


def test_a_manifest_or_pointer_that_is_no_json_is_refused(store):
    (folder(store) / "manifest.json").write_text("{")
    with pytest.raises(ArtifactError, match="cannot be read"):
        store.load()
    (store.folder / "current.json").write_text("[]")
    with pytest.raises(ArtifactError, match="damaged"):
        store.load()


def test_a_model_this_version_does_not_have_is_refused(store):
    path = folder(store) / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["members"]["oracle"] = manifest["members"]["als"]
    manifest["files"]["oracle.safetensors"] = manifest["files"]["als.safetensors"]
    shutil.copy(folder(store) / "als.safetensors", folder(store) / "oracle.safetensors")
    write_manifest(store, manifest)
    with pytest.raises(ArtifactError, match="a model 'oracle'; known are"):
        store.load()


def write_manifest(store, manifest):
    """Change the manifest and the pointer's hash of it: what only a person with a purpose does."""
    path = folder(store) / "manifest.json"
    path.write_text(json.dumps(manifest))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (store.folder / "current.json").write_text(json.dumps({"version": "1", "manifest_sha256": digest}))


@pytest.mark.parametrize(
    "change",
    [
        {"created_at": "yesterday"},
        {"members": {}},
        {"members": {"als": {"weight": 1.0, "config": {}, "ndcg": 0.1}}},
        {"members": {"popularity": {"weight": -1.0, "config": {}, "ndcg": 0.1}}},
    ],
)
def test_a_manifest_whose_fields_are_wrong_is_refused(store, change):
    manifest = json.loads((folder(store) / "manifest.json").read_text())
    write_manifest(store, manifest | change)
    with pytest.raises(ArtifactError, match="fields are wrong"):
        store.load()


def test_a_file_that_the_manifest_does_not_vouch_for_is_refused(store):
    manifest = json.loads((folder(store) / "manifest.json").read_text())
    del manifest["files"]["als.safetensors"]
    write_manifest(store, manifest)
    with pytest.raises(ArtifactError, match=r"als\.safetensors' is damaged"):
        store.load()


def test_only_the_version_in_use_and_the_one_before_are_kept(store, fitted):
    for version in ("2", "3"):
        store.save(artifacts(version))
    assert sorted(path.name for path in store.folder.iterdir()) == ["2", "3", "current.json"]


def test_an_earlier_version_comes_back_into_use(store):
    store.save(artifacts("2"))
    assert store.previous() == "1"
    assert store.use("1").version == store.current_version() == store.load().manifest.version == "1"
    assert sorted(path.name for path in store.folder.iterdir()) == ["1", "2", "current.json"]


def test_the_version_that_was_in_use_is_the_one_a_save_keeps(store):
    store.save(artifacts("2"))
    store.use("1")
    store.save(artifacts("3"))
    assert sorted(path.name for path in store.folder.iterdir()) == ["1", "3", "current.json"]


def test_before_the_oldest_there_is_nothing(store):
    with pytest.raises(ArtifactError, match=r"no artifacts from before '1' are kept in .*; kept are: 1"):
        store.previous()


def test_a_damaged_version_does_not_come_back(store):
    store.save(artifacts("2"))
    (store.folder / "1" / "als.safetensors").write_bytes(b"")
    with pytest.raises(ArtifactError, match=r"als\.safetensors' is damaged"):
        store.use("1")
    assert store.current_version() == "2"


def test_whoever_goes_back_while_a_save_removes_old_versions_finds_a_whole_one_or_is_refused(store, fitted):
    """Savers and returners on one folder, all at once: whatever the order, the version in use can be loaded."""
    refused = []

    def go_back(number: int) -> None:
        try:
            store.use(store.previous())
        except ArtifactError as error:
            refused.append(str(error))

    def save(number: int) -> None:
        version = fitted.manifest.model_copy(update={"version": f"2{number:02d}"})
        store.save(Artifacts(version, fitted.items, fitted.models), keep=1 + number % 3)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: (save, go_back)[number % 2](number), range(60)))
    assert store.load().manifest.version == store.current_version()
    assert all("kept" in one for one in refused)


ROOMS = (0, 100, 3_000)
SAVE_WITH_LITTLE_ROOM = """
import resource, signal, sys
from pathlib import Path
from recommender.artifacts import ArtifactStore
from recommender.errors import ArtifactError
from tests.recommender.test_artifacts import artifacts
fitted = artifacts("2")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for room in map(int, sys.argv[2:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    try:
        ArtifactStore(Path(sys.argv[1])).save(fitted)
    except ArtifactError as error:
        print(error)
"""


def test_where_no_more_can_be_written_the_old_version_stays_in_use_and_nothing_is_left(store):
    """The operating system refuses to write more than so many bytes to a file, as it does on a full disk."""
    command = [sys.executable, "-c", SAVE_WITH_LITTLE_ROOM, str(store.folder), *map(str, ROOMS)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.stdout.count("untouched") == len(ROOMS), done.stderr
    assert store.current_version() == "1"
    assert sorted(path.name for path in store.folder.iterdir()) == ["1", "current.json"]
    store.load()


def test_a_failure_at_the_last_step_leaves_nothing_behind(store, fitted, monkeypatch):
    replace = recommender.artifacts.replace_text

    def full(path: Path, text: str) -> None:
        if path.name == "current.json":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(path, text)

    with monkeypatch.context() as patched:
        patched.setattr(recommender.artifacts, "replace_text", full)
        with pytest.raises(ArtifactError, match=r"No space left on device.*untouched"):
            store.save(artifacts("2"))
    assert sorted(path.name for path in store.folder.iterdir()) == ["1", "current.json"]
    store.load()
