"""The demo on a small simulated shop: the same path as the large one."""

import pytest

from recommender.errors import BadRequestError
from recommender.jobs.demo import DemoFiles, demo_figures, run_demo
from recommender.jobs.reading import Source
from recommender.terminal import print_demo
from signals.database import open_database
from tests.recommender.base_writers import ScriptedBase
from tests.recommender.bundled import replace_encoder
from tests.shops import CONFIG


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module", autouse=True)
def encoder():
    with pytest.MonkeyPatch.context() as patched:
        replace_encoder(patched)
        yield


@pytest.fixture(scope="module")
def base():
    return ScriptedBase()


@pytest.fixture(scope="module")
def shown(folder, base):
    return run_demo(folder, simulator=CONFIG, base_model=base)


def test_it_loads_everything_it_simulated(shown):
    catalogue, events = shown.ingest
    assert (catalogue.accepted, catalogue.rejected) == (CONFIG.n_products, 0)
    assert events.accepted >= CONFIG.n_events
    assert events.rejected == 0


def test_the_blend_is_measured_beside_popularity(shown):
    figures = demo_figures(shown)["evaluation"]
    assert figures["blend"]["ndcg@10"] > figures["popularity"]["ndcg@10"]


def test_two_shoppers_have_signals_reasons_and_chats_in_both_modes(shown):
    assert len({story.user_id for story in shown.shoppers}) == 2
    for story in shown.shoppers:
        assert story.signals
        assert any(item.reasons for item in story.items)
        assert [chat.title for chat in story.chats] == [
            "A question with a photo",
            "A chat in fast mode",
            "A chat in shopping mode",
        ]
        assert [turn.who for turn in story.turns][:2] == ["shopper", "shop"]


def test_both_are_asked_the_same_about_the_same_photo_and_answered_in_their_own_way(shown):
    questions, answers = zip(*(story.chats[0].turns for story in shown.shoppers), strict=True)
    assert len({(turn.text, turn.photo) for turn in questions}) == 1
    assert questions[0].photo.startswith(b"\x89PNG")
    assert len({tuple(item.item_id for item in turn.items) for turn in answers}) == 2


def test_the_base_model_saw_the_photo_and_wrote_the_replies(shown, base):
    assert sum(len(prompt.photos) for prompt in base.prompts) >= 2
    assert demo_figures(shown)["sentences"]["model"] > 0


def test_the_figures_say_how_long_each_reply_took(shown):
    replies = demo_figures(shown)["replies"]
    assert len(replies) >= 8
    assert all(0 < reply["items"] <= reply["first_sentence"] <= reply["whole"] for reply in replies)


def test_a_purchase_in_the_chat_takes_the_item_out_of_the_next_answer(shown):
    for story in shown.shoppers:
        assert story.items[0].item_id not in {item.item_id for item in story.turns[-1].items}


def test_the_report_shows_the_products_photos_and_loads_nothing(shown, folder):
    page = DemoFiles(folder).report.read_text()
    assert page.count("data:image/png;base64,") >= 10
    assert "http" not in page.replace("http-equiv", "")


def test_the_terminal_shows_both_shoppers(shown, capsys):
    print_demo(shown)
    printed = capsys.readouterr().out
    assert all(story.user_id in printed for story in shown.shoppers)
    assert "[a photo] Do you have something like this?" in printed
    assert "by the model" in printed


@pytest.mark.full
def test_a_second_run_starts_afresh(folder, shown):
    again = run_demo(folder, simulator=CONFIG, base_model="none")
    assert again.ingest[1].duplicated == 0
    assert [item.item_id for item in again.shoppers[0].items] == [item.item_id for item in shown.shoppers[0].items]


def test_data_it_does_not_have_is_refused(tmp_path):
    with pytest.raises(BadRequestError, match="allowed: simulated, online-retail"):
        run_demo(tmp_path, data="dreams")
    with pytest.raises(BadRequestError, match="--from FILE"):
        run_demo(tmp_path, data="online-retail")
    with pytest.raises(BadRequestError, match="no file"):
        run_demo(tmp_path, data="online-retail", source=tmp_path / "nowhere")
    with pytest.raises(BadRequestError, match="needs --data online-retail"):
        run_demo(tmp_path, source=tmp_path / "nowhere")


def test_a_folder_with_somebodys_files_is_left_alone(tmp_path):
    database = tmp_path / "shop.db"
    database.write_text("precious")
    with pytest.raises(BadRequestError, match="files that no demo made"):
        run_demo(tmp_path, simulator=CONFIG)
    assert [path.name for path in tmp_path.iterdir()] == ["shop.db"]


def test_a_demo_leaves_a_shop_that_can_be_evaluated_again(folder, shown):
    source = Source.of(open_database(DemoFiles(folder).url))
    assert source.split_at < shown.facts.last_at
    split = source.split(source.dataset(source.split_at), source.split_at, source.end)
    assert len(split) >= 10
