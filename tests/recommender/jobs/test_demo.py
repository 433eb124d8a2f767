"""The demo on a small simulated shop: the same path as the large one."""

import pytest

from recommender.errors import BadRequestError
from recommender.jobs.demo import DemoFiles, demo_figures, run_demo
from recommender.jobs.reading import Source
from recommender.terminal import print_demo
from signals.database import open_database
from tests.shops import CONFIG


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shown(folder):
    return run_demo(folder, simulator=CONFIG)


def test_it_loads_everything_it_simulated(shown):
    catalogue, events = shown.ingest
    assert (catalogue.accepted, catalogue.rejected) == (CONFIG.n_products, 0)
    assert events.accepted >= CONFIG.n_events
    assert events.rejected == 0


def test_the_blend_is_measured_beside_popularity(shown):
    figures = demo_figures(shown)["evaluation"]
    assert figures["blend"]["ndcg@10"] > figures["popularity"]["ndcg@10"]


def test_two_shoppers_have_signals_reasons_and_a_chat(shown):
    assert len({story.user_id for story in shown.shoppers}) == 2
    for story in shown.shoppers:
        assert story.signals
        assert any(item.reasons for item in story.items)
        assert [turn.who for turn in story.chat][:2] == ["shopper", "shop"]


def test_a_purchase_in_the_chat_takes_the_item_out_of_the_next_answer(shown):
    for story in shown.shoppers:
        assert story.items[0].item_id not in {item.item_id for item in story.chat[-1].items}


def test_the_report_shows_the_products_photos_and_loads_nothing(shown, folder):
    page = DemoFiles(folder).report.read_text()
    assert page.count("data:image/png;base64,") >= 10
    assert "http" not in page.replace("http-equiv", "")


def test_the_terminal_shows_both_shoppers(shown, capsys):
    print_demo(shown)
    printed = capsys.readouterr().out
    assert all(story.user_id in printed for story in shown.shoppers)


def test_a_second_run_starts_afresh(folder, shown):
    again = run_demo(folder, simulator=CONFIG)
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
