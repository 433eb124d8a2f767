"""The loop that writes: several answers at once, a token of each per step, by any decoder that transformers loads.

`model.generate` prepares the inputs as each architecture needs them. The steps are taken here rather than there, so
that an answer can be read as it is made and dropped at any time, and each has its own grammar, seed and length.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

import torch
from transformers import GenerationConfig

from recommender.base_model.grammar import Constraint
from recommender.base_model.growing_cache import with_room
from recommender.base_model.sampling import Sampler, Scores


@dataclass(slots=True)
class Answer:
    """One answer being written.

    Attributes
    ----------
    tokens_left : it ends when there are none, in the midst of a sentence if need be
    end_tokens : any of them ends it
    """

    sampler: Sampler
    constraint: Constraint | None
    tokens_left: int
    end_tokens: frozenset[int]
    ended: bool = False

    def next(self, scores: Scores) -> int | None:
        """The next token, drawn from scores of shape (vocabulary,); None: the answer has ended."""
        if self.ended:
            return None
        token = self._draw(scores)
        self.tokens_left -= 1
        if token in self.end_tokens:
            self.ended = True
            return None
        if self.constraint is not None:
            self.constraint.take(token)
        self.ended = self.tokens_left == 0 or (self.constraint is not None and self.constraint.ended)
        return token

    def _draw(self, scores: Scores) -> int:
        if self.constraint is None:
            return self.sampler.draw(scores)
        choices = self.constraint.choices()
        return int(choices[self.sampler.draw(scores[choices])])


def decode(
    model: Any, inputs: Mapping[str, torch.Tensor], answers: Sequence[Answer], turn: AbstractContextManager[Any]
) -> Iterator[tuple[int | None, ...]]:
    """A token of each answer per step, None for those that have ended, until all have.

    Parameters
    ----------
    inputs : what the processor made of the prompts, padded on the left; one row for each answer
    turn : held while the model computes, and not while a caller thinks about what it got
    """
    with turn:
        run = _Run(model, inputs, max(answer.tokens_left for answer in answers))
        scores = run.read_prompts()
    held = list(range(len(answers)))
    while True:
        tokens: list[int | None] = [None] * len(answers)
        for place, row in zip(held, scores, strict=True):
            tokens[place] = answers[place].next(row)
        yield tuple(tokens)
        running = [place for place in held if not answers[place].ended]
        if not running:
            return
        with turn:
            if len(running) <= LEAST_RUNNING * len(held) and run.keep([held.index(place) for place in running]):
                held = running
            scores = run.write([tokens[place] or 0 for place in held])


LEAST_RUNNING: Final = 0.75
"""Where no more of the answers are being written than this share, the others are dropped."""
_ROWS: Final = frozenset({"attention_mask", "position_ids", "token_type_ids", "mm_token_type_ids"})
_OF_ALL: Final = frozenset({"use_cache", "logits_to_keep", "past_key_values"})


class _Run:
    def __init__(self, model: Any, inputs: Mapping[str, torch.Tensor], max_new_tokens: int) -> None:
        self._model = model
        config = GenerationConfig(max_new_tokens=max_new_tokens, use_cache=True, num_beams=1, pad_token_id=0)  # type: ignore[no-untyped-call]
        with torch.inference_mode():
            self._prompts, self._state = model.generate(**inputs, generation_config=config, custom_generate=_prepared)
        self._divisible = with_room(self._state.get("past_key_values")) and not any(
            hasattr(module, "rope_deltas") for module in model.modules()
        )

    def read_prompts(self) -> Scores:
        """Scores of the first tokens, shape (answers, vocabulary)."""
        with torch.inference_mode():
            return self._scores(self._prompts, is_first_iteration=True)

    def write(self, tokens: Sequence[int]) -> Scores:
        """Scores of the tokens after these, one for each answer."""
        with torch.inference_mode():
            self._lengthen()
            step = torch.tensor(tokens, device=self._prompts.device)[:, None]
            return self._scores(step, next_sequence_length=1)

    def keep(self, rows: Sequence[int]) -> bool:
        """Go on with these rows alone; False where the model keeps something of its answers that cannot be divided."""
        state = self._state
        given = {name for name, value in state.items() if value is not None}
        if not self._divisible or given - _ROWS - _OF_ALL:
            return False
        chosen = torch.tensor(rows, device=self._prompts.device)
        with torch.inference_mode():
            state["past_key_values"].batch_select_indices(chosen)
            for name in given & _ROWS:
                state[name] = state[name].index_select(state[name].ndim - 2, chosen)
        return True

    def _scores(self, tokens: torch.Tensor, **how: Any) -> Scores:
        made = self._model(**self._model.prepare_inputs_for_generation(tokens, **how, **self._state), return_dict=True)
        scores: Scores = made.logits[:, -1].float().cpu().numpy()
        return scores

    def _lengthen(self) -> None:
        """Puts one more text token at the end of whatever goes along with the tokens."""
        state = self._state
        if (mask := state.get("attention_mask")) is not None:
            state["attention_mask"] = torch.cat([mask, mask.new_ones(len(mask), 1)], dim=-1)
        if (places := state.get("position_ids")) is not None:
            state["position_ids"] = places[..., -1:] + 1
        for name in ("token_type_ids", "mm_token_type_ids"):
            if (kinds := state.get(name)) is not None:
                state[name] = kinds.new_zeros(len(kinds), 1)


def _prepared(
    model: Any,  # noqa: ARG001  # the names of all are those that `generate` gives to a loop
    input_ids: torch.Tensor,
    logits_processor: Any,  # noqa: ARG001
    stopping_criteria: Any,  # noqa: ARG001
    generation_config: Any,  # noqa: ARG001
    **state: Any,
) -> tuple[torch.Tensor, dict[str, Any]]:
    """Stands in `generate` for the loop, and hands over what it would start from."""
    return input_ids, state
