"""Calls in, events out: what the tests of the wire formats share."""

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from signals.adapters.feed_files import parse_json
from signals.event_table import event_values
from signals.rows import LINE, Chunk, Reject
from signals.validation import check_events

Row = dict[str, Any]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@dataclass(frozen=True)
class Understood:
    """``events``: the columns that hold something, with ``line``; ``rejects`` of the adapter and of the contract."""

    events: list[Row]
    rejects: list[Reject]

    @property
    def reasons(self) -> list[str]:
        return [reject.reason for reject in self.rejects]

    def column(self, name: str) -> list[Any]:
        return [event.get(name) for event in self.events]


def understood(chunks: Iterable[Chunk]) -> Understood:
    events: list[Row] = []
    rejects: list[Reject] = []
    for chunk in chunks:
        checked = check_events(chunk.frame)
        lines = checked.events[LINE].to_pylist()
        rows = zip(event_values(checked.events.drop_columns(LINE)), lines, strict=True)
        events += [{**row, LINE: line} for row, line in rows]
        rejects += [*chunk.rejects, *checked.rejects]
    return Understood(events, rejects)


def is_accounted_for(chunk: Chunk) -> bool:
    """Whether each row of a chunk became an event or a reject, and there is one."""
    found = understood([chunk])
    return len(found.events) + len(found.rejects) == len(chunk.frame) + len(chunk.rejects) > 0


def decoded(decode: Callable[[Mapping[str, Any]], Chunk], payload: Any) -> Understood:
    """What a body means; objects are sent as JSON first."""
    body = payload if isinstance(payload, str | bytes) else json.dumps(payload)
    return understood([decode(parse_json(body))])


def written(folder: Path, *payloads: Any, name: str = "calls.jsonl") -> Path:
    path = folder / name
    content = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in payloads).encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def lines_of(found: Understood) -> list[int]:
    return sorted([*(event[LINE] for event in found.events), *(reject.line for reject in found.rejects)])
