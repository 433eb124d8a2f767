"""What the shop may sell in one sub-category: the words, prices and looks its products are composed from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

BRIGHT = ("Red", "Orange", "Mustard", "Teal", "Blue", "Pink", "Purple", "Green")
QUIET = ("White", "Cream", "Beige", "Grey", "Olive", "Navy", "Brown", "Black", "Burgundy")
COLORS = BRIGHT + QUIET
STYLES = ("Classic", "Modern", "Rustic", "Playful", "Minimal")
WOVEN = ("Plain", "Plain", "Striped", "Spotted", "Checked")
GLAZED = ("Plain", "Plain", "Striped", "Spotted", "Speckled")


@dataclass(frozen=True, kw_only=True)
class SubCategory:
    """A sub-category. ``price`` is the median in major units; ``sizes`` maps a size to its factor on the price.

    ``details`` are the attributes besides color, pattern, size and style: name -> possible values.
    ``titles``, ``openings`` and ``uses`` are templates over the attributes; an attribute left empty vanishes.
    ``code`` names the shape that is drawn; ``complements`` are the codes of what is bought along with it.
    """

    category: str
    name: str
    code: str
    price: float
    titles: tuple[str, ...]
    openings: tuple[str, ...]
    uses: tuple[str, ...]
    details: Mapping[str, tuple[str, ...]]
    complements: tuple[str, ...]
    colors: tuple[str, ...] = COLORS
    patterns: tuple[str, ...] = ("Plain",)
    sizes: Mapping[str, float] = field(default_factory=dict)
    shows_color: bool = True
    consumable: bool = False
