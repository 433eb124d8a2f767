"""Photo files: read from under one folder, and from nowhere else."""

import os

import pytest

import recommender.photo_files
from recommender.base_model.photos import PhotoLimits
from recommender.photo_files import PhotoFolder, Trouble


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret.png").write_bytes(b"secret")
    (tmp_path / "shop" / "photos").mkdir(parents=True)
    (tmp_path / "shop" / "photos" / "a.png").write_bytes(b"a photo")
    return PhotoFolder(tmp_path / "shop")


def test_a_relative_path_is_read(folder):
    assert folder.read("photos/a.png") == b"a photo"
    assert folder.read("photos/../photos/a.png") == b"a photo"


def test_the_folder_itself_may_be_relative(folder, monkeypatch):
    monkeypatch.chdir(folder.folder)
    assert PhotoFolder(folder.folder.relative_to(folder.folder)).read("photos/a.png") == b"a photo"


@pytest.mark.parametrize(
    "image", ["../secret.png", "photos/../../secret.png", "/etc/passwd", "link.png", "up/secret.png"]
)
def test_nothing_outside_the_folder_is_read(folder, image):
    (folder.folder / "link.png").symlink_to(folder.folder.parent / "secret.png")
    (folder.folder / "up").symlink_to(folder.folder.parent)
    assert folder.read(image) is Trouble.OUTSIDE


@pytest.mark.parametrize("image", ["http://shop/a.png", "HTTPS://shop/a.png", "//shop/a.png", "ftp://shop/a.png"])
def test_nothing_is_fetched(folder, image):
    assert folder.read(image) is Trouble.REMOTE


@pytest.mark.parametrize(
    ("image", "trouble"),
    [
        ("photos/b.png", Trouble.MISSING),
        ("photos", Trouble.MISSING),
        ("", Trouble.MISSING),
        ("pipe", Trouble.MISSING),
        ("a\x00b", Trouble.UNREADABLE),
        ("x" * 5_000, Trouble.UNREADABLE),
    ],
)
def test_what_is_no_file_is_no_photo(folder, image, trouble):
    os.mkfifo(folder.folder / "pipe")
    assert folder.read(image) is trouble


def test_a_file_that_is_too_large_is_not_read(folder, monkeypatch):
    monkeypatch.setattr(recommender.photo_files, "DEFAULT_LIMITS", PhotoLimits(max_bytes=3))
    assert folder.read("photos/a.png") is Trouble.UNREADABLE


def test_the_first_photo_that_is_there_counts_and_else_the_first_trouble(folder):
    assert folder.first(["photos/b.png", "photos/a.png"]) == b"a photo"
    assert folder.first(["http://shop/a.png", "photos/b.png"]) is Trouble.REMOTE
