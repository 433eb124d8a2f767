"""Trains the compact writer: ``python -m recommender.base_model.compact.train --out FOLDER``.

Seeded and resumable; on a CPU or a GPU. The folder then holds a checkpoint that any transformers program loads.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import torch
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from transformers import LlavaForConditionalGeneration, PreTrainedTokenizerFast

from recommender.base_model.compact.architecture import (
    LAYERS,
    WIDTH,
    deepened,
    new_model,
    new_processor,
    save,
    train_tokenizer,
)
from recommender.base_model.compact.learning import optimizers_of, rate_at, reply_losses
from recommender.base_model.compact.practice.batches import Batch, Practice, drawn_batches, practice_loader
from recommender.base_model.compact.practice.examples import Mixture, draw_examples, practice_shelves
from recommender.base_model.compact.practice.real_shelves import real_shelves
from recommender.base_model.compact.practice.shelves import Shelf
from recommender.errors import BadRequestError

VALIDATION_SEED: Final = 7_001
HELD_OUT_SEED: Final = 9_001
HELD_OUT_SHELVES: Final = 3
"""Of each kind. Designs and settings are chosen on the shops of the first seed; figures are of those of the second."""
CHECKPOINT_STEPS: Final = 200


@dataclass(frozen=True)
class Phase:
    """A part of the training: up to ``until`` of all steps, examples of this mixture."""

    until: float
    mixture: Mixture


PHASES: Final = (
    Phase(0.3, Mixture(captions=0.5, short=0.5)),
    Phase(1.0, Mixture(captions=0.15, short=0.25)),
)
"""Photos and single products first, where a token of the prompt is told most often; then whole requests."""
CONTINUED: Final = (Phase(1.0, Mixture(captions=0.1, short=0.25)),)
"""Of a training that goes on from a checkpoint."""
KINDS: Final = {"photo": Mixture(1.0, 0.0), "product": Mixture(0.0, 1.0), "request": Mixture(0.0, 0.0, 0.0)}


@dataclass(frozen=True)
class TrainConfig:
    """``tokens`` are those of a step with padding, ``shelves`` the shops of each kind to practise on.

    ``real`` is the number of shelves of each real catalogue in the folder ``data``, "" for none. ``begin`` is a folder
    with the checkpoint that a training goes on from, "" for random weights; ``layers`` is the depth of its text model,
    at least the checkpoint's, and ``width`` its width, the checkpoint's where there is one. Where ``minutes`` are given
    a training ends by then, its rate and its examples follow the clock where that is ahead of the steps, and another
    machine makes other weights.
    """

    steps: int = 4_800
    tokens: int = 4_096
    learning_rate: float = 2e-3
    warmup: int = 150
    weight_decay: float = 0.05
    clip: float = 1.0
    seed: int = 0
    shelves: int = 24
    real: int = 24
    data: str = ""
    begin: str = ""
    layers: int = LAYERS
    width: int = WIDTH
    minutes: float = 0.0
    tokenizer_examples: int = 4_000
    held_out_examples: int = 96

    @property
    def pool(self) -> int:
        """Examples that are drawn at a time, so that those of like length can go together: about 16 steps of them."""
        return self.tokens // 16


@dataclass
class State:
    """Where a training stands; what is needed to go on from there. ``pool`` is the first not drawn from."""

    config: TrainConfig
    model: LlavaForConditionalGeneration
    optimizers: tuple[torch.optim.Optimizer, ...]
    step: int = 0
    pool: int = 0
    seconds: float = 0.0

    @property
    def done(self) -> float:
        """The share of the training that is behind, by steps or by the clock."""
        by_clock = self.seconds / (60 * self.config.minutes) if self.config.minutes else 0.0
        return max(self.step / self.config.steps, by_clock)

    def save(self, path: Path) -> None:
        partial = path.with_suffix(".part")
        torch.save(
            {
                "model": self.model.state_dict(),
                "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
                "step": self.step,
                "pool": self.pool,
                "seconds": self.seconds,
                "config": asdict(self.config),
            },
            partial,
        )
        os.replace(partial, path)

    def load(self, path: Path) -> None:
        """Raises BadRequestError where another training left it; the number of steps may differ."""
        saved = torch.load(path, weights_only=True, map_location="cpu")
        if (begun := TrainConfig(**saved["config"])) != replace(self.config, steps=begun.steps):
            raise BadRequestError(
                f"{path} was begun as {begun}; go on with the same settings, of which only steps may differ, or name "
                "another folder"
            )
        self.model.load_state_dict(saved["model"])
        for optimizer, own in zip(self.optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(own)
        self.step, self.pool, self.seconds = saved["step"], saved["pool"], saved["seconds"]


@contextmanager
def _denormals_flushed() -> Iterator[None]:
    """Numbers too small for full precision count as 0 while this lasts: they slow a CPU down, and teach nothing."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


