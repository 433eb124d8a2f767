"""The compiled way of a small LLaVA, beside transformers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from recommender.base_model.checkpoints import Checkpoint, load_checkpoint
from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.compact.practice.requests import draw_request
from recommender.base_model.compact.practice.shelves import simulated_shelf
from recommender.base_model.general_run import GeneralRun
from recommender.base_model.llama import decoder as llama
from recommender.base_model.llama.decoder import LlamaDecoder, LlamaRun
from recommender.base_model.llama.kernels import exponentials
from recommender.base_model.llama.products import PANEL, add_product, in_panels
from recommender.base_model.transformers_writer import TransformersWriter
from recommender.conversation.prompt import writing_prompt
from recommender.prompts import Prompt, PromptTurn
from tests.recommender.base_model.tiny_checkpoints import save_idefics3, save_llava

TEXTS = ("a red mug " * 40, "?", "something for the kitchen " * 7)
PHOTO = Image.new("RGB", (64, 48), "red")


@pytest.fixture(scope="module")
def bundled() -> Checkpoint:
    return load_checkpoint(str(CHECKPOINT))


@pytest.fixture(scope="module")
def decoder(bundled: Checkpoint) -> LlamaDecoder:
    made = LlamaDecoder.of(bundled.model)
    assert made is not None
    return made


def inputs_of(checkpoint: Checkpoint, texts: Sequence[str], photos: Sequence[Image.Image] = ()) -> Any:
    return checkpoint.inputs.of([Prompt((PromptTurn("user", text),), photos=tuple(photos)) for text in texts])


@pytest.mark.parametrize("photos", [(), (PHOTO,), (PHOTO, PHOTO.rotate(90))], ids=["text", "photo", "photos"])
def test_the_scores_are_those_of_transformers(
    bundled: Checkpoint, decoder: LlamaDecoder, photos: tuple[Image.Image, ...]
) -> None:
    inputs = inputs_of(bundled, TEXTS, photos)
    run, expected = LlamaRun(decoder, inputs, 3), GeneralRun(bundled.model, inputs, 3)
    np.testing.assert_allclose(run.read_prompts(), expected.read_prompts(), rtol=0, atol=1e-4)
    for going, tokens in (([0, 1, 2], [40, 50, 60]), ([0, 2], [70, 80]), ([2], [90])):
        np.testing.assert_allclose(run.write(going, tokens), expected.write(going, tokens), rtol=0, atol=1e-4)


def test_an_answer_is_the_same_to_the_bit_whatever_is_written_beside_it(
    bundled: Checkpoint, decoder: LlamaDecoder
) -> None:
    together = LlamaRun(decoder, inputs_of(bundled, TEXTS), 2)
    first, second = together.read_prompts(), together.write([0, 1, 2], [40, 50, 60])
    for number, (text, token) in enumerate(zip(TEXTS, (40, 50, 60), strict=True)):
        alone = LlamaRun(decoder, inputs_of(bundled, [text]), 2)
        np.testing.assert_array_equal(alone.read_prompts()[0], first[number])
        np.testing.assert_array_equal(alone.write([0], [token])[0], second[number])


def test_what_a_prompt_shares_with_the_one_before_it_is_read_once(
    bundled: Checkpoint, decoder: LlamaDecoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ("a red mug " * 40 + "for tea", "a red mug " * 40 + "for coffee at work", "a red mug " * 40 + "for tea")
    inputs = inputs_of(bundled, texts)
    tokens: list[int] = []
    read = llama.read

    def counted(weights: llama.Weights, prompt: np.ndarray, row: int, begun: int, *more: object) -> object:
        tokens.append(len(prompt) - begun)
        return read(weights, prompt, row, begun, *more)

    monkeypatch.setattr(llama, "read", counted)
    run = LlamaRun(decoder, inputs, 2)
    scores, first_tokens = run.read_prompts(), int(inputs["attention_mask"][0].sum())
    assert first_tokens < sum(tokens) < first_tokens + 2 * 20
    following = run.write([0, 1, 2], [40, 50, 60])
    for number, text in enumerate(texts):
        alone = LlamaRun(decoder, inputs_of(bundled, [text]), 2)
        np.testing.assert_array_equal(alone.read_prompts()[0], scores[number])
        np.testing.assert_array_equal(alone.write([0], [[40, 50, 60][number]])[0], following[number])


def test_the_same_text_beside_another_photo_is_read_for_itself(bundled: Checkpoint, decoder: LlamaDecoder) -> None:
    text, photos = "what is it?", [PHOTO, Image.new("RGB", (64, 48), "blue"), PHOTO]
    asked = [Prompt((PromptTurn("user", text),), photos=(photo,)) for photo in photos]
    red, blue, again = LlamaRun(decoder, bundled.inputs.of(asked), 1).read_prompts()
    assert (red != blue).any()
    np.testing.assert_array_equal(red, again)
    np.testing.assert_array_equal(LlamaRun(decoder, bundled.inputs.of(asked[1:2]), 1).read_prompts()[0], blue)


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 6, 7, 8, 13])
@pytest.mark.parametrize("columns", [1, PANEL - 1, PANEL, 2 * PANEL, 3 * PANEL + 5])
def test_products(rows: int, columns: int) -> None:
    rng = np.random.default_rng(rows * columns)
    x, matrix = rng.standard_normal((rows, 21), np.float32), rng.standard_normal((21, columns), np.float32)
    total = rng.standard_normal((rows, columns), np.float32)
    expected = total + x.astype(np.float64) @ matrix
    panels = in_panels(matrix)
    alone = total[-1:].copy()
    add_product(x[-1:], panels, alone)
    add_product(x, panels, total)
    np.testing.assert_allclose(total, expected, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(total[-1:], alone)


def test_replies_of_the_bundled_model_are_those_of_the_general_way(bundled: Checkpoint) -> None:
    """Of shops' own prompts, with photos and without, each under its grammar."""
    shelf, rng = simulated_shelf(0), np.random.default_rng(0)
    asked = (writing_prompt(draw_request(shelf, rng), seed=seed) for seed in range(8))
    prompts = [replace(one, max_new_tokens=40) for one in asked]
    assert 0 < sum(bool(one.photos) for one in prompts) < len(prompts)
    writer, general = TransformersWriter(bundled), TransformersWriter(bundled)
    assert writer._llama is not None
    general._llama = None
    assert writer.generate(prompts) == general.generate(prompts)


