"""What the command line prints: tables for people on standard output, progress on standard error, JSON for programs."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from recommender.artifacts import Comparison, Manifest
from recommender.jobs.evaluate import BLEND, Evaluation
from recommender.jobs.photo_indexing import Indexing
from recommender.jobs.publishing import Training
from recommender.jobs.report import DemoReport, ShopperStory, Turn, origins_in_words
from recommender.parts import BatchManifest
from recommender.photo_index import PhotoIndex
from recommender.shop.privacy import Erased
from recommender.shop.replay import Replay
from recommender.text import clean
from recommender.wording import MAX_TITLE, price_text, reason_text
from schemas import Effects, Explanation, Heard, Prepared, RankedItem, Recommendations
from signals.ingest import IngestReport

FLAGGED: Final = "flagged_"
SHOWN_ROWS: Final = 20

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def print_json(value: Mapping[str, Any], indent: int | None = None) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str, indent=indent) + "\n")


def print_error(error: Exception) -> None:
    err.print(f"error: {error}", style="red", markup=False, soft_wrap=True)


@contextmanager
def share_progress(text: str) -> Iterator[Callable[[float, str], None]]:
    """A bar for work whose share done, in [0, 1], is known."""
    with _progress(BarColumn()) as bar:
        task = bar.add_task(text, total=1.0)
        yield lambda share, what: bar.update(task, completed=share, description=escape(what))


@contextmanager
def row_progress(path: Path) -> Iterator[Callable[[int], None]]:
    """A count of rows for a file whose length is not known."""
    with _progress(MofNCompleteColumn()) as bar:
        task = bar.add_task(f"rows of {escape(path.name)}", total=None)
        yield lambda rows: bar.update(task, completed=rows)


@contextmanager
def working(text: str) -> Iterator[None]:
    """A sign of life for work whose end is not known."""
    with err.status(escape(text)):
        yield


def _progress(column: ProgressColumn) -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), column, TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True)


def print_ingest(report: IngestReport) -> None:
    table = Table("", "rows")
    for name in ("accepted", "duplicated", "rejected"):
        table.add_row(name, f"{getattr(report, name):,}")
    for reason, count in sorted(report.reasons.items(), key=lambda pair: -pair[1]):
        table.add_row(escape(f"  {reason}"), f"{count:,}")
    for rule, count in sorted(report.flagged.items()):
        table.add_row(f"flagged: {rule}", f"{count:,}")
    out.print(table)
    if report.rejected:
        out.print(f"rejected rows: {report.rejected_file}", markup=False)


def print_training(training: Training, folder: Path) -> None:
    if training.published:
        _print_manifest(training.manifest)
    if training.comparison is not None:
        _print_comparison(training.comparison)
    version = training.manifest.version
    if training.published:
        out.print(f"artifacts {version} are in use in {folder}", markup=False)
    else:
        out.print(
            f"the new blend is worse than the one in use, which stays: artifacts {version} in {folder}. "
            "--publish-anyway takes the new one",
            markup=False,
        )


def _print_comparison(comparison: Comparison) -> None:
    low, high = comparison.difference
    out.print(
        f"NDCG@10 on the same {comparison.questions:,} shoppers: new {comparison.new:.4f}, "
        f"in use before {comparison.in_use:.4f}; 95 % interval of the difference {low:+.4f} to {high:+.4f}"
    )


def _print_manifest(manifest: Manifest) -> None:
    table = Table("model", "weight in the blend", "NDCG@10 alone, validation")
    for name, member in manifest.members.items():
        table.add_row(name, f"{member.weight:.3f}", "-" if member.ndcg is None else f"{member.ndcg:.4f}")
    out.print(table)
    if manifest.validation_ndcg is None:
        out.print(
            f"Only {manifest.validation_queries} shoppers bought anything new in the last part of the time range: "
            "too few to choose by, so these are default models and weights."
        )
    else:
        shoppers = f"{manifest.validation_queries:,} shoppers"
        out.print(f"blend: NDCG@10 {manifest.validation_ndcg:.4f} on validation ({shoppers})")
    if manifest.refreshed is not None:
        out.print(
            f"as artifacts {manifest.refreshed} chose it, fitted on everything before {manifest.as_of:%Y-%m-%d %H:%M}",
            markup=False,
        )
    flagged = {name.removeprefix(FLAGGED): count for name, count in manifest.counts.items() if name.startswith(FLAGGED)}
    if flagged:
        out.print(f"events set aside, for no shopper can have done them: {counted(flagged)}")


def print_erased(erased: Erased, folder: Path) -> None:
    out.print(f"erased: {counted(erased.counts)}")
    if erased.refit_before is not None:
        models = ", ".join(erased.pending)
        out.print(
            f"{models} in {folder} keep a share of erased shoppers until `recommender train`; run it before "
            f"{erased.refit_before:%Y-%m-%d}: after that no shop opens these artifacts",
            markup=False,
        )


def print_indexing(indexing: Indexing, folder: Path) -> None:
    filled = indexing.filled
    print_text(
        f"{filled.products:,} products in {PhotoIndex(folder).folder}, {filled.written:,} of them new or changed, "
        f"in {indexing.seconds:,.1f} s; photos: {counted(filled.photos)}"
    )
    for item_id, trouble in list(filled.troubles.items())[:SHOWN_ROWS]:
        print_text(f"  {item_id}: its photo is {trouble}")
    if len(filled.troubles) > SHOWN_ROWS:
        print_text(f"  and {len(filled.troubles) - SHOWN_ROWS:,} more; --json names them all")


def counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())


def print_evaluation(evaluation: Evaluation, question: str, k: int, measure: str) -> None:
    """Every model and the blend: recall and `measure` (ndcg or mrr) at `k`."""
    out.print(f"{evaluation.users:,} questions, {evaluation.items:,} products; {question}")
    table = Table("model", f"recall@{k}", f"{measure.upper()}@{k}", "coverage", "weight")
    for name, row in {**evaluation.models, BLEND: evaluation.blend}.items():
        weight = evaluation.weights.get(name, 0)
        values = (f"{row[key]:.4f}" for key in (f"recall@{k}", f"{measure}@{k}", "coverage"))
        table.add_row(name, *values, f"{weight:.3f}" if weight else "")
    out.print(table)
    low, high = evaluation.lead.interval
    out.print(
        f"The blend's NDCG@10 is {evaluation.lead.difference:+.4f} ({low:+.4f} to {high:+.4f}) against "
        f"{evaluation.lead.over} alone"
        f"{'; trees order its best anew' if evaluation.trees else ''}. "
        f"Fitting and choosing took {evaluation.fit_seconds:.0f} s, measuring {evaluation.score_seconds:.0f} s."
    )


def print_recommendations(answer: Recommendations) -> None:
    print_heard(answer.heard)
    print_items(answer.items)
    if answer.relaxed:
        out.print(f"Nothing fits everything; set aside: {'; '.join(answer.relaxed)}", markup=False)
    if answer.shortfall:
        out.print(f"{answer.shortfall:,} fewer than asked for: {answer.shortfall_reason}")
    if answer.effects:
        _print_effects(answer.effects)
    if answer.cold_start:
        out.print("Nothing is known of this shopper yet: this is what everybody likes.")


def _print_effects(effects: Effects) -> None:
    if effects.promoted or effects.promoted_shortfall:
        out.print(f"{effects.promoted:,} promoted, {effects.promoted_shortfall:,} fewer than asked for")
    if effects.diversity_cost:
        out.print(f"Diversity costs {effects.diversity_cost:.2f} of the sum of scores.")
    if effects.capped:
        out.print(f"{effects.capped:,} left out that were shown too often.")


def print_batch(manifest: BatchManifest, out_folder: Path) -> None:
    plan = manifest.plan
    out.print(
        f"{counted(manifest.counts)}; as of {plan.as_of:%Y-%m-%d %H:%M:%S}, artifacts {plan.model_version}",
        markup=False,
    )
    out.print(f"run {plan.run_id} is in use in {out_folder}, {plan.parts:,} parts", markup=False)


def print_rows(rows: Sequence[Mapping[str, Any]], file: Path | None) -> None:
    """The first rows as a table, how many there are, and where all of them are."""
    if rows:
        table = Table(*(name.replace("_", " ") for name in rows[0]))
        for row in rows[:SHOWN_ROWS]:
            table.add_row(*(escape("-" if value is None else _shown(value)) for value in row.values()))
        out.print(table)
    more = "" if file is None else f"; all of them are in {file}"
    out.print(f"{len(rows):,} rows{more}", markup=False)


def _shown(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else clean(str(value), MAX_TITLE)


def print_prepared(found: Prepared) -> None:
    print_recommendations(found.recommendations)
    if found.copy_text is not None:
        print_text(found.copy_text)
    out.print(f"prepared {found.prepared_at:%Y-%m-%d %H:%M} by run {found.run_id}", markup=False)


def print_replay(replayed: Replay) -> None:
    print_items(replayed.again.items)
    if replayed.is_same:
        out.print(f"The same {len(replayed.shown):,} items as were shown then, in the same order.")
    else:
        out.print(f"Not what was shown then: {', '.join(replayed.shown) or 'nothing'}", markup=False)


def print_items(items: tuple[RankedItem, ...]) -> None:
    table = Table("#", "item", "title", "price", "why")
    for one in items:
        why = "; ".join(reason_text(reason, one.item_id) for reason in one.reasons)
        price = "-" if one.row.price is None else price_text(one.row.price)
        table.add_row(str(one.rank), *map(escape, (one.item_id, clean(one.row.title, MAX_TITLE), price, why)))
    out.print(table)


def print_explanation(found: Explanation) -> None:
    out.print(f"score {found.score:.3f}")
    table = Table("in the history", "title", "did", "score without", "which moved it by")
    for one in found.influences:
        title, moved = clean(one.title or "", MAX_TITLE), found.score - one.score_without
        words = (one.item_id, title, one.event_kind.replace("_", " "))
        table.add_row(*map(escape, words), f"{one.score_without:.3f}", f"{moved:+.3f}")
    out.print(table)
    if not found.influences:
        out.print("Nothing is known of this shopper, so nothing of a history moved it.")


def print_text(text: str) -> None:
    out.print(text, markup=False)


def print_heard(heard: Heard | None) -> None:
    if heard is not None and heard.text:
        err.print(f"heard: {heard.text} ({heard.confidence:.0%} sure)", style="dim", markup=False, soft_wrap=True)


def print_notes(notes: tuple[str, ...]) -> None:
    for note in notes:
        err.print(f"note: {note}", style="dim", markup=False, soft_wrap=True)


def print_demo(report: DemoReport) -> None:
    facts = report.facts
    out.print(f"{report.title}: {facts.products:,} products, {facts.shoppers:,} shoppers, {facts.n_events:,} events")
    measured = report.evaluation
    table = Table("model", f"recall@{measured.k}", f"NDCG@{measured.k}", "coverage", "weight")
    for row in measured.rows:
        weight = measured.weights.get(row.name, 0.0)
        values = (f"{value:.4f}" for value in (row.recall, row.ndcg, row.coverage))
        table.add_row(row.name, *values, f"{weight:.3f}" if weight else "")
    out.print(table)
    for story in report.shoppers:
        _print_story(story)


def _print_story(story: ShopperStory) -> None:
    out.rule(f"shopper {escape(story.user_id)}", align="left")
    for signal in story.signals:
        out.print(
            f"{signal.occurred_at:%Y-%m-%d %H:%M}  {signal.kind:<16} {clean(signal.title, MAX_TITLE)}", markup=False
        )
    print_items(story.items)
    for chat in story.chats:
        out.print(f"\n{chat.title}", style="bold", markup=False)
        for turn in chat.turns:
            _print_turn(turn)


def _print_turn(turn: Turn) -> None:
    out.print(f"{turn.who}> {'[a photo] ' if turn.photo else ''}{turn.text}", markup=False)
    if turn.items:
        shown = ", ".join(clean(item.row.title, MAX_TITLE) for item in turn.items)
        out.print(f"      {shown}", style="dim", markup=False)
    if turn.timing is not None:
        times = f"products after {turn.timing.items:.2f} s, all after {turn.timing.whole:.2f} s"
        out.print(f"      {origins_in_words(turn)}; {times}", style="dim", markup=False)
    for note in turn.notes:
        out.print(f"      note: {note}", style="dim", markup=False)
