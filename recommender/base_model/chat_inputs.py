"""Prompts in the form that a checkpoint's own processor and chat template make model inputs of.

Photos go along as decoded images in blocks made here; a prompt's text is always the text of a block, so nothing in it
can name a file or an address, and control tokens in it are broken up before the processor sees them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from threading import Lock
from typing import Any, Final, Self

import torch
from jinja2 import TemplateError
from PIL.Image import Image
from PIL.Image import new as new_image

from recommender.base_model.control_tokens import ControlTokens
from recommender.errors import WriterError
from recommender.prompts import Prompt, PromptTurn

_PROBE: Final = (
    PromptTurn("system", "first probe"),
    PromptTurn("user", "second probe"),
    PromptTurn("assistant", "third probe"),
    PromptTurn("user", "fourth probe"),
)
Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChatForm:
    """How a chat template wants its messages.

    Attributes
    ----------
    blocks : content is a list of blocks rather than a text
    system : system turns are taken; they stand before the first user turn's text otherwise
    """

    blocks: bool
    system: bool
    template: str

    @classmethod
    def of(cls, processor: Any, tokenizer: Any) -> Self:
        """The first form in which the template writes out each turn. Raises `WriterError` where none does."""
        template = _with_start(_template(processor, tokenizer), tokenizer)
        for system, blocks in product((True, False), repeat=2):
            form = cls(blocks, system, template)
            if form._is_written_out(processor):
                return form
        raise WriterError("its chat template does not write out the turns of system, user and assistant")

    def messages(self, prompt: Prompt) -> list[Message]:
        turns = prompt.turns if self.system else _folded(prompt.turns)
        first = next((place for place, turn in enumerate(turns) if turn.role == "user"), None)
        if prompt.photos and (first is None or not self.blocks):
            raise WriterError("its chat template takes no photos")
        return [
            {"role": turn.role, "content": self._content(turn.text, prompt.photos if place == first else ())}
            for place, turn in enumerate(turns)
        ]

    def _content(self, text: str, photos: Sequence[Image]) -> str | list[Message]:
        if not self.blocks:
            return text
        return [*({"type": "image", "image": photo} for photo in photos), {"type": "text", "text": text}]

    def _is_written_out(self, processor: Any) -> bool:
        try:
            written: str = processor.apply_chat_template(
                self.messages(Prompt(_PROBE)), chat_template=self.template, add_generation_prompt=True, tokenize=False
            )
        except (TemplateError, TypeError, ValueError):
            return False
        return "'type'" not in written and all(turn.text in written for turn in _PROBE)


class ChatInputs:
    """Makes batches of model inputs. Thread-safe.

    Parameters
    ----------
    processor : or a tokenizer alone
    blind : why no photos can be seen
    instructed : False for a model that was trained without instructions: system turns are left out
    """

    def __init__(self, processor: Any, *, blind: str | None = None, instructed: bool = True) -> None:
        self.tokenizer = getattr(processor, "tokenizer", processor)
        self._instructed = instructed
        self._blind = blind
        self._processor = processor
        self._lock = Lock()
        self._form = ChatForm.of(processor, self.tokenizer)
        self._control = ControlTokens(self.tokenizer, self._form.template)
        self.tokenizer.padding_side = "left"
        if self.tokenizer.pad_token is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        self._sanitizes = self._can_sanitize()

    def of(self, prompts: Sequence[Prompt]) -> Mapping[str, torch.Tensor]:
        """One row for each prompt, padded on the left; all must have the same number of photos."""
        if self._blind and any(prompt.photos for prompt in prompts):
            raise WriterError(f"it cannot see photos here: {self._blind}")
        return self._made([self._form.messages(self._without_control(prompt)) for prompt in prompts], self._sanitizes)

    def _without_control(self, prompt: Prompt) -> Prompt:
        heard = (turn for turn in prompt.turns if self._instructed or turn.role != "system")
        turns = (replace(turn, text=self._control.broken_up(turn.text)) for turn in heard)
        return replace(prompt, turns=tuple(turns))

    def _made(self, conversations: list[list[Message]], sanitize: bool) -> Mapping[str, torch.Tensor]:
        with self._lock:
            made = self._processor.apply_chat_template(
                conversations,
                chat_template=self._form.template,
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
                sanitize_control_tokens=sanitize,
                **self._padding(),
            )
        return dict(made)

    def _can_sanitize(self) -> bool:
        """Whether the processor keeps control tokens out as well: one that finds photos by character cannot."""
        photos = () if self._blind or not self._form.blocks else (new_image("RGB", (64, 64)),)
        try:
            self._made([self._form.messages(Prompt(_PROBE, photos))], sanitize=True)
        except (ValueError, NotImplementedError):
            return False
        return True

    def _padding(self) -> dict[str, Any]:
        """A tokenizer alone takes as its own argument what a processor takes in `processor_kwargs`."""
        alone = self.tokenizer is self._processor
        return {"padding": True} if alone else {"processor_kwargs": {"padding": True}}


def _template(processor: Any, tokenizer: Any) -> str:
    """The processor's own, or its tokenizer's; of several the default one."""
    named = processor.chat_template or tokenizer.chat_template
    template = named.get("default") if isinstance(named, dict) else named
    if not template:
        raise WriterError("it has no chat template; name a checkpoint that was tuned for chat")
    return str(template)


def _with_start(template: str, tokenizer: Any) -> str:
    """The template with the token that starts a text, where the tokenizer alone would write that one.

    Control tokens in a text can be told from those of the template only if the template writes all there are.
    """
    adds = tokenizer.bos_token is not None and tokenizer.num_special_tokens_to_add() > 0
    if not adds or "bos_token" in template or tokenizer.bos_token in template:
        return template
    return "{{ bos_token }}" + template


def _folded(turns: Sequence[PromptTurn]) -> list[PromptTurn]:
    """Without system turns: their text stands before that of the first user turn."""
    said = [turn.text for turn in turns if turn.role == "system"]
    rest = [turn for turn in turns if turn.role != "system"]
    for place, turn in enumerate(rest):
        if turn.role == "user":
            rest[place] = PromptTurn("user", "\n\n".join([*said, turn.text]))
            break
    return rest