@pytest.mark.parametrize(
    "text",
    [
        {"attention_bias": True},
        {"mlp_bias": True},
        {"hidden_act": "gelu"},
        {"rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 10_000.0}},
    ],
    ids=lambda text: next(iter(text)),
)
def test_what_is_configured_otherwise_is_left_to_transformers(tmp_path: Path, text: dict[str, Any]) -> None:
    save_llava(tmp_path, **text)
    assert LlamaDecoder.of(load_checkpoint(str(tmp_path)).model) is None


def test_another_architecture_is_left_to_transformers(tmp_path: Path) -> None:
    save_idefics3(tmp_path)
    assert LlamaDecoder.of(load_checkpoint(str(tmp_path)).model) is None


@pytest.mark.parametrize("change", [torch.nn.Module.bfloat16, lambda model: model.to("meta")], ids=["bfloat16", "meta"])
def test_another_dtype_or_device_is_left_to_transformers(
    tmp_path: Path, change: Callable[[torch.nn.Module], torch.nn.Module]
) -> None:
    save_llava(tmp_path)
    assert LlamaDecoder.of(change(load_checkpoint(str(tmp_path)).model)) is None


def test_a_large_one_is_left_to_transformers(bundled: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama, "MAX_PARAMETERS", bundled.model.num_parameters() - 1)
    assert LlamaDecoder.of(bundled.model) is None


def test_one_that_computes_something_else_is_left_to_transformers(tmp_path: Path) -> None:
    """Whatever a later version does with the same configuration."""
    save_llava(tmp_path)
    model = load_checkpoint(str(tmp_path)).model
    assert LlamaDecoder.of(model) is not None
    mlp = model.model.language_model.layers[1].mlp
    mlp.forward = lambda x: 2 * type(mlp).forward(mlp, x)
    assert LlamaDecoder.of(model) is None


def test_sizes_that_do_not_divide_by_four(tmp_path: Path) -> None:
    sizes = {"hidden_size": 30, "intermediate_size": 45, "num_attention_heads": 3, "num_key_value_heads": 1}
    save_llava(tmp_path, **sizes, head_dim=6)
    assert LlamaDecoder.of(load_checkpoint(str(tmp_path)).model) is not None


def test_exponentials() -> None:
    x = np.linspace(-86, 88, 100_001, dtype=np.float32)
    found = x.copy()
    exponentials(found)
    np.testing.assert_allclose(found, np.exp(x.astype(np.float64)), rtol=3e-7)
    low = np.array([-200, -np.inf], np.float32)
    exponentials(low)
    assert (low < 1e-37).all()
