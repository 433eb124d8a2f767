"""What a written reply costs: ``python -m tests.benchmarks writing``.

On the demo shop with the bundled writer: the items of `fast`, the first released sentence and the whole reply in both
modes, and four chats at once beside one. Decoded tokens a second beside plain ``model.generate`` on the same prompts;
copies together and one by one, and what of it is the check; what the grammar costs a token. Rates are by the clock and
by processor time, which is what counts where other work has the cores.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from recommender.base_model.compact import CHECKPOINT
from recommender.base_model.compact.practice.examples import practice_shelves
from recommender.base_model.compact.practice.requests import draw_request
from recommender.base_model.compact.practice.teacher import Teacher
from recommender.base_model.grammar import Vocabulary
from recommender.base_model.transformers_writer import TransformersWriter
from recommender.base_model.writer_config import WriterConfig
from recommender.conversation.bulk import write_all
from recommender.conversation.prompt import writing_prompt
from recommender.jobs.train import train
from recommender.prompts import Prompt
from recommender.shop import Shop
from schemas import Mode
from signals.database import open_database
from signals.ingest import ingest_events, load_catalog
from signals.simulator import SimulatorConfig, simulate

Row = dict[str, object]
ASKED = (
    "a red mug under 20 pounds",
    "something for the kitchen",
    "show me cushions",
    "a gift for my mother",
    "any ideas?",
)
REPLIES = 100
PROMPTS = 20
NEW_TOKENS = 96
COPIES = 64
CHATS = 4
ROUNDS = 10
LARGE_VOCABULARY = 128_000


def run() -> Iterator[Row]:
    yield from _replies()
    yield _decoding()
    yield _copies()
    tokenizer = TransformersWriter.load(str(CHECKPOINT))._checkpoint.tokenizer
    yield _grammar("compact", tokenizer)
    yield _grammar("large", _large_tokenizer())


def _replies() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        url, artifacts = f"sqlite:///{folder / 'shop.db'}", folder / "artifacts"
        simulate(SimulatorConfig()).write(folder)
        engine = open_database(url)
        load_catalog(engine, folder / "products.jsonl", "canonical", rejected=folder / "products.rejected")
        ingest_events(engine, folder / "events.parquet", "canonical", rejected=folder / "events.rejected")
        train(engine, artifacts, trials=1)
        with Shop.open(url, artifacts) as shop:
            shop.warm()
            for mode in (Mode.FAST, Mode.SHOPPING):
                yield {"replies": REPLIES, "mode": mode.value, **_timed(shop, mode)}
            yield _at_once(shop)


def _timed(shop: Shop, mode: Mode) -> Row:
    """Milliseconds from the question to the items, the first released sentence and the end."""
    times: dict[str, list[float]] = {"items": [], "first_sentence": [], "reply": []}
    origins: Counter[str] = Counter()
    for number in range(REPLIES + 1):
        asked = [{"role": "user", "content": ASKED[number % len(ASKED)]}]
        start = time.perf_counter()
        seen: dict[str, float] = {}
        for chunk in shop.stream(asked, user_id=f"shopper-{number + 1:05d}", session_id=str(number), mode=mode):
            seen.setdefault(chunk.type, 1_000 * (time.perf_counter() - start))
            if chunk.type == "done" and number:
                origins.update(sentence.origin.value for sentence in chunk.reply.sentences)
        if number:
            for name, chunk_type in zip(times, ("items", "sentence", "done"), strict=True):
                times[name].append(seen[chunk_type])
    shares = {f"from_{origin}": round(count / sum(origins.values()), 3) for origin, count in sorted(origins.items())}
    return {**{key: value for name, made in times.items() for key, value in _percentiles(name, made).items()}, **shares}


def _at_once(shop: Shop) -> Row:
    """Milliseconds of a chat alone and of some at once, each round with shoppers of its own."""

    def ask(number: int) -> None:
        asked = [{"role": "user", "content": ASKED[number % len(ASKED)]}]
        shop.chat(asked, user_id=f"shopper-{number + 1:05d}", session_id=f"at once {number}")

    def wait_for_all(numbers: Sequence[int]) -> None:
        list(threads.map(ask, numbers))

    alone: list[float] = []
    together: list[float] = []
    with ThreadPoolExecutor(CHATS) as threads:
        for first in range(0, 2 * ROUNDS * CHATS, 2 * CHATS):
            alone += [_spent(partial(ask, number))[0] for number in range(first, first + CHATS)]
            chats = range(first + CHATS, first + 2 * CHATS)
            together.append(_spent(partial(wait_for_all, chats))[0])
    one, four = 1_000 * float(np.median(alone)), 1_000 * float(np.median(together))
    return {"chats": CHATS, "one_ms": round(one, 1), "together_ms": round(four, 1), "ratio": round(four / one, 2)}


def _decoding() -> Row:
    """One prompt after another, as many tokens of each: our loop with and without the grammar, and `generate`."""
    shelves, rng = practice_shelves(9_001, 1), np.random.default_rng(0)
    prompts = [writing_prompt(draw_request(shelves[n % len(shelves)], rng), seed=n) for n in range(PROMPTS)]
    config = WriterConfig()
    writer = TransformersWriter.load(str(CHECKPOINT), config=config)
    free = [Prompt(prompt.turns, photos=prompt.photos, max_new_tokens=NEW_TOKENS) for prompt in prompts]
    _ours(writer, prompts[:1]), _ours(writer, free[:1]), _generated(writer, free[:1], config)
    rates = {
        "constrained": _rates(lambda: _ours(writer, prompts)),
        "free": _rates(lambda: _ours(writer, free)),
        "generate": _rates(lambda: _generated(writer, free, config)),
    }
    row: Row = {"prompts": PROMPTS}
    for place, clock in enumerate(("", "_of_processor")):
        row |= {f"{name}_tokens_a_second{clock}": round(rate[place], 1) for name, rate in rates.items()}
        row[f"constrained_over_generate{clock}"] = round(rates["constrained"][place] / rates["generate"][place], 2)
    return row


def _spent(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds by the clock, and of the processors."""
    start, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - used


