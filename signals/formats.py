"""Which formats can be read, by the name the command line knows them by."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeVar

from signals.adapters import acp, canonical, ga4, google_merchant, magento, personalize, schema_org, segment, vertex
from signals.adapters.files import Line
from signals.catalog_entries import CatalogChunk
from signals.datasets import online_retail, retailrocket
from signals.errors import UnknownFormatError
from signals.rows import Chunk

EVENT_FORMATS: Final[Mapping[str, Callable[[Path], Iterator[Chunk]]]] = {
    "canonical": canonical.read_events,
    "segment": segment.read_events,
    "ga4": ga4.read_events,
    "personalize": personalize.read_events,
    "vertex": vertex.read_events,
    "online-retail": online_retail.read_events,
    "retailrocket": retailrocket.read_events,
}
LINE_FORMATS: Final[Mapping[str, Callable[[], Callable[[Iterable[Line]], Iterator[Chunk]]]]] = {
    "canonical": lambda: canonical.read_event_lines,
    "segment": segment.SEGMENT.line_reader,
    "ga4": ga4.GA4.line_reader,
    "personalize": personalize.PERSONALIZE.line_reader,
    "vertex": vertex.VERTEX.line_reader,
}
"""The event formats whose files can be read while they grow; each gives a new reader for a new file."""
CATALOG_FORMATS: Final[Mapping[str, Callable[[Path], Iterator[CatalogChunk]]]] = {
    "canonical": canonical.read_products,
    "google-merchant": google_merchant.read_products,
    "acp": acp.read_products,
    "schema-org": schema_org.read_products,
    "magento": magento.read_products,
    "online-retail": online_retail.read_products,
    "retailrocket": retailrocket.read_products,
}

Reader = TypeVar("Reader")


def reader_of(formats: Mapping[str, Reader], name: str) -> Reader:
    if name not in formats:
        raise UnknownFormatError(name, formats)
    return formats[name]
