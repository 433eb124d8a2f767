"""Simulated shoppers who visit a real shop: it answers them, and what they do is recorded as any shop would."""

from typing import Any

import numpy as np

from recommender.errors import NotEnoughDataError
from recommender.selection import Progress, silent
from recommender.shop import Shop
from schemas import Columns, Event, EventKind, Recommendations, Rules
from signals.simulator import ClosedLoop, Day, Shown
from signals.simulator.loop_events import event_table
from signals.simulator.market import IntArray

SOURCE = "visitors"


def visit(
    shop: Shop, loop: ClosedLoop, days: int, *, k: int = 10, rules: Rules | None = None, progress: Progress = silent
) -> int:
    """Let the shoppers of the loop's world visit for some days; returns how many visits there were.

    Lists and propensities are kept by the shop itself; clicks, views, carts and purchases are recorded, each with the
    request that it belongs to and the time of that request, so that the next visit is answered with them.

    Parameters
    ----------
    loop : of the config that the shop's products and events were simulated from
    rules : business rules of every list; with exploration, other policies can be judged from the log

    Raises
    ------
    NotEnoughDataError : the shop has fewer than `k` products for somebody
    """
    answering = _Answers(shop, loop, k, rules)
    visits = 0
    for number, day in enumerate(loop.days(answering, days), start=1):
        shop.record(_deeds(day, loop, answering.latest))
        visits += len(day)
        progress(number / days, f"{visits:,} visits")
    return visits


class _Answers:
    """A policy: what the shop recommends. ``latest`` are its answers of the day, in the order of the visits."""

    def __init__(self, shop: Shop, loop: ClosedLoop, k: int, rules: Rules | None) -> None:
        self.latest: list[Recommendations] = []
        self._shop, self._k, self._rules = shop, k, rules
        self._number = {item_id: number for number, item_id in enumerate(loop.item_ids)}

    def __call__(self, shoppers: IntArray, rng: np.random.Generator) -> Shown:  # noqa: ARG002 - the shop has a seed of its own
        self.latest = [self._answer(f"shopper-{shopper:05d}") for shopper in shoppers.tolist()]
        items = [[self._number[one.item_id] for one in answer.items] for answer in self.latest]
        return Shown(
            np.array(items, dtype=np.int64).reshape(-1, self._k),
            np.array([[one.propensity for one in answer.items] for answer in self.latest]).reshape(-1, self._k),
        )

    def _answer(self, user_id: str) -> Recommendations:
        answer = self._shop.recommend(user_id, self._k, rules=self._rules)
        if answer.shortfall:
            raise NotEnoughDataError(
                f"{user_id} gets {answer.shortfall} fewer products than {self._k}; pass a smaller k"
            )
        return answer


def _deeds(day: Day, loop: ClosedLoop, answers: list[Recommendations]) -> list[Event]:
    """What the visitors did, as events of the answers they were shown."""
    table = event_table(day, loop.world, loop.currency).to_pandas()
    began = table.groupby(Columns.REQUEST)[Columns.OCCURRED_AT].transform("min")
    visit = table[Columns.REQUEST].str.rpartition("-")[2].astype("int64") - day.first_visit - 1
    done = table.assign(after=table[Columns.OCCURRED_AT] - began, visit=visit)
    done = done[done[Columns.KIND] != EventKind.IMPRESSION.value].drop(columns=Columns.OCCURRED_AT)
    rows = done.astype(object).where(done.notna(), None).to_dict("records")
    return [_deed(row, answers[row.pop("visit")]) for row in rows]


def _deed(row: dict[str, Any], answer: Recommendations) -> Event:
    after = row.pop("after")
    own = {
        Columns.REQUEST: answer.request_id,
        "source": SOURCE,
        "event_id": f"{answer.request_id}-{row[Columns.KIND]}-{row[Columns.POSITION]}",
        "order_id": answer.request_id if row["order_id"] else None,
        Columns.SESSION: answer.request_id,
        Columns.OCCURRED_AT: answer.as_of + after,
    }
    return Event.model_validate({**row, **own})
