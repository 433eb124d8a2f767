"""A Llama text model in a LLaVA, computed by `kernels`; photos are still seen by the model's own tower.

It is taken for exactly the configuration it knows, on a CPU, in float32, and small, where its scores are those of the
model itself; `general_run` serves all others.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, Self

import numpy as np
import torch
from transformers import LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

from recommender.base_model.llama.kernels import Weights, read, write
from recommender.base_model.llama.products import PANEL, Floats, in_panels

MAX_PARAMETERS: Final = 20_000_000
"""Of the whole model; a larger one gains as much by several cores as it loses by calls."""
TOGETHER: Final = 64
"""Tokens of a prompt that go through the layers at a time: what is made of them stays in the nearest cache."""
PROBED: Final = 48
TOLERANCE: Final = 1e-3
_KNOWN: Final = {"hidden_act": "silu", "attention_bias": False, "mlp_bias": False}


class LlamaDecoder:
    """Thread-safe; a step keeps one core busy, and other threads run meanwhile."""

    def __init__(self, model: LlavaForConditionalGeneration) -> None:
        self.model = model
        self.weights = _weights(model)
        self.embeddings = _array(model.get_input_embeddings().weight)
        self.layers = len(self.weights.reading)
        self.key_heads: int = model.config.get_text_config().num_key_value_heads

    @classmethod
    def of(cls, model: Any) -> Self | None:
        """None where the model is not exactly of the kind that is computed here. The first of a machine compiles."""
        if not _is_known(model):
            return None
        decoder = cls(model)
        return decoder if _agree(decoder, model) else None

    def read(self, inputs: Mapping[str, torch.Tensor]) -> list[Floats]:
        """The prompts as the layers take them, each of shape (tokens, size), without padding."""
        ids, photos, inner = inputs["input_ids"], inputs.get("pixel_values"), self.model.model
        with torch.inference_mode():
            made = inner.get_input_embeddings()(ids)
            if photos is not None:
                seen = torch.cat(inner.get_image_features(photos, return_dict=True).pooler_output)
                made = made.masked_scatter(inner.get_placeholder_mask(ids, made, seen[None]), seen)
            return [row[mask.bool()].numpy() for row, mask in zip(made, inputs["attention_mask"], strict=True)]


class LlamaRun:
    """Answers being written, each in a cache of its own with room for all of it."""

    def __init__(self, decoder: LlamaDecoder, inputs: Mapping[str, torch.Tensor], max_new_tokens: int) -> None:
        self._decoder = decoder
        self._inputs = inputs
        self._places = inputs["attention_mask"].sum(dim=1).numpy()
        size, shape = 2 * len(decoder.weights.frequencies), (len(self._places), decoder.layers, decoder.key_heads)
        panels = -(-(int(self._places.max()) + max_new_tokens) // PANEL)
        self._keys = np.zeros((*shape, panels, size, PANEL), np.float32)
        self._values = np.zeros((*shape, -(-size // PANEL), panels * PANEL, PANEL), np.float32)

    def read_prompts(self) -> Floats:
        """As of `Run`; with what a prompt begins like the one before it, it is not read again."""
        prompts = self._decoder.read(self._inputs)
        begun = [0, *(_in_common(*pair) for pair in pairwise(prompts))]
        return np.concatenate([self._read(row, *prompt) for row, prompt in enumerate(zip(prompts, begun, strict=True))])

    def write(self, answers: Sequence[int], tokens: Sequence[int]) -> Floats:
        rows, made = np.array(answers), self._decoder
        firsts = self._places[rows]
        self._places[rows] += 1
        scores: Floats = write(made.weights, made.embeddings, np.array(tokens), rows, firsts, self._keys, self._values)
        return scores

    def _read(self, row: int, prompt: Floats, begun: int) -> Floats:
        """Where ``begun`` tokens are known of the row before, they are copied."""
        if begun:
            panels = -(-begun // PANEL)
            self._keys[row, ..., :panels, :, :] = self._keys[row - 1, ..., :panels, :, :]
            self._values[row, ..., :begun, :] = self._values[row - 1, ..., :begun, :]
        scores: Floats = read(self._decoder.weights, prompt, row, begun, TOGETHER, self._keys, self._values)
        return scores


def _in_common(before: Floats, prompt: Floats) -> int:
    """Tokens with which two prompts begin; the last one of the second is always its own."""
    most = min(len(before), len(prompt) - 1)
    differs = (before[:most] != prompt[:most]).any(axis=1)
    return int(differs.argmax()) if differs.any() else most


def _is_known(model: Any) -> bool:
    if type(model) is not LlavaForConditionalGeneration or type(model.config) is not LlavaConfig:
        return False
    text = model.config.text_config
    return (
        type(text) is LlamaConfig
        and all(getattr(text, name) == value for name, value in _KNOWN.items())
        and (text.rope_parameters or {}).get("rope_type") == "default"
        and {(one.device.type, one.dtype) for one in model.parameters()} == {("cpu", torch.float32)}
        and model.num_parameters() <= MAX_PARAMETERS
    )


def _agree(decoder: LlamaDecoder, model: LlavaForConditionalGeneration) -> bool:
    """Whether both find the same scores for a few tokens."""
    tokens = torch.arange(PROBED).remainder(len(decoder.embeddings))[None]
    run = LlamaRun(decoder, {"input_ids": tokens[:, :-1], "attention_mask": torch.ones_like(tokens[:, :-1])}, 1)
    found = run.read_prompts(), run.write([0], [int(tokens[0, -1])])
    with torch.inference_mode():
        expected = model(input_ids=tokens).logits[0, -2:].numpy()
    return bool(np.allclose(np.concatenate(found), expected, rtol=0, atol=TOLERANCE))


def _weights(model: LlavaForConditionalGeneration) -> Weights:
    text = model.model.language_model

    def norms(pick: Callable[[Any], Any]) -> Floats:
        return np.stack([_array(pick(layer).weight) for layer in text.layers])

    def matrices(*pick: Callable[[Any], Any]) -> Floats:
        """Of each layer those that are picked, beside each other."""
        parts = ([_array(one(layer).weight).T for one in pick] for layer in text.layers)
        return np.stack([in_panels(np.concatenate(part, axis=1)) for part in parts])

    return Weights(
        attention_norm=norms(lambda layer: layer.input_layernorm),
        reading=matrices(
            lambda layer: layer.self_attn.q_proj,
            lambda layer: layer.self_attn.k_proj,
            lambda layer: layer.self_attn.v_proj,
        ),
        attending=matrices(lambda layer: layer.self_attn.o_proj),
        forward_norm=norms(lambda layer: layer.post_attention_layernorm),
        widening=matrices(lambda layer: layer.mlp.gate_proj, lambda layer: layer.mlp.up_proj),
        narrowing=matrices(lambda layer: layer.mlp.down_proj),
        frequencies=_array(text.rotary_emb.inv_freq),
        last_norm=_array(text.norm.weight),
        scoring=in_panels(_array(model.lm_head.weight).T),
        vocabulary=len(model.lm_head.weight),
        epsilon=np.float32(text.config.rms_norm_eps),
    )


def _array(weight: Any) -> Floats:
    made: Floats = weight.detach().numpy()
    return made
