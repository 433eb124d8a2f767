"""Changed photos still show what they showed, and the same generator changes them the same way."""

import torch

from recommender.base_model.photo_tower.augment import Changes, augment

NOTHING = Changes(zoom=0, shift=0, tilt=0, light=0, cast=0, noise=0, new_backdrop=0)
RED = torch.tensor([0.8, 0.2, 0.2])


def squares(count: int = 8, backdrop: float = 1.0) -> torch.Tensor:
    """A red square in the middle."""
    pixels = torch.full((count, 3, 64, 64), backdrop)
    pixels[:, :, 20:44, 20:44] = RED.view(3, 1, 1)
    return pixels


def changed(pixels: torch.Tensor, changes: Changes, *, on_white: bool, seed: int = 0) -> torch.Tensor:
    return augment(pixels, torch.full((len(pixels),), on_white), changes, torch.Generator().manual_seed(seed))


def test_no_changes_leave_the_photo():
    torch.testing.assert_close(changed(squares(), NOTHING, on_white=True), squares(), atol=1e-5, rtol=0)


def test_the_middle_keeps_its_colour_and_all_stays_in_range():
    found = changed(squares(), Changes(), on_white=True)
    assert found.min() >= 0
    assert found.max() <= 1
    middle = found[:, :, 28:36, 28:36].mean((2, 3))
    assert (middle - RED).abs().max() < 0.3
    assert (middle.argmax(1) == 0).all()


def test_the_same_generator_gives_the_same_photos_and_each_is_changed_in_its_own_way():
    found = changed(squares(), Changes(), on_white=True)
    torch.testing.assert_close(found, changed(squares(), Changes(), on_white=True))
    assert not torch.equal(found[0], found[1])


def test_only_white_that_is_backdrop_is_replaced():
    always = Changes(zoom=0, shift=0, tilt=0, light=0, cast=0, noise=0, new_backdrop=1)
    assert (changed(squares(), always, on_white=True)[:, :, 0, 0] < 0.99).any(1).all()
    torch.testing.assert_close(changed(squares(), always, on_white=False), squares(), atol=1e-5, rtol=0)
    grey = squares(backdrop=0.7)
    torch.testing.assert_close(changed(grey, always, on_white=True), grey, atol=1e-5, rtol=0)
