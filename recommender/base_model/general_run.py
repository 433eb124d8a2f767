"""Answers by any decoder that transformers loads.

`model.generate` prepares the inputs as each architecture needs them; the steps are taken here rather than there.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch
from transformers import GenerationConfig

from recommender.base_model.growing_cache import with_room
from recommender.base_model.sampling import Scores

LEAST_RUNNING: Final = 0.75
"""Where no more of the answers are being written than this share, the others are dropped."""
_ROWS: Final = frozenset({"attention_mask", "position_ids", "token_type_ids", "mm_token_type_ids"})
_OF_ALL: Final = frozenset({"use_cache", "logits_to_keep", "past_key_values"})


class GeneralRun:
    def __init__(self, model: Any, inputs: Mapping[str, torch.Tensor], max_new_tokens: int) -> None:
        self._model = model
        self._inputs = inputs
        self._config = GenerationConfig(  # type: ignore[no-untyped-call]
            max_new_tokens=max_new_tokens, use_cache=True, num_beams=1, pad_token_id=0
        )
        self._held: list[int] = list(range(len(inputs["input_ids"])))
        self._state: dict[str, Any] = {}
        self._divisible = False

    def read_prompts(self) -> Scores:
        """As of `Run`."""
        with torch.inference_mode():
            prompts, self._state = self._model.generate(
                **self._inputs, generation_config=self._config, custom_generate=_prepared
            )
            self._divisible = with_room(self._state.get("past_key_values")) and not any(
                hasattr(module, "rope_deltas") for module in self._model.modules()
            )
            return self._scores(prompts, is_first_iteration=True)

    def write(self, answers: Sequence[int], tokens: Sequence[int]) -> Scores:
        """As of `Run`."""
        with torch.inference_mode():
            if len(answers) <= LEAST_RUNNING * len(self._held) and self._keep(answers):
                self._held = list(answers)
            self._lengthen()
            given = dict(zip(answers, tokens, strict=True))
            step = torch.tensor([[given.get(answer, 0)] for answer in self._held], device=self._model.device)
            scores = self._scores(step, next_sequence_length=1)
        return scores if len(answers) == len(self._held) else scores[[self._held.index(one) for one in answers]]

    def _keep(self, answers: Sequence[int]) -> bool:
        """Go on with these alone; False where the model keeps something of its answers that cannot be divided."""
        state = self._state
        given = {name for name, value in state.items() if value is not None}
        if not self._divisible or given - _ROWS - _OF_ALL:
            return False
        chosen = torch.tensor([self._held.index(answer) for answer in answers], device=self._model.device)
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
