"""Base models for tests: they write what they are told, or do what base models do on a bad day."""

import threading
from collections.abc import Iterator, Sequence

from recommender.errors import WriterError
from recommender.prompts import Prompt


class ScriptedBase:
    """Writes ``text`` whatever it is asked, and keeps what it was asked."""

    name = "scripted"

    def __init__(self, text: str = "Have a look at [[P1]]. It is a fine one.") -> None:
        self.text = text
        self.prompts: list[Prompt] = []

    def generate(self, prompts: Sequence[Prompt]) -> list[str]:
        return ["".join(self.stream(prompt)) for prompt in prompts]

    def stream(self, prompt: Prompt) -> Iterator[str]:
        self.prompts.append(prompt)
        yield from (self.text[start : start + 5] for start in range(0, len(self.text), 5))


class BrokenBase(ScriptedBase):
    def stream(self, prompt: Prompt) -> Iterator[str]:
        raise WriterError("the lights went out")
        yield


class HangingBase(ScriptedBase):
    """Writes nothing until ``gate`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def stream(self, prompt: Prompt) -> Iterator[str]:
        self.gate.wait()
        yield ""
