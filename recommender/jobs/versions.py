"""The versions that a result depends on, for its manifest."""

import platform
from importlib.metadata import version
from typing import Final

LIBRARIES: Final = ("numpy", "scipy", "implicit", "lightfm-next", "lightgbm")


def libraries() -> dict[str, str]:
    """Version of Python and of each library."""
    return {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}
