"""Events as rows of Personalize's interactions data set, such that `signals.adapters.personalize` reads them again."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.events import KINDS_WITHOUT_ITEM
from schemas.ids import shopper_id
from signals.errors import InvalidRecordError

COLUMNS: Final = ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE", "IMPRESSION", "RECOMMENDATION_ID")
MICROSECONDS: Final = 1_000_000


def interaction_of(event: Mapping[str, Any]) -> tuple[Any, ...]:
    """One event in the order of `COLUMNS`; the event as `segment_export.call_of` takes it.

    Raises
    ------
    InvalidRecordError
        The event is a search or an alias, for an interaction is with an item.
    """
    if event["kind"] in KINDS_WITHOUT_ITEM:
        raise InvalidRecordError(f"{event['kind']}: Personalize has no interaction without an item")
    return (
        shopper_id(event.get("user_id"), event.get("anonymous_id")),
        event["item_id"],
        event["occurred_at"] // MICROSECONDS,
        event["kind"].title().replace("_", ""),
        (event.get("properties") or {}).get("event_value"),
        None,
        event.get("request_id"),
    )
