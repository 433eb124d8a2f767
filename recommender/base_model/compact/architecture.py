"""The compact checkpoint's shape: a LLaVA of few parameters, its tokenizer, and its processor."""

from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from PIL.Image import Resampling
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import ModuleList
from torch.nn.init import zeros_
from transformers import (
    GenerationConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    SiglipVisionConfig,
)
from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

from recommender.base_model.checkpoints import READS_INSTRUCTIONS

PHOTO_SIZE: Final = 96
PATCH: Final = 16
VOCABULARY: Final = 3_072
MAX_TOKENS: Final = 1_024
LAYERS: Final = 6
WIDTH: Final = 192
HEAD: Final = 32
PAD, IMAGE, USER, ASSISTANT, END = "<|pad|>", "<image>", "<|user|>", "<|assistant|>", "<|end|>"
TEMPERATURE, TOP_P = 0.8, 0.95
MEAN = STD = (0.5, 0.5, 0.5)
_PIECES: Final = Regex(r" ?\[\[[A-Z][0-9]*|[PRFWN][0-9]+|[ .]?[A-Za-z]+|[0-9]| ?[^\sA-Za-z0-9]{1,2}|\s")
_CHAT: Final = (
    "{% for message in messages %}"
    "{% if message.role == 'user' %}<|user|>{% elif message.role == 'assistant' %}<|assistant|>{% endif %}"
    "{% if message.role != 'system' %}"
    "{% if message.content is string %}{{ message.content }}{% else %}"
    "{% for part in message.content %}"
    "{% if part.type == 'image' %}<image>{% elif part.type == 'text' %}{{ part.text }}{% endif %}"
    "{% endfor %}{% endif %}<|end|>{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def train_tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """Byte-level pairs; a handle such as ``[[P1`` is at most one piece, digits stand alone."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(_PIECES, behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[PAD, IMAGE, USER, ASSISTANT, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        extra_special_tokens={"image_token": IMAGE, "user_token": USER, "assistant_token": ASSISTANT},
        model_max_length=MAX_TOKENS,
        clean_up_tokenization_spaces=False,
        padding_side="left",
    )


def new_processor(tokenizer: PreTrainedTokenizerFast) -> LlavaProcessor:
    images = SiglipImageProcessorPil(
        size={"height": PHOTO_SIZE, "width": PHOTO_SIZE},
        resample=Resampling.BILINEAR,
        image_mean=list(MEAN),
        image_std=list(STD),
    )
    return LlavaProcessor(  # type: ignore[no-untyped-call]
        image_processor=images,
        tokenizer=tokenizer,
        patch_size=PATCH,
        vision_feature_select_strategy="full",
        chat_template=_CHAT,
        image_token=IMAGE,
    )


def new_model(
    tokenizer: PreTrainedTokenizerFast, layers: int = LAYERS, width: int = WIDTH
) -> LlavaForConditionalGeneration:
    """With random weights; seed torch before. ``width`` is that of the text model, a multiple of 64."""
    end, pad, image = (tokenizer.get_vocab()[token] for token in (END, PAD, IMAGE))
    text = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=width * 8 // 3,
        num_hidden_layers=layers,
        num_attention_heads=width // HEAD,
        num_key_value_heads=width // HEAD // 2,
        max_position_embeddings=MAX_TOKENS,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=end,
        pad_token_id=pad,
    )
    vision = SiglipVisionConfig(
        hidden_size=96,
        intermediate_size=256,
        num_hidden_layers=4,
        num_attention_heads=3,
        image_size=PHOTO_SIZE,
        patch_size=PATCH,
        vision_use_head=False,
    )
    config = LlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_index=image,
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
        tie_word_embeddings=True,
    )
    setattr(config, READS_INSTRUCTIONS, False)
    model = LlavaForConditionalGeneration(config)
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        eos_token_id=end, pad_token_id=pad, do_sample=True, temperature=TEMPERATURE, top_p=TOP_P
    )
    return model


def deepened(model: LlavaForConditionalGeneration, layers: int) -> LlavaForConditionalGeneration:
    """The same function with ``layers`` layers in its text model: what is inserted, evenly, adds nothing yet.

    Each new layer is a copy of the one before it whose two outputs are zero, so that a training goes on from where the
    shallower model stands (Chen et al. 2016, Net2Net).
    """
    text: Any = model.model.language_model
    old = list(text.layers)
    after = [round((number + 1) * len(old) / (layers - len(old))) - 1 for number in range(layers - len(old))]
    grown = []
    for place, layer in enumerate(old):
        grown.append(layer)
        grown += [_silent(layer) for _ in range(after.count(place))]
    for place, layer in enumerate(grown):
        layer.self_attn.layer_idx = place
    text.layers = ModuleList(grown)
    text.config.num_hidden_layers = len(grown)
    return model


def _silent(layer: Any) -> Any:
    copy = deepcopy(layer)
    for output in (copy.self_attn.o_proj, copy.mlp.down_proj):
        zeros_(output.weight)
    return copy


def save(model: LlavaForConditionalGeneration, processor: LlavaProcessor, folder: Path) -> None:
    """A checkpoint as any other: half precision safetensors, configs, tokenizer, processor."""
    model.half().save_pretrained(folder)  # type: ignore[no-untyped-call]
    processor.save_pretrained(folder)
