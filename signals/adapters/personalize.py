"""Amazon Personalize: ``PutEvents`` requests as JSON Lines, and the interactions data set as CSV.

=============================================  =====================  ==========================================
PutEvents                                      interactions           column
=============================================  =====================  ==========================================
eventList[] eventId                                                   event_id
userId                                         USER_ID                user_id; "anonymous:x" is the anonymous_id x
sessionId                                                             session_id, and without a userId the
                                                                      anonymous_id too
eventList[] itemId                             ITEM_ID                item_id
eventList[] eventType                          EVENT_TYPE             kind: see below
eventList[] sentAt                             TIMESTAMP (seconds)    occurred_at
eventList[] recommendationId                   RECOMMENDATION_ID      request_id
eventList[] impression[]                       IMPRESSION (by "|")    one impression per item, see below
eventList[] eventValue                         EVENT_VALUE            the property ``event_value``
eventList[] properties (JSON text or object)                          the properties of the same name
eventList[] metricAttribution                                         the property ``event_attribution_source``
.eventAttributionSource
=============================================  =====================  ==========================================

An event type is free text: it is one of ours in any case and with any separators ("AddToCart", "add-to-cart"), or the
Segment name of one without them ("ProductViewed", "OrderCompleted").

Each item of an event's impression is an event of kind impression beside the event itself: its place in the list is its
position, from 1, and its event_id is ``{eventId}:{place}``, from 0. Interactions, and events without an eventId, are
known by their values and their place among their equals.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from schemas.events import EventKind
from schemas.ids import ANONYMOUS_PREFIX
from signals.adapters.feed_files import parse_json, table_rows
from signals.adapters.segment import KINDS as SEGMENT_KINDS
from signals.adapters.wire import JSON_LINES, Call, Rows, WireFormat, kind_of, members
from signals.adapters.wire_values import from_seconds, numbered, properties_of, text
from signals.errors import InvalidRecordError
from signals.rows import Chunk, Record

SOURCE: Final = "personalize"
REQUIRED_COLUMNS: Final = ("user_id", "item_id", "timestamp", "event_type")
SEPARATORS: Final = re.compile(r"[\W_]+")


def read_events(path: Path) -> Iterator[Chunk]:
    """The events of JSON Lines of requests, or of a CSV of interactions."""
    csv = partial(table_rows, required=[(name,) for name in REQUIRED_COLUMNS])
    return PERSONALIZE.read(path, {**JSON_LINES, ".csv": csv})


def decode(payload: Any) -> Chunk:
    """The events of one ``PutEvents`` body, decoded with `feed_files.parse_json`."""
    return PERSONALIZE.decode(payload)


def spelling(event_type: Any) -> Any:
    """An event type without case and separators; what is no text, as it is."""
    return SEPARATORS.sub("", event_type).casefold() if isinstance(event_type, str) else event_type


KINDS: Final[Mapping[str, EventKind]] = {
    **{spelling(name): kind for name, kind in SEGMENT_KINDS.items()},
    **{spelling(kind): kind for kind in EventKind if kind is not EventKind.ALIAS},
}


def _calls_in(payload: Call) -> list[Any]:
    """Events with the names of PutEvents, wherever they are from."""
    if "eventList" not in payload:
        return [_interaction(payload)]
    return members(payload, "eventList", {name: payload.get(name) for name in ("userId", "sessionId")})


def _interaction(row: Call) -> dict[str, Any]:
    shown = row.get("impression")
    return {
        "userId": row.get("user_id"),
        "itemId": row.get("item_id"),
        "eventType": row.get("event_type"),
        "sentAt": row.get("timestamp"),
        "recommendationId": row.get("recommendation_id"),
        "impression": shown.split("|") if isinstance(shown, str) else shown,
        "eventValue": row.get("event_value"),
    }


def _rows_of(event: Call, line: int) -> Rows:
    kind = kind_of("eventType", spelling(event.get("eventType")), KINDS, ())
    common = {
        **_shopper(event),
        "occurred_at": from_seconds(event.get("sentAt"), "sentAt"),
        "request_id": text(event.get("recommendationId")),
    }
    event_id = text(event.get("eventId"))
    own = {"event_id": event_id, "kind": kind.value, "item_id": text(event.get("itemId"))}
    yield Record(line, {**common, **own, "properties": _properties(event)})
    for place, item in enumerate(_shown(event.get("impression"))):
        shown = {"kind": EventKind.IMPRESSION.value, "item_id": text(item), "position": place + 1}
        yield Record(line, {**common, **shown, "event_id": numbered(event_id, place)})


def _shopper(event: Call) -> dict[str, Any]:
    user, session = text(event.get("userId")), text(event.get("sessionId"))
    if isinstance(user, str) and user.startswith(ANONYMOUS_PREFIX):
        return {"anonymous_id": user.removeprefix(ANONYMOUS_PREFIX), "session_id": session}
    return {"user_id": user, "anonymous_id": session if user is None else None, "session_id": session}


def _properties(event: Call) -> dict[str, Any]:
    values = event.get("properties")
    try:
        values = parse_json(values) if isinstance(values, str) else values
    except (ValueError, RecursionError):
        raise InvalidRecordError("properties: not JSON") from None
    own, attribution = (value if isinstance(value, dict) else {} for value in (values, event.get("metricAttribution")))
    return {
        **properties_of(own, {name: name for name in own}),
        **properties_of(event, {"eventValue": "event_value"}),
        **properties_of(attribution, {"eventAttributionSource": "event_attribution_source"}),
    }


def _shown(impression: Any) -> list[Any]:
    if impression is not None and not isinstance(impression, list):
        raise InvalidRecordError("impression: not a list of item ids")
    return impression or []


PERSONALIZE: Final = WireFormat(SOURCE, _calls_in, _rows_of)
