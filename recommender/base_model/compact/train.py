"""Trains the compact writer: ``python -m recommender.base_model.compact.train --out FOLDER``.

Seeded and resumable; on a CPU or a GPU. The folder then holds a checkpoint that any transformers program loads.
"""

import json
import math
import os
import time
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import torch
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch.nn.functional import cross_entropy
from transformers import LlavaForConditionalGeneration, PreTrainedTokenizerFast

from recommender.base_model.compact.architecture import new_model, new_processor, save, train_tokenizer
from recommender.base_model.compact.practice.batches import Batch, Practice, collate, practice_loader
from recommender.base_model.compact.practice.examples import draw_examples, practice_shelves

TOKENIZER_EXAMPLES: Final = 4_000
VALIDATION_SEED: Final = 9_001
VALIDATION_EXAMPLES: Final = 192
CHECKPOINT_STEPS: Final = 200


@dataclass(frozen=True)
class TrainConfig:
    steps: int = 4_200
    tokens: int = 4_096
    learning_rate: float = 2e-3
    warmup: int = 150
    weight_decay: float = 0.05
    clip: float = 1.0
    seed: int = 0


@dataclass
class State:
    """Where a training stands; what is needed to go on from there."""

    model: LlavaForConditionalGeneration
    optimizer: torch.optim.Optimizer
    step: int = 0
    pool: int = 0
    seconds: float = 0.0

    def save(self, path: Path) -> None:
        partial = path.with_suffix(".part")
        torch.save(
            {
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "step": self.step,
                "pool": self.pool,
                "seconds": self.seconds,
            },
            partial,
        )
        os.replace(partial, path)

    def load(self, path: Path) -> None:
        saved = torch.load(path, weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.step, self.pool, self.seconds = saved["step"], saved["pool"], saved["seconds"]


def train(folder: Path, config: TrainConfig, *, device: str = "cpu", progress: Progress | None = None) -> None:
    """Train to ``config.steps``, going on from ``folder/state.pt`` where there is one; writes ``folder/checkpoint``."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(config.seed)
    state = _state(folder, tokenizer, config, device)
    held_out = _held_out(tokenizer)
    task = progress.add_task("training", total=config.steps, completed=state.step) if progress else None
    started = time.monotonic() - state.seconds
    practice = Practice(tokenizer, config.seed, config.tokens, first=state.pool)
    for pool, batch in practice_loader(practice):
        if state.step >= config.steps:
            break
        loss = _step(state, batch.to(device), config)
        state.step, state.pool, state.seconds = state.step + 1, pool, time.monotonic() - started
        if progress is not None and task is not None:
            progress.update(task, completed=state.step, description=f"loss {loss:.3f}")
        if state.step % CHECKPOINT_STEPS == 0 or state.step == config.steps:
            _report(folder, state, loss, _loss_of(state.model, held_out, device), config)
            state.save(folder / "state.pt")
    save(state.model, new_processor(tokenizer), folder / "checkpoint")


def _tokenizer(seed: int) -> PreTrainedTokenizerFast:
    examples = islice(draw_examples(practice_shelves(seed), np.random.default_rng([seed, 7])), TOKENIZER_EXAMPLES)
    return train_tokenizer(text for example in examples for text in (example.prompt, example.reply))


def _state(folder: Path, tokenizer: PreTrainedTokenizerFast, config: TrainConfig, device: str) -> State:
    torch.manual_seed(config.seed)
    torch.set_flush_denormal(True)
    model = new_model(tokenizer).to(device)  # type: ignore[arg-type]
    model.set_attn_implementation("eager")  # on a CPU faster than the fused one, whose backward pass is slow
    decayed = [weight for weight in model.parameters() if weight.ndim >= 2]
    others = [weight for weight in model.parameters() if weight.ndim < 2]
    groups = [{"params": decayed, "weight_decay": config.weight_decay}, {"params": others, "weight_decay": 0.0}]
    state = State(model, torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.98), fused=True))
    if (folder / "state.pt").exists():
        state.load(folder / "state.pt")
    return state


def _held_out(tokenizer: PreTrainedTokenizerFast) -> list[Batch]:
    """Of shops that are never trained on."""
    rng = np.random.default_rng(VALIDATION_SEED)
    examples = list(islice(draw_examples(practice_shelves(VALIDATION_SEED, 3), rng), VALIDATION_EXAMPLES))
    examples.sort(key=lambda example: len(example.prompt))
    return [collate(examples[at : at + 16], tokenizer) for at in range(0, len(examples), 16)]


def _step(state: State, batch: Batch, config: TrainConfig) -> float:
    rate = _learning_rate(state.step, config)
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    state.model.train()
    loss = reply_loss(state.model, batch)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(state.model.parameters(), config.clip)
    state.optimizer.step()
    state.optimizer.zero_grad(set_to_none=True)
    return float(loss.detach())


def reply_loss(model: LlavaForConditionalGeneration, batch: Batch) -> torch.Tensor:
    """Weighted mean cross-entropy of the replies' tokens, in nats; the prompt's are not predicted.

    Padding at the end needs no mask: what comes before does not look at it.
    """
    with torch.autocast(batch.ids.device.type, dtype=torch.bfloat16):
        hidden = model.model(input_ids=batch.ids, pixel_values=batch.photos, use_cache=False).last_hidden_state
        weights = batch.weights[:, 1:]
        logits = model.lm_head(hidden[:, :-1][weights > 0])
    losses = cross_entropy(logits.float(), batch.ids[:, 1:][weights > 0], reduction="none")
    own = weights[weights > 0]
    return (losses * own).sum() / own.sum()


def _learning_rate(step: int, config: TrainConfig) -> float:
    """Linear up, then a cosine down to a fiftieth."""
    if step < config.warmup:
        return config.learning_rate * (step + 1) / config.warmup
    done = (step - config.warmup) / max(1, config.steps - config.warmup)
    return config.learning_rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))


@torch.inference_mode()
def _loss_of(model: LlavaForConditionalGeneration, batches: list[Batch], device: str) -> float:
    model.eval()  # type: ignore[no-untyped-call]
    return float(np.mean([float(reply_loss(model, batch.to(device))) for batch in batches]))


def _report(folder: Path, state: State, loss: float, held_out: float, config: TrainConfig) -> None:
    line = {
        "step": state.step,
        "loss": round(loss, 4),
        "held_out_loss": round(held_out, 4),
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
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0: as many as torch takes.")] = 0,
) -> None:
    """Train the compact writer; run it again to go on where it stopped."""
    if threads:
        torch.set_num_threads(threads)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        config = TrainConfig(steps=steps, tokens=tokens, learning_rate=learning_rate, seed=seed)
        train(out, config, device=device, progress=progress)


if __name__ == "__main__":
    typer.run(main)
