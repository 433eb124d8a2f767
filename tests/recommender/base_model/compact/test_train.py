"""The training of the compact writer: seeded, resumable, and what it leaves is a checkpoint like any other."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import LlavaForConditionalGeneration

from recommender.base_model.compact.architecture import deepened
from recommender.base_model.compact.train import TrainConfig, train
from recommender.base_model.transformers_writer import TransformersWriter
from recommender.errors import BadRequestError
from recommender.prompts import Prompt, PromptTurn

CONFIG = TrainConfig(
    steps=4,
    tokens=1_024,
    warmup=2,
    shelves=1,
    tokenizer_examples=40,
    held_out_examples=4,
    learning_rate=1e-3,
)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "checkpoint" / "model.safetensors")


def log(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    train(folder, CONFIG, workers=0)
    return folder


def test_what_it_leaves_is_loaded_as_any_checkpoint(trained: Path) -> None:
    writer = TransformersWriter.load(str(trained / "checkpoint"))
    prompt = Prompt((PromptTurn("system", "x"), PromptTurn("user", "Request: a mug")), max_new_tokens=8)
    assert isinstance(writer.generate([prompt])[0], str)


def test_the_log_tells_how_it_does_on_shops_it_never_sees(trained: Path) -> None:
    last = log(trained)[-1]
    assert last["step"] == CONFIG.steps
    assert set(last["held_out"]) == {"photo", "product", "request"}


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(trained: Path, tmp_path: Path) -> None:
    train(tmp_path / "same", CONFIG, workers=0)
    train(tmp_path / "other", replace(CONFIG, seed=1), workers=0)
    own, same, other = weights(trained), weights(tmp_path / "same"), weights(tmp_path / "other")
    assert all(torch.equal(own[name], same[name]) for name in own)
    assert any(own[name].shape != other[name].shape or not torch.equal(own[name], other[name]) for name in own)


def test_a_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    train(tmp_path, replace(CONFIG, steps=2), workers=0)
    begun = torch.load(tmp_path / "state.pt", weights_only=True)
    train(tmp_path, CONFIG, workers=0)
    ended = torch.load(tmp_path / "state.pt", weights_only=True)
    assert [line["step"] for line in log(tmp_path)] == [2, 4]
    steps = [max(int(own["step"]) for own in state["optimizers"][1]["state"].values()) for state in (begun, ended)]
    assert steps == [2, 4], "the optimizer begins anew"
    assert ended["pool"] > begun["pool"], "the same examples again"
    assert ended["seconds"] > begun["seconds"]


def test_a_training_goes_on_from_a_checkpoint_and_may_add_layers(trained: Path, tmp_path: Path) -> None:
    begin = str(trained / "checkpoint")
    train(tmp_path / "same", replace(CONFIG, steps=1, begin=begin), workers=0)
    train(tmp_path / "deeper", replace(CONFIG, steps=1, begin=begin, layers=9), workers=0)
    before, same, deeper = weights(trained), weights(tmp_path / "same"), weights(tmp_path / "deeper")
    assert same.keys() == before.keys()
    assert {name.split(".layers.")[1].split(".")[0] for name in deeper.keys() - before.keys()} == {"6", "7", "8"}


def test_what_a_deeper_model_begins_with_is_the_same_function(trained: Path) -> None:
    model = LlavaForConditionalGeneration.from_pretrained(trained / "checkpoint", dtype="float32")
    ids = torch.arange(5, 45)[None]
    before = model(input_ids=ids).logits
    assert torch.equal(deepened(model, 8)(input_ids=ids).logits, before)


def test_a_training_begun_with_other_settings_is_not_gone_on_with(trained: Path) -> None:
    with pytest.raises(BadRequestError, match="only steps may differ"):
        train(trained, replace(CONFIG, seed=5), workers=0)


def test_a_finished_training_is_left_as_it_is(trained: Path) -> None:
    before = weights(trained)
    train(trained, CONFIG, workers=0)
    assert len(log(trained)) == 1
    assert all(torch.equal(before[name], after) for name, after in weights(trained).items())


def test_after_a_training_the_smallest_numbers_count_again(trained: Path) -> None:
    assert np.float64(5e-324) * 1.0 > 0
