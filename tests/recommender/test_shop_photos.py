"""Photos as a storefront sends them: in a chat and in a search."""

import base64
import io

import pytest
from PIL import Image
from sqlalchemy import create_engine, text

from recommender.errors import ArtifactError, BadPhotoError, BadRequestError, RecommenderError
from recommender.shop import Shop
from recommender.shop.photo_questions import MAX_PHOTOS, visible_values
from schemas import Constraints, Money
from tests.recommender.base_writers import ScriptedBase
from tests.recommender.conversation.shops import HOME
from tests.recommender.fake_encoder import COLOURS, FakeEncoder


def png(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), COLOURS[colour]).save(file, "PNG")
    return file.getvalue()


def data_url(photo: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(photo).decode()}"


def question(*photos: bytes, words: str | None = None):
    parts = [{"type": "image_url", "image_url": {"url": data_url(photo), "detail": "auto"}} for photo in photos]
    return {"role": "user", "content": [*([{"type": "text", "text": words}] if words else []), *parts]}


def ids(answer):
    return [item.item_id for item in answer.items]


def test_a_photo_in_a_chat_moves_the_ranking_towards_what_it_shows(shop, built):
    encoder, folder = FakeEncoder(), built / "data" / "photos"

    def likeness(items, photo):
        shown = encoder.embed_photos([Image.open(folder / f"{item}.png") for item in items])
        return float((shown @ encoder.embed_photos([Image.open(photo)])[0]).mean())

    plain = ids(shop.chat([{"role": "user", "content": "a gift"}]))
    for item in ids(shop.recommend(None, k=60))[10::10]:
        photo = folder / f"{item}.png"
        shown = ids(shop.chat([question(photo.read_bytes(), words="a gift")]))
        assert likeness(shown, photo) > likeness(plain, photo)


def test_a_photo_alone_is_a_question(shop):
    reply = shop.chat([question(png("red"))])
    assert reply.items
    assert reply.text
    assert (reply.wishes.unread, reply.notes) == ((), ())


def test_what_is_wished_in_words_holds_beside_a_photo(shop):
    reply = shop.chat([question(png("red"), words="a mug under 30 pounds")])
    assert all("Mugs" in item.row.category and item.row.price <= Money("30", "GBP") for item in reply.items)


def test_two_shoppers_with_the_same_photo_get_their_own_answers(shop):
    answers = {tuple(ids(shop.chat([question(png("red"))], user_id=f"shopper-{n:05}"))) for n in range(1, 40)}
    assert len(answers) > 1


def test_the_writer_gets_the_photo_and_the_request(shop_folder):
    base = ScriptedBase()
    url, artifacts = f"sqlite:///{shop_folder / 'shop.db'}", shop_folder / "artifacts"
    with Shop.open(url, artifacts, base, encoder=FakeEncoder()) as shop:
        shop.chat([question(png("red"), words="something like this")])
    (prompt,) = base.prompts[:1]
    assert [photo.size for photo in prompt.photos] == [(64, 64)]
    assert "something like this" in prompt.turns[-1].text


def test_only_the_photos_of_the_last_message_count(shop):
    earlier = [question(png("red"), words="a mug"), {"role": "assistant", "content": "Here."}]
    after = shop.chat([*earlier, {"role": "user", "content": "under 30 pounds"}])
    without = shop.chat([{"role": "user", "content": "a mug"}, {"role": "user", "content": "under 30 pounds"}])
    assert ids(after) == ids(without)


def test_several_photos_count_together_up_to_a_limit(shop):
    assert shop.chat([question(*[png("red"), png("blue"), png("green"), png("white")])]).items
    with pytest.raises(BadRequestError, match=f"a message has 5 photos; at most {MAX_PHOTOS}"):
        shop.stream([question(*[png("red")] * 5)])


@pytest.mark.parametrize(
    "url",
    ["https://example.com/a.png", "file:///etc/passwd", "/etc/passwd", "", "data:image/png;base64,AAAA", "photo.png"],
)
def test_what_is_no_photo_is_refused_at_the_call_and_nothing_is_fetched(shop, url):
    message = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}
    with pytest.raises(BadPhotoError):
        shop.stream([message])
    with pytest.raises(BadPhotoError):
        shop.search(photo=url)


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ({"type": "file", "file": {"file_id": "x"}}, "files are not read"),
        ({"type": "video", "video": "x"}, "got 'video'"),
    ],
)
def test_parts_that_are_not_understood_are_refused_in_words(shop, part, reason):
    with pytest.raises(BadRequestError, match=reason):
        shop.chat([{"role": "user", "content": [{"type": "text", "text": "hi"}, part]}])


