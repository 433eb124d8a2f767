"""The base model behind a shop: loaded when it is needed, and never the reason for no answer."""

import os
import subprocess
import sys
import threading

import pytest

import recommender.shop.storefront as storefront
from recommender.errors import WriterError
from recommender.shop import Shop
from recommender.shop.lazy_writer import LazyWriter
from schemas.conversation import Origin
from tests.conftest import REPOSITORY
from tests.recommender.base_writers import BrokenBase, ScriptedBase
from tests.recommender.conversation.shops import writing_context
from tests.recommender.fake_encoder import FakeEncoder

ENCODER = FakeEncoder()
MUG = [{"role": "user", "content": "a mug under 30 pounds"}]


@pytest.fixture
def open_shop(shop_folder):
    """Open the shop with a base model; closed at the end."""
    opened = []

    def open_shop(base_model, encoder=ENCODER):
        url, artifacts = f"sqlite:///{shop_folder / 'shop.db'}", shop_folder / "artifacts"
        opened.append(Shop.open(url, artifacts, base_model, encoder=encoder))
        return opened[-1]

    yield open_shop
    for shop in opened:
        shop.close()


def origins(reply):
    return [sentence.origin for sentence in reply.sentences]


def test_a_base_model_writes_the_reply_from_the_ranked_rows(open_shop):
    base = ScriptedBase()
    reply = open_shop(base).chat(MUG)
    assert origins(reply)[0] is Origin.MODEL
    assert reply.text.startswith(f"Have a look at {reply.items[0].row.title}")
    (prompt,) = base.prompts[:1]
    assert "a mug under 30 pounds" in prompt.turns[-1].text
    assert reply.items[0].row.title in prompt.turns[-1].text


def test_the_items_come_before_the_base_model_is_asked(open_shop):
    base = ScriptedBase()
    for mode in ("fast", "shopping"):
        chunks = open_shop(base).stream(MUG, mode=mode)
        assert next(chunks).type == "items"
        assert base.prompts == []
        chunks.close()


def test_a_base_model_that_fails_leaves_the_templates_reply_and_the_reason(open_shop):
    reply = open_shop(BrokenBase()).chat(MUG)
    assert reply.items
    assert set(origins(reply)) == {Origin.TEMPLATE}
    assert reply.notes == ("the writer failed: the lights went out",)


def test_no_base_model_is_no_mishap(open_shop):
    reply = open_shop("none").chat(MUG)
    assert set(origins(reply)) == {Origin.TEMPLATE}
    assert reply.notes == ()


def test_a_base_model_that_cannot_be_loaded_is_said_in_the_reply_and_by_warm(open_shop):
    shop = open_shop("/no/such/folder")
    with pytest.raises(WriterError, match="/no/such/folder"):
        shop.warm()
    reply = shop.chat(MUG)
    assert reply.items
    assert set(origins(reply)) == {Origin.TEMPLATE}
    assert "the base model cannot be loaded" in reply.notes[0]


@pytest.mark.parametrize(
    ("named", "environment", "asked"),
    [(None, None, None), (None, "", None), (None, "some/model", "some/model"), ("mine", "some/model", "mine")],
)
def test_the_environment_names_the_base_model_unless_the_caller_does(open_shop, monkeypatch, named, environment, asked):
    names = []
    monkeypatch.setattr(storefront, "open_writer", lambda name: names.append(name) or ScriptedBase())
    monkeypatch.delenv("BASE_MODEL", raising=False)
    if environment is not None:
        monkeypatch.setenv("BASE_MODEL", environment)
    assert origins(open_shop(named).chat(MUG))[0] is Origin.MODEL
    assert names == [asked]


def test_warm_loads_once_for_all_replies(open_shop, monkeypatch):
    names = []
    monkeypatch.setattr(storefront, "open_writer", lambda name: names.append(name) or ScriptedBase())
    shop = open_shop("compact")
    assert names == []
    shop.warm()
    shop.chat(MUG)
    shop.warm()
    assert names == ["compact"]


@pytest.mark.parametrize(
    ("base_model", "embedded", "loads"), [("none", False, 0), ("none", True, 1), (ScriptedBase(), False, 1)]
)
def test_warm_loads_the_encoder_only_where_something_may_need_it(open_shop, monkeypatch, base_model, embedded, loads):
    loaded = []
    monkeypatch.setattr(storefront, "bundled_encoder", lambda: loaded.append(True) or FakeEncoder())
    shop = open_shop(base_model, encoder=None)
    if not embedded:
        monkeypatch.setattr(shop._serving.view().artifacts, "embeddings", None)
    shop.warm()
    assert len(loaded) == loads


def test_ranking_alone_never_pays_for_a_base_model(shop_folder):
    code = f"""
import sys
from recommender.shop import Shop
with Shop.open("sqlite:///{shop_folder / "shop.db"}", {str(shop_folder / "artifacts")!r}) as shop:
    shop.recommend(None, k=3)
    shop.chat([dict(role="user", content="a mug")], mode="fast") if "--chat" in sys.argv else None
print(sorted({{"torch", "transformers"}} & set(sys.modules)))
"""
    environment = os.environ | {"BASE_MODEL": "none", "PYTHONPATH": str(REPOSITORY)}
    for words in ([], ["--chat"]):
        printed = subprocess.run(
            [sys.executable, "-c", code, *words], env=environment, capture_output=True, text=True, check=True
        )
        assert printed.stdout == "[]\n"


class Loader:
    """Fails as often as it is told to; counts how often it was asked."""

    def __init__(self, failures=0):
        self.failures, self.calls = failures, 0

    def __call__(self):
        self.calls += 1
        if self.calls <= self.failures:
            raise OSError("disk on fire")
        return ScriptedBase()


def written(writer):
    return list(writer.write(writing_context()))


def test_a_load_that_failed_is_not_tried_again_at_every_reply():
    load = Loader(failures=1)
    writer = LazyWriter(load)
    for _ in range(3):
        with pytest.raises(WriterError, match="cannot be loaded: OSError: disk on fire"):
            written(writer)
    assert load.calls == 1


def test_a_load_that_failed_is_tried_again_after_a_while():
    load = Loader(failures=1)
    writer = LazyWriter(load, retry_seconds=0.0)
    with pytest.raises(WriterError):
        written(writer)
    assert written(writer)
    assert load.calls == 2


def test_many_replies_load_one_base_model():
    load = Loader()
    writer = LazyWriter(load)
    threads = [threading.Thread(target=written, args=(writer,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert load.calls == 1


def test_a_reply_does_not_wait_for_ever_for_another_that_loads():
    began, go_on = threading.Event(), threading.Event()

    def load():
        began.set()
        go_on.wait()
        return ScriptedBase()

    writer = LazyWriter(load, loading_seconds=0.01)
    loading = threading.Thread(target=writer.warm)
    loading.start()
    began.wait()
    with pytest.raises(WriterError, match="still being loaded"):
        written(writer)
    go_on.set()
    loading.join()
    assert written(writer)