def _rates(work: Callable[[], int]) -> tuple[float, float]:
    """What ``work`` says it made, a second by the clock and of the processors."""
    made: list[int] = []
    seconds, used = _spent(lambda: made.append(work()))
    return made[0] / seconds, made[0] / used


def _ours(writer: TransformersWriter, prompts: Sequence[Prompt]) -> int:
    written = [writer.generate([prompt])[0] for prompt in prompts]
    return sum(len(ids) + 1 for ids in writer._checkpoint.tokenizer(written).input_ids)


def _generated(writer: TransformersWriter, prompts: Sequence[Prompt], config: WriterConfig) -> int:
    model, tokens = writer._checkpoint.model, 0
    for prompt in prompts:
        inputs = writer._inputs([prompt])
        torch.manual_seed(prompt.seed)
        sampling = {"do_sample": True, "temperature": config.temperature, "top_p": config.top_p, "top_k": 0}
        made = model.generate(**inputs, max_new_tokens=NEW_TOKENS, **sampling)
        writer._checkpoint.tokenizer.decode(made[0])
        tokens += made.shape[1] - inputs["input_ids"].shape[1]
    return tokens


@dataclass
class _Recorded:
    """A model that has written all it is asked for."""

    texts: list[str]

    def generate(self, prompts: Sequence[Prompt]) -> list[str]:
        return self.texts


def _copies() -> Row:
    """Copies a second: one by one by transformers, one by one and together by what serves, and the check alone."""
    shelves, rng = practice_shelves(9_001, 1), np.random.default_rng(0)
    contexts = [draw_request(shelves[n % len(shelves)], rng, photo_share=0.0) for n in range(COPIES)]
    writer, general = (TransformersWriter.load(str(CHECKPOINT)) for _ in range(2))
    general._llama = None
    recorded = _Recorded(writer.generate([writing_prompt(context) for context in contexts]))
    ways: dict[str, Callable[[], Any]] = {
        "one_by_one_by_transformers": lambda: [write_all([one], general) for one in contexts],
        "one_by_one": lambda: [write_all([one], writer) for one in contexts],
        "together": lambda: write_all(contexts, writer),
        "check_alone": lambda: write_all(contexts, recorded),
    }
    row: Row = {"copies": COPIES}
    for name, work in ways.items():
        seconds, used = _spent(work)
        row |= {f"{name}_a_second": round(COPIES / seconds, 2), f"{name}_of_processor": round(COPIES / used, 2)}
    return row


def _grammar(name: str, tokenizer: Any) -> Row:
    """Milliseconds for a prompt's grammar, and for each token of replies that keep to it."""
    vocabulary = Vocabulary.of(tokenizer, [tokenizer.eos_token_id])
    shelves, rng = practice_shelves(9_001, 1), np.random.default_rng(0)
    teacher = Teacher(rng)
    spelt = [tokenizer.decode([token]) or "\0" for token in range(len(tokenizer))]
    compiled, taken = [], []
    for number in range(PROMPTS + 1):
        context = draw_request(shelves[number % len(shelves)], rng)
        prompt = writing_prompt(context)
        assert prompt.allowed is not None
        start = time.perf_counter()
        constraint = vocabulary.constraint(prompt.allowed)
        compiled.append(1_000 * (time.perf_counter() - start))
        rest = " ".join(teacher.reply(context))
        while rest:
            start = time.perf_counter()
            choices = constraint.choices()
            masked = time.perf_counter()
            token = max((one for one in choices if rest.startswith(spelt[one])), key=lambda one: len(spelt[one]))
            chosen = time.perf_counter()
            constraint.take(token)
            taken.append(1_000 * (time.perf_counter() - chosen + masked - start))
            rest = rest[len(spelt[token]) :]
    size = {"grammar": name, "vocabulary": len(tokenizer), "tokens": len(taken)}
    return {**size, **_percentiles("prompt", compiled[1:]), **_percentiles("token", taken)}


def _large_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level pairs as many as large models have, of words made of syllables."""
    rng = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(rng.choice(letters, size=int(size))) for size in rng.integers(3, 9, size=150_000)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=LARGE_VOCABULARY, special_tokens=["<end>"], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator((" ".join(words[at : at + 100]) for at in range(0, len(words), 100)), trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>")  # type: ignore[no-untyped-call]


def _percentiles(name: str, milliseconds: Sequence[float]) -> dict[str, float]:
    p50, p99 = np.percentile(milliseconds, [50, 99])
    return {f"{name}_p50_ms": round(float(p50), 2), f"{name}_p99_ms": round(float(p99), 2)}
