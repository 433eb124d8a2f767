"""The items of an RSS 2.0 or Atom feed, one at a time.

No document type may be declared, so that there is nowhere to declare an entity bomb or an external entity, and no
address is followed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesNSImpl, Locator

from defusedxml import DefusedXmlException
from defusedxml.expatreader import create_parser

from signals.adapters.files import MAX_LINE_BYTES, open_file
from signals.errors import UnreadableFileError
from signals.rows import Record, Reject

MERCHANT_NAMESPACE: Final = "base.google.com/ns/"
ITEMS: Final = frozenset({"item", "entry"})
BLOCK_BYTES: Final = 64 * 1024
MAX_ITEM_CHARACTERS: Final = MAX_LINE_BYTES

Name = tuple[str | None, str]


def xml_rows(path: Path) -> Iterator[Record | Reject]:
    """Each ``item`` or ``entry``, by the line it begins on: the texts of its elements by name, several as a list.

    Of two elements of the same name the one of the merchant namespace (``g:``) counts; the address of an Atom ``link``
    is its ``href``. What is nested deeper is left out.

    Raises
    ------
    UnreadableFileError
        The file is not well-formed, or declares a document type.
    """
    parser = create_parser(namespaceHandling=True, forbid_dtd=True)
    items = _Items(parser)
    parser.setContentHandler(items)
    parser.reset()
    try:
        with open_file(path) as file:
            while block := file.read(BLOCK_BYTES):
                parser.feed(block)
                yield from items.taken()
        parser.close()
    except DefusedXmlException as error:
        raise UnreadableFileError(f"{path} declares a document type, which no feed needs; take it out") from error
    except (SAXException, LookupError, ValueError) as error:
        raise UnreadableFileError(f"{path} is not well-formed XML: {_where(error)}; mend it there") from error


def _where(error: Exception) -> str:
    if isinstance(error, SAXParseException):
        return f"line {error.getLineNumber()}: {error.getMessage()}"
    return str(error)


class _Items(ContentHandler):
    """Collects items until they are taken."""

    def __init__(self, locator: Locator) -> None:
        super().__init__()
        self._locator = locator
        self._done: list[Record | Reject] = []
        self._item: _Item | None = None

    def taken(self) -> list[Record | Reject]:
        done, self._done = self._done, []
        return done

    def startElementNS(self, name: Name, qname: str | None, attrs: AttributesNSImpl) -> None:  # noqa: ARG002, N802
        if self._item is not None:
            self._item.start(name, attrs)
        elif name[1] in ITEMS:
            self._item = _Item(self._locator.getLineNumber() or 0)

    def characters(self, content: str) -> None:
        if self._item is not None:
            self._item.add(content)

    def endElementNS(self, name: Name, qname: str | None) -> None:  # noqa: ARG002, N802
        if self._item is not None and self._item.end(name):
            self._done.append(self._item.row())
            self._item = None


class _Item:
    """One item while it is read; its depth is 0, that of its elements 1."""

    def __init__(self, line: int) -> None:
        self._line = line
        self._depth = 0
        self._size = 0
        self._text: list[str] = []
        self._merchant: dict[str, list[str]] = {}
        self._plain: dict[str, list[str]] = {}

    def start(self, name: Name, attrs: AttributesNSImpl) -> None:
        self._depth += 1
        if self._depth == 1:
            href = (None, "href")
            self._text = [attrs.getValue(href)] if name[1] == "link" and href in attrs else []

    def add(self, content: str) -> None:
        self._size += len(content)
        if self._depth == 1 and self._size <= MAX_ITEM_CHARACTERS:
            self._text.append(content)

    def end(self, name: Name) -> bool:
        """Whether that was the end of the item."""
        text = "".join(self._text).strip()
        if self._depth == 1 and text:
            texts = self._merchant if MERCHANT_NAMESPACE in (name[0] or "") else self._plain
            texts.setdefault(name[1].lower(), []).append(text)
        self._depth -= 1
        return self._depth < 0

    def row(self) -> Record | Reject:
        if self._size > MAX_ITEM_CHARACTERS:
            return Reject(self._line, f"the item is longer than {MAX_ITEM_CHARACTERS} characters", None)
        values = {**self._plain, **self._merchant}
        return Record(self._line, {name: texts[0] if len(texts) == 1 else texts for name, texts in values.items()})