def test_without_an_encoder_a_chat_answers_in_words_and_says_why(shop_folder):
    class Blind(FakeEncoder):
        def embed_photos(self, photos):
            raise MemoryError("no room")

    url, artifacts = f"sqlite:///{shop_folder / 'shop.db'}", shop_folder / "artifacts"
    with Shop.open(url, artifacts, "none", encoder=Blind()) as shop:
        reply = shop.chat([question(png("red"), words="a mug")])
    assert all("Mugs" in item.row.category for item in reply.items)
    assert reply.notes == ("the photo could not be looked at: MemoryError: no room",)


def test_with_another_encoder_than_the_artifacts_a_chat_answers_and_a_search_says_what_to_run(shop_folder):
    url, artifacts = f"sqlite:///{shop_folder / 'shop.db'}", shop_folder / "artifacts"
    with Shop.open(url, artifacts, "none", encoder=FakeEncoder("other")) as shop:
        reply = shop.chat([question(png("red"), words="a mug")])
        assert reply.items
        assert "the photo had no say in the ranking" in reply.notes[0]
        with pytest.raises(ArtifactError, match="run `recommender train`"):
            shop.search(photo=png("red"))


def test_an_encoder_that_does_not_load_is_a_clear_error_of_a_search(shop_folder, monkeypatch):
    def broken():
        raise ImportError("no torch here")

    monkeypatch.setattr("recommender.base_model.encoder.load_encoder", broken)
    with Shop.open(f"sqlite:///{shop_folder / 'shop.db'}", shop_folder / "artifacts", "none") as shop:
        with pytest.raises(RecommenderError, match="cannot be loaded: ImportError: no torch here"):
            shop.search("a mug")
        assert "no torch here" in shop.chat([question(png("red"))]).notes[0]


def test_a_search_takes_bytes_a_data_url_and_an_image_alike(shop):
    photo = png("red")
    forms = [photo, data_url(photo), Image.open(io.BytesIO(photo))]
    answers = [ids(shop.search(photo=form, k=5)) for form in forms]
    assert answers[0] == answers[1] == answers[2]
    with pytest.raises(BadPhotoError, match="got int"):
        shop.search(photo=7)


def test_a_search_needs_words_or_a_photo(shop):
    for nothing in (None, "", "   "):
        with pytest.raises(BadRequestError, match="needs a text or a photo"):
            shop.search(nothing)


def test_a_search_holds_its_constraints(shop):
    answer = shop.search("a mug", k=50, constraints=Constraints(max_price=Money("20", "GBP")))
    assert answer.items
    assert all(item.row.price <= Money("20", "GBP") for item in answer.items)


def test_what_a_search_showed_is_kept_with_its_request(shop, shop_folder):
    answer = shop.search("a red mug", k=4, session_id="s1")
    shop.close()
    with create_engine(f"sqlite:///{shop_folder / 'shop.db'}").connect() as connection:
        kept = connection.execute(
            text("SELECT endpoint, session_id FROM requests WHERE request_id = :id"), {"id": answer.request_id}
        ).all()
        shown = connection.execute(
            text("SELECT item_id FROM impressions WHERE request_id = :id ORDER BY position"), {"id": answer.request_id}
        ).all()
    assert kept == [("search", "s1")]
    assert [row[0] for row in shown] == ids(answer)


def test_a_photo_is_looked_at_for_the_narrowest_categories_and_colours_of_the_catalogue():
    fields = visible_values(HOME)
    assert set(fields) == {"category", "color"}
    assert "Mugs" in fields["category"]
    assert "Kitchen" not in fields["category"]
    assert {"Red", "Grey"} <= set(fields["color"])


def test_of_several_products_on_a_photo_the_largest_counts_and_the_reply_says_so(shop):
    image = Image.new("RGB", (300, 200), (255, 255, 255))
    image.paste(COLOURS["red"], (20, 20, 140, 180))
    image.paste(COLOURS["blue"], (200, 60, 270, 140))
    file = io.BytesIO()
    image.save(file, "PNG")
    reply = shop.chat([question(file.getvalue(), words="a gift")])
    assert "several things, of which I took the largest" in reply.text
    (claim,) = [claim for claim in reply.claims if claim.field == "several"]
    assert claim.kind == "photo"
