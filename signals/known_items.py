"""Which items the catalogue holds, asked once for each: products are never deleted from it."""

from collections.abc import Iterable

from sqlalchemy import Engine

from signals.catalog import CatalogStore


class KnownItems:
    """The items of one catalogue. Safe to share between threads; a new product is known as soon as it is stored."""

    def __init__(self, engine: Engine) -> None:
        self._catalog = CatalogStore(engine)
        self._known = set[str]()

    def unknown(self, item_ids: Iterable[str]) -> list[str]:
        """Those of the ids that the catalogue does not hold, sorted; the database is asked about new ones only."""
        unseen = {item for item in item_ids if item not in self._known}
        if not unseen:
            return []
        unknown = self._catalog.unknown(unseen)
        self._known.update(unseen.difference(unknown))
        return unknown