@_denormals_flushed()
def train(
    folder: Path, config: TrainConfig, *, device: str = "cpu", workers: int = 1, progress: Progress | None = None
) -> None:
    """Train to ``config.steps``, or for ``config.minutes``; writes ``folder/checkpoint``.

    Goes on from ``folder/state.pt`` where there is one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shelves = _shelves(config)
    tokenizer = _tokenizer(folder / "tokenizer", shelves, config)
    state = _state(folder, tokenizer, config, device)
    unseen = practice_shelves(VALIDATION_SEED, HELD_OUT_SHELVES)
    held_out = {
        kind: drawn_batches(tokenizer, unseen, mixture, config.held_out_examples) for kind, mixture in KINDS.items()
    }
    task = progress.add_task("training", total=config.steps, completed=state.step) if progress else None
    started = time.monotonic() - state.seconds
    for phase in CONTINUED if config.begin else PHASES:
        if state.done >= phase.until:
            continue
        practice = Practice(
            tokenizer,
            shelves,
            phase.mixture,
            seed=config.seed,
            tokens=config.tokens,
            pool=config.pool,
            first=state.pool,
        )
        for pool, batch in practice_loader(practice, workers):
            loss = _step(state, batch.to(device), config)
            state.step, state.seconds = state.step + 1, time.monotonic() - started
            state.pool = max(state.pool, pool + 1)
            if progress is not None and task is not None:
                progress.update(task, completed=state.step, description=f"loss {loss:.3f}")
            if state.step % CHECKPOINT_STEPS == 0 or state.done >= 1:
                _report(folder, state, loss, held_out, config, device)
                state.save(folder / "state.pt")
            if state.done >= phase.until:
                break
    save(state.model, new_processor(tokenizer), folder / "checkpoint")


def _shelves(config: TrainConfig) -> list[Shelf]:
    real = real_shelves(Path(config.data), config.seed, config.real) if config.data else []
    return [*practice_shelves(config.seed, config.shelves), *real]


def _tokenizer(folder: Path, shelves: Sequence[Shelf], config: TrainConfig) -> PreTrainedTokenizerFast:
    """The one that a training began with; made at its beginning."""
    if folder.is_dir():
        return _kept_tokenizer(folder)
    if config.begin:
        return _kept_tokenizer(Path(config.begin))
    rng = np.random.default_rng([config.seed, 7])
    examples = islice(draw_examples(shelves, rng, Mixture(captions=0.25, short=0.35)), config.tokenizer_examples)
    made = train_tokenizer(text for example in examples for text in (example.prompt, example.reply))
    made.save_pretrained(folder)
    return made


def _kept_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    kept: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(folder)
    return kept


def _state(folder: Path, tokenizer: PreTrainedTokenizerFast, config: TrainConfig, device: str) -> State:
    torch.manual_seed(config.seed)
    model = _model(tokenizer, config).to(device)  # type: ignore[arg-type]
    if device == "cpu":
        model.set_attn_implementation("eager")  # faster there than the fused one, whose backward pass is slow
    state = State(config, model, optimizers_of(model, config.learning_rate, config.weight_decay))
    if (folder / "state.pt").exists():
        state.load(folder / "state.pt")
    return state


def _model(tokenizer: PreTrainedTokenizerFast, config: TrainConfig) -> LlavaForConditionalGeneration:
    if not config.begin:
        return new_model(tokenizer, config.layers, config.width)
    begun: LlavaForConditionalGeneration = LlavaForConditionalGeneration.from_pretrained(config.begin, dtype="float32")
    return deepened(begun, config.layers)


def _step(state: State, batch: Batch, config: TrainConfig) -> float:
    rate = rate_at(state.step, state.done, highest=config.learning_rate, warmup=config.warmup)
    for optimizer in state.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate
    state.model.train()
    losses, weights, _ = reply_losses(state.model, batch)
    loss = (losses * weights).sum() / weights.sum()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(state.model.parameters(), config.clip)
    for optimizer in state.optimizers:
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return float(loss.detach())


@torch.inference_mode()
def _quality(model: LlavaForConditionalGeneration, batches: list[Batch], device: str) -> dict[str, float]:
    """The mean loss, and the share of told tokens that are the likeliest."""
    model.eval()  # type: ignore[no-untyped-call]
    made = [reply_losses(model, batch.to(device)) for batch in batches]
    losses, weights, right = (torch.cat(columns) for columns in zip(*made, strict=True))
    return {
        "loss": round(float((losses * weights).sum() / weights.sum()), 4),
        "told": round(float(right[weights > 1].float().mean()), 4),
    }


def _report(
    folder: Path, state: State, loss: float, held_out: dict[str, list[Batch]], config: TrainConfig, device: str
) -> None:
    line = {
        "step": state.step,
        "loss": round(loss, 4),
        "held_out": {kind: _quality(state.model, batches, device) for kind, batches in held_out.items()},
        "minutes": round(state.seconds / 60, 1),
        "config": asdict(config),
    }
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


def main(
    out: Annotated[Path, typer.Option(help="Folder for the state, the log and the checkpoint.")],
    steps: Annotated[int, typer.Option(min=1, help="Optimizer steps in all.")] = TrainConfig.steps,
    tokens: Annotated[int, typer.Option(min=1_024, help="Padded tokens a step.")] = TrainConfig.tokens,
    learning_rate: Annotated[float, typer.Option(help="Highest learning rate.")] = TrainConfig.learning_rate,
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights and examples.")] = TrainConfig.seed,
    begin: Annotated[Path | None, typer.Option(help="Checkpoint to go on from; none: random weights.")] = None,
    layers: Annotated[int, typer.Option(min=1, help="Layers of the text model.")] = TrainConfig.layers,
    width: Annotated[int, typer.Option(min=64, help="Its width, a multiple of 64.")] = TrainConfig.width,
    warmup: Annotated[int, typer.Option(min=1, help="Steps until the highest learning rate.")] = TrainConfig.warmup,
    minutes: Annotated[float, typer.Option(min=0, help="End by then; 0: steps alone decide.")] = TrainConfig.minutes,
    data: Annotated[Path | None, typer.Option(envvar="RECOMMENDER_DATA", help="Folder of real catalogues.")] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0: as many as torch takes.")] = 0,
    workers: Annotated[int, typer.Option(min=0, help="Processes that make examples; 0: none but this one.")] = 1,
) -> None:
    """Train the compact writer; run it again to go on where it stopped."""
    if threads:
        torch.set_num_threads(threads)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        config = TrainConfig(
            steps=steps,
            tokens=tokens,
            learning_rate=learning_rate,
            warmup=warmup,
            seed=seed,
            begin=str(begin or ""),
            layers=layers,
            width=width,
            minutes=minutes,
            data=str(data or ""),
        )
        try:
            train(out, config, device=device, workers=workers, progress=progress)
        except BadRequestError as error:
            raise typer.BadParameter(str(error), param_hint="--out") from error


if __name__ == "__main__":
    typer.run(main)
