"""Products in JSON-LD: found in whatever holds them, references followed, each variant as an object of its own.

Terms are read as shops write them: those of schema.org without a prefix; types also as ``schema:Product`` or as an
address.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from signals.adapters.feed_values import text_of

PRODUCT_TYPES: Final = frozenset({"Product", "ProductGroup", "ProductModel", "IndividualProduct", "SomeProducts"})
GROUP_TYPE: Final = "ProductGroup"
HOLDERS: Final = ("@graph", "mainEntity", "itemListElement", "item")
GROUP: Final = "inProductGroupWithID"
GROUP_IDS: Final = ("productGroupID", "sku", "productID", "@id", "url")

Node = dict[str, Any]


def products_in(document: Any) -> list[Node]:
    """Every product of a document. Of a group, first what its variants share, then each variant.

    A group loses its ``hasVariant``, a variant gets the id of its group as ``inProductGroupWithID``: the group's
    ``productGroupID``, else its ``sku``, ``productID``, ``@id`` or ``url``.
    """
    found = list(_nodes(document))
    by_id = {node["@id"]: node for node in found if isinstance(node.get("@id"), str) and not _is_reference(node)}
    variants = {id(node): _variants(node, by_id) for node in found if node.get("hasVariant")}
    nested = {id(variant) for group in variants.values() for variant in group}
    products = [node for node in found if types_of(node) & PRODUCT_TYPES and id(node) not in nested]
    return [
        product
        for node in products
        for product in (_group(node, variants[id(node)]) if id(node) in variants else [_single(node, by_id)])
    ]


def types_of(node: Mapping[str, Any]) -> set[str]:
    """The types of a node, each without prefix or address."""
    return {name.replace(":", "/").rpartition("/")[2] for name in as_list(node.get("@type")) if isinstance(name, str)}


def as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def group_id(node: Mapping[str, Any]) -> str:
    """The id of a group; "" where it has none."""
    return next((text for text in (text_of(node.get(name)) for name in GROUP_IDS) if text), "")


def _nodes(document: Any) -> Iterator[Node]:
    """The objects of a document, those within lists, graphs and item lists included."""
    waiting = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += reversed(node)
        elif isinstance(node, dict):
            yield node
            waiting += [node[name] for name in reversed(HOLDERS) if name in node]


def _variants(group: Node, by_id: Mapping[str, Node]) -> list[Node]:
    return [_resolved(node, by_id) for node in as_list(group["hasVariant"]) if isinstance(node, dict)]


def _is_reference(node: Node) -> bool:
    return "@id" in node and not node.keys() - {"@id", "@type"}


def _resolved(node: Node, by_id: Mapping[str, Node]) -> Node:
    return by_id.get(str(node["@id"]), node) if _is_reference(node) else node


def _group(group: Node, variants: list[Node]) -> list[Node]:
    shared = {name: value for name, value in group.items() if name not in {"hasVariant", "offers"}}
    return [{**shared, "@type": GROUP_TYPE}, *(_within(group, variant) for variant in variants)]


def _single(node: Node, by_id: Mapping[str, Node]) -> Node:
    """A product with the id of the group that it says to be a variant of, if it does."""
    parent = next((part for part in as_list(node.get("isVariantOf")) if isinstance(part, dict)), None)
    if parent is None or node.get(GROUP):
        return node
    return _within(_resolved(parent, by_id), node)


def _within(group: Node, variant: Node) -> Node:
    """The variant with the id of its group, and the group's name where it has none."""
    return {"name": group.get("name"), **variant, GROUP: group_id(group)}
