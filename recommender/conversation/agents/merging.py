"""Proposals merged into one, and the second ranking with it: the same from a trace as when it was made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from recommender.conversation.context import Dropped
from recommender.conversation.relaxing import Found, find
from recommender.conversation.vocabulary import Vocabulary
from schemas import Boost, Constraints, Filter, Money, RankedItem, Recommendations, Wishes
from schemas.conversation import Candidate, Proposal
from schemas.rules import MAX_BOOST

RankAgain = Callable[[Constraints, int, Sequence[Boost]], Recommendations]
"""As `relaxing.Rank`, with boosts."""

WEIGHTS: Final = {"taste": 0.25, "photo": 1.0, "catalogue search": 1.0, "complements": 20.0, "value": 20.0}
"""How many deviations of the score an agent's strongest candidate gains; see tests/benchmarks/RESULTS.md, Modes."""
SPEAKERS: Final = ("value", "complements", "catalogue search")
"""Whose wishes count where several propose some: the first of these."""
MAX_CANDIDATES: Final = 40
DECIMALS: Final = 3


def merge(proposals: Mapping[str, Proposal], weights: Mapping[str, float] = WEIGHTS) -> Proposal:
    """One proposal out of those of the agents: strengths added by weight, all vetoes, the wishes of one of them.

    A vetoed item is no candidate, and a set with one of them no set.
    """
    speaking = [proposals[name] for name in SPEAKERS if name in proposals and proposals[name].wishes is not None]
    vetoes = tuple(dict.fromkeys(item for name in sorted(proposals) for item in proposals[name].vetoes))
    candidates = added(
        [proposals[name].candidates for name in sorted(proposals)],
        [weights.get(name, 0.0) for name in sorted(proposals)],
    )
    said = speaking[0] if speaking else Proposal()
    parts = () if {part.item_id for part in said.parts} & set(vetoes) else said.parts
    if said.parts and not parts:
        said = Proposal()
    return Proposal(
        candidates=tuple(one for one in candidates if one.item_id not in vetoes)[:MAX_CANDIDATES],
        wishes=said.wishes,
        set_aside=said.set_aside,
        vetoes=vetoes,
        parts=parts,
        budget=said.budget,
    )


def added(lists: Sequence[Sequence[Candidate]], weights: Sequence[float]) -> tuple[Candidate, ...]:
    """The candidates of several lists, the strongest first; strengths of the same item add up."""
    strengths: dict[str, float] = {}
    for candidates, weight in zip(lists, weights, strict=True):
        for one in candidates:
            strengths[one.item_id] = strengths.get(one.item_id, 0.0) + weight * one.strength
    ranked = sorted(strengths.items(), key=lambda pair: (-pair[1], pair[0]))
    rounded = ((item_id, round(min(strength, MAX_BOOST), DECIMALS)) for item_id, strength in ranked)
    return tuple(Candidate(item_id=item_id, strength=strength) for item_id, strength in rounded if strength > 0)


def rank_again(
    merged: Proposal, wishes: Wishes, rank: RankAgain, vocabulary: Vocabulary, k: int, excluded: Sequence[str] = ()
) -> Found | None:
    """The second ranking. None where a set was proposed and its items are not to be had at that price any more.

    Hard constraints stay hard: a boost lets in nothing, and vetoes are excluded. Of a set only its items may come.
    """
    boosts = _boosts(merged)

    def ranked(constraints: Constraints, n: int) -> Recommendations:
        items = tuple(part.item_id for part in merged.parts)
        return rank(constraints.model_copy(update={"items": items}), n, boosts)

    barred = (*excluded, *merged.vetoes)
    found = find(merged.wishes or wishes, ranked, vocabulary, len(merged.parts) or k, exclude=barred)
    if merged.parts and not _is_set(merged, found.recommendations):
        return None
    aside = tuple(Dropped(one.field, one.value) for one in merged.set_aside)
    return replace(found, relaxed=(*aside, *found.relaxed))


def _boosts(merged: Proposal) -> tuple[Boost, ...]:
    strengths: dict[float, list[str]] = {}
    for one in merged.candidates:
        strengths.setdefault(one.strength, []).append(one.item_id)
    return tuple(Boost(of=Filter(items=tuple(items)), by=by) for by, items in strengths.items())


def total_of(merged: Proposal, items: Sequence[RankedItem]) -> Money | None:
    """What a set costs, each item as often as it is wanted; None for no set, and without a price in one currency."""
    quantities = {part.item_id: part.quantity for part in merged.parts}
    prices = [(item.row.price, quantities.get(item.item_id, 1)) for item in items]
    currencies = {price.currency if price is not None else None for price, _ in prices}
    (currency,) = currencies if len(currencies) == 1 else (None,)
    if not quantities or currency is None:
        return None
    return Money(sum((price.amount * n for price, n in prices if price is not None), Decimal(0)), currency)


def _is_set(merged: Proposal, ranked: Recommendations) -> bool:
    if {item.item_id for item in ranked.items} != {part.item_id for part in merged.parts}:
        return False
    cost = total_of(merged, ranked.items)
    return merged.budget is None or (cost is not None and cost <= merged.budget)
