"""Checkpoints of real architectures with a few thousand random weights each, as `save_pretrained` writes them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    Gemma3Processor,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3Processor,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaNextConfig,
    LlavaNextForConditionalGeneration,
    LlavaNextProcessor,
    LlavaProcessor,
    MuseGlimmerConfig,
    MuseGlimmerForConditionalGeneration,
    PreTrainedTokenizerFast,
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)
from transformers.models.gemma3.image_processing_pil_gemma3 import Gemma3ImageProcessorPil
from transformers.models.idefics3.image_processing_pil_idefics3 import Idefics3ImageProcessorPil
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil
from transformers.models.llava_next.image_processing_pil_llava_next import LlavaNextImageProcessorPil

LAYERS = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 1024,
    "initializer_range": 0.5,
}
SEEING = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2}
WORDS = ["here is a warm lamp for you and it looks lovely [[P1]] costs [[P1.price]] because [[R1]], I like it. "] * 9

TURNS = """\
{% for m in messages %}<|im_start|>{{ m['role'] }}
{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for b in m['content'] %}\
{% if b['type'] == 'image' %}IMAGE{% else %}{{ b['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
BLOCKS_ONLY = """\
{% for m in messages %}<|im_start|>{{ m['role'] }}:{% for b in m['content'] %}\
{% if b['type'] == 'image' %}IMAGE{% else %}{{ b['text'] }}{% endif %}{% endfor %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant:{% endif %}"""
NO_SYSTEM = """\
{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system turns') }}{% endif %}\
<start_of_turn>{{ m['role'] }}
{% for b in m['content'] %}{% if b['type'] == 'image' %}IMAGE{% else %}{{ b['text'] }}{% endif %}{% endfor %}\
<end_of_turn>
{% endfor %}{% if add_generation_prompt %}<start_of_turn>model
{% endif %}"""
TEXT_ONLY = """\
{% for m in messages %}<|im_start|>{{ m['role'] + ': ' + m['content'] }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant: {% endif %}"""


@dataclass(frozen=True, slots=True)
class Architecture:
    """``photos`` None: they work here; otherwise why they do not."""

    name: str
    save: Callable[[Path], None]
    photos: str | None = None

    def __str__(self) -> str:
        return self.name


def tokenizer(
    *special: str, template: str | None = None, adds_start: bool = False, **named: str
) -> PreTrainedTokenizerFast:
    """A byte-level one of a few hundred tokens; ``adds_start``: it writes the token that starts a text by itself."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    names = ["<pad>", "<s>", "</s>", *special]
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=names,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(WORDS, trainer)
    if adds_start:
        core.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        additional_special_tokens=list(special),
        extra_special_tokens=named,
        chat_template=template,
    )


def save_llava(folder: Path, template: str = TURNS, *, adds_start: bool = False, **text: Any) -> None:
    tokens = tokenizer("<image>", "<|im_start|>", "<|im_end|>", adds_start=adds_start)
    config = LlavaConfig(
        text_config={"model_type": "llama", **_text(tokens), **text},
        vision_config={"model_type": "siglip_vision_model", **SEEING, "image_size": 16, "patch_size": 8},
        image_token_id=tokens.convert_tokens_to_ids("<image>"),
        vision_feature_select_strategy="full",
        vision_feature_layer=-1,
    )
    sees = LlavaImageProcessorPil(size={"height": 16, "width": 16}, crop_size={"height": 16, "width": 16})
    processor = LlavaProcessor(
        sees,
        tokens,
        patch_size=8,
        vision_feature_select_strategy="full",
        chat_template=template.replace("IMAGE", "<image>"),
    )
    _save(folder, LlavaForConditionalGeneration, config, tokens, "<|im_end|>")
    processor.save_pretrained(folder)


def save_llava_biased(folder: Path) -> None:
    save_llava(folder, attention_bias=True)


def save_llava_next(folder: Path) -> None:
    """Sees each photo whole and in parts, as many as its shape asks for."""
    tokens, grid = tokenizer("<image>", "<|im_start|>", "<|im_end|>"), [[16, 32], [32, 16]]
    config = LlavaNextConfig(
        text_config={"model_type": "llama", **_text(tokens)},
        vision_config={"model_type": "siglip_vision_model", **SEEING, "image_size": 16, "patch_size": 8},
        image_token_id=tokens.convert_tokens_to_ids("<image>"),
        image_grid_pinpoints=grid,
        vision_feature_select_strategy="full",
        vision_feature_layer=-1,
    )
    size = {"height": 16, "width": 16}
    processor = LlavaNextProcessor(
        LlavaNextImageProcessorPil(size=size, crop_size=size, image_grid_pinpoints=grid),
        tokens,
        patch_size=8,
        vision_feature_select_strategy="full",
        chat_template=TURNS.replace("IMAGE", "<image>"),
    )
    _save(folder, LlavaNextForConditionalGeneration, config, tokens, "<|im_end|>")
    processor.save_pretrained(folder)


def save_idefics3(folder: Path) -> None:
    tokens = tokenizer(
        "<image>", "<fake_token_around_image>", "<end_of_utterance>", "<global-img>", "<|im_start|>", "<|im_end|>"
    )
    config = Idefics3Config(
        text_config={"model_type": "llama", **_text(tokens)},
        vision_config={**SEEING, "image_size": 16, "patch_size": 4},
        image_token_id=tokens.convert_tokens_to_ids("<image>"),
        scale_factor=2,
    )
    sees = Idefics3ImageProcessorPil(size={"longest_edge": 16}, max_image_size={"longest_edge": 16})
    processor = Idefics3Processor(sees, tokens, image_seq_len=4, chat_template=BLOCKS_ONLY.replace("IMAGE", "<image>"))
    _save(folder, Idefics3ForConditionalGeneration, config, tokens, "<|im_end|>")
    processor.save_pretrained(folder)


def save_gemma3(folder: Path) -> None:
    named = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
    tokens = tokenizer(*named.values(), "<start_of_turn>", "<end_of_turn>", adds_start=True, **named)
    config = Gemma3Config(
        text_config={
            **_text(tokens),
            "sliding_window": 8,
            "query_pre_attn_scalar": 8,
            "layer_types": ["full_attention", "sliding_attention"],
        },
        vision_config={"model_type": "siglip_vision_model", **SEEING, "image_size": 16, "patch_size": 4},
        mm_tokens_per_image=4,
        tie_word_embeddings=False,
        boi_token_index=tokens.convert_tokens_to_ids("<start_of_image>"),
        eoi_token_index=tokens.convert_tokens_to_ids("<end_of_image>"),
        image_token_index=tokens.convert_tokens_to_ids("<image_soft_token>"),
    )
    sees = Gemma3ImageProcessorPil(size={"height": 16, "width": 16})
    template = NO_SYSTEM.replace("IMAGE", "<start_of_image>")
    processor = Gemma3Processor(sees, tokens, chat_template=template, image_seq_length=4)
    _save(folder, Gemma3ForConditionalGeneration, config, tokens, "<end_of_turn>")
    processor.save_pretrained(folder)


def save_qwen2_vl(folder: Path) -> None:
    _save_qwen(folder, Qwen2VLConfig, Qwen2VLForConditionalGeneration, {"embed_dim": 16, "hidden_size": 32})


def save_qwen3_vl(folder: Path) -> None:
    seeing = {"hidden_size": 16, "intermediate_size": 24, "out_hidden_size": 32, "deepstack_visual_indexes": [0]}
    _save_qwen(folder, Qwen3VLConfig, Qwen3VLForConditionalGeneration, seeing)


def save_muse_glimmer(folder: Path) -> None:
    special = ["<|image_start|>", "<|patch|>", "<|image_end|>", "<|video|>", "<|im_start|>", "<|im_end|>"]
    tokens = tokenizer(*special, template=TURNS.replace("IMAGE", "<|patch|>"))
    config = MuseGlimmerConfig(
        text_config={**_text(tokens), "num_hidden_layers": 4, "sliding_window": 8},
        vision_config={**SEEING, "patch_size": 4, "pos_emb_height": 4, "pos_emb_width": 4},
        image_token_id=tokens.convert_tokens_to_ids("<|patch|>"),
        video_token_id=tokens.convert_tokens_to_ids("<|video|>"),
        out_hidden_size=64,
        projector_hidden_size=16,
    )
    _save(folder, MuseGlimmerForConditionalGeneration, config, tokens, "<|im_end|>")
    _name_processor(folder, tokens, "MuseGlimmer", "MuseGlimmerImageProcessor")


NEEDS_TORCHVISION = "its processor needs torchvision, for videos or for images"
ARCHITECTURES = (
    Architecture("llava", save_llava),
    Architecture("llava_biased", save_llava_biased),
    Architecture("llava_next", save_llava_next),
    Architecture("idefics3", save_idefics3),
    Architecture("gemma3", save_gemma3),
    Architecture("qwen2_vl", save_qwen2_vl, NEEDS_TORCHVISION),
    Architecture("qwen3_vl", save_qwen3_vl, NEEDS_TORCHVISION),
    Architecture("muse_glimmer", save_muse_glimmer, NEEDS_TORCHVISION),
)


def _save_qwen(folder: Path, config_class: Any, model_class: Any, seeing: dict[str, Any]) -> None:
    special = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>", "<|im_start|>", "<|im_end|>"]
    tokens = tokenizer(*special, template=TURNS.replace("IMAGE", "<|vision_start|><|image_pad|><|vision_end|>"))
    ids = {
        f"{name}_token_id": tokens.convert_tokens_to_ids(token)
        for name, token in zip(["vision_start", "vision_end", "image", "video"], special, strict=False)
    }
    rope = {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [2, 1, 1]}
    config = config_class(
        text_config={**_text(tokens), "rope_parameters": rope},
        vision_config={"depth": 1, "num_heads": 2, "patch_size": 4, **seeing},
        **ids,
    )
    _save(folder, model_class, config, tokens, "<|im_end|>")
    _name_processor(folder, tokens, config_class.__name__.removesuffix("Config"), "Qwen2VLImageProcessor")


def _text(tokens: PreTrainedTokenizerFast) -> dict[str, Any]:
    return {**LAYERS, "vocab_size": len(tokens), "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}


def _save(folder: Path, model_class: Any, config: Any, tokens: PreTrainedTokenizerFast, end: str) -> None:
    torch.manual_seed(7)
    model = model_class(config)
    for weight in model.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.3)
    model.generation_config.eos_token_id = [2, tokens.convert_tokens_to_ids(end)]
    model.save_pretrained(folder)


def _name_processor(folder: Path, tokens: PreTrainedTokenizerFast, family: str, sees: str) -> None:
    """The files of a processor that cannot be made without torchvision."""
    tokens.save_pretrained(folder)
    (folder / "processor_config.json").write_text(json.dumps({"processor_class": f"{family}Processor"}))
    (folder / "preprocessor_config.json").write_text(json.dumps({"image_processor_type": sees}))
