"""Any speech recogniser of transformers as a transcriber: Whisper and its like, or one with a CTC head."""

from collections.abc import Iterator
from threading import Lock
from typing import Any, Final, Self

import numpy as np
import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForCTC, AutoModelForSpeechSeq2Seq, AutoProcessor
from transformers.models.auto.modeling_auto import MODEL_FOR_CTC_MAPPING, MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING

from recommender.base_model.checkpoints import checkpoint_folder, quietly, shortened
from recommender.base_model.protocols import Transcript
from recommender.base_model.speech.audio import SAMPLING_RATE, Samples
from recommender.base_model.speech.catalogue_words import CatalogueWords
from recommender.errors import TranscriberError, WriterError

PIECE_SECONDS: Final = 28
"""A longer sound is heard in pieces: Whisper takes 30 seconds."""
MAX_NEW_TOKENS: Final = 200
_QUIET: Final = SAMPLING_RATE // 10
_FAILURES: Final = (
    *(OSError, ValueError, ImportError, RuntimeError, KeyError, TypeError, AttributeError),
    *(SafetensorError, WriterError),
)


class TransformersTranscriber:
    """A `Transcriber`. Thread-safe; one voice note after another. It knows its own words, not the catalogue's.

    Parameters
    ----------
    writes : True for a model that writes tokens after each other, False for one with a CTC head
    """

    def __init__(self, name: str, model: Any, processor: Any, *, writes: bool) -> None:
        self.name = name
        self._model = model
        self._processor = processor
        self._writes = writes
        self._lock = Lock()

    @classmethod
    def load(cls, name_or_folder: str) -> Self:
        """Of a local folder, or by name from the model hub; code in a checkpoint is never run, weights are safetensors.

        Raises `TranscriberError`.
        """
        try:
            folder = checkpoint_folder(name_or_folder)
            source = str(folder or name_or_folder)
            options = {"local_files_only": folder is not None, "trust_remote_code": False}
            with quietly():
                config: Any = AutoConfig.from_pretrained(source, **options)
                writes = _writes(config)
                kind: Any = AutoModelForSpeechSeq2Seq if writes else AutoModelForCTC
                model = kind.from_pretrained(source, dtype="auto", use_safetensors=True, **options)
                processor: Any = AutoProcessor.from_pretrained(source, **options)  # type: ignore[no-untyped-call]
            rate = processor.feature_extractor.sampling_rate
        except _FAILURES as error:
            raise TranscriberError(
                f"{name_or_folder} cannot be loaded as a recogniser of speech: {shortened(error)}. "
                "Name the folder of a checkpoint, or one of the hub as owner/model, or 'embedded'"
            ) from error
        if rate != SAMPLING_RATE:
            raise TranscriberError(f"{name_or_folder} hears {rate:,} samples a second, and gets {SAMPLING_RATE:,}")
        gpu = torch.cuda.is_available()
        if not gpu and model.dtype is torch.float16:
            model = model.float()
        name = folder.resolve().name if folder else name_or_folder
        return cls(name, model.to("cuda" if gpu else "cpu").eval(), processor, writes=writes)

    def transcribe(self, samples: Samples, words: CatalogueWords) -> Transcript:  # noqa: ARG002  # it has its own
        try:
            with self._lock, torch.inference_mode():
                heard = [self._heard(piece) for piece in pieces(samples)]
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise TranscriberError(f"{self.name} ran out of memory; choose a smaller one") from error
        except Exception as error:
            raise TranscriberError(f"{self.name} failed: {type(error).__name__}: {shortened(error)}") from error
        text = " ".join(said for said, _ in heard if said)
        shares = [share for _, probabilities in heard for share in probabilities]
        return Transcript(text, float(np.mean(shares)) if text and shares else 0.0)

    def _heard(self, samples: Samples) -> tuple[str, list[float]]:
        """The words of a piece, and the probability of each of its tokens."""
        made = self._processor(samples, sampling_rate=SAMPLING_RATE, return_tensors="pt")
        model = self._model
        inputs = {
            name: values.to(model.device, model.dtype if values.is_floating_point() else None)
            for name, values in made.items()
        }
        tokens, shares = self._written(inputs) if self._writes else self._labelled(inputs)
        text = self._processor.tokenizer.decode(tokens, skip_special_tokens=True)
        return " ".join(text.split()), shares

    def _written(self, inputs: dict[str, torch.Tensor]) -> tuple[torch.Tensor, list[float]]:
        options: dict[str, Any] = {"max_new_tokens": MAX_NEW_TOKENS}
        if getattr(self._model.generation_config, "is_multilingual", False):
            options |= {"language": "en", "task": "transcribe"}
        tokens = self._model.generate(**inputs, **options)
        if tokens.shape[1] < 2:
            return tokens[0], []
        logits = self._model(**inputs, decoder_input_ids=tokens[:, :-1]).logits[0]
        said = tokens[0, 1:]
        shares = logits.float().softmax(-1).gather(1, said[:, None])[:, 0]
        special = torch.tensor(self._processor.tokenizer.all_special_ids, device=said.device)
        return tokens[0], [float(share) for share in shares[~torch.isin(said, special)]]

    def _labelled(self, inputs: dict[str, torch.Tensor]) -> tuple[torch.Tensor, list[float]]:
        best, tokens = self._model(**inputs).logits[0].float().softmax(-1).max(-1)
        blank = self._model.config.pad_token_id
        return tokens, [float(share) for share in best[tokens != blank]]


def _writes(config: Any) -> bool:
    """Which of the two kinds a model is; raises ValueError for one that is neither."""
    if type(config) in MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING:
        return True
    if type(config) in MODEL_FOR_CTC_MAPPING:
        return False
    raise ValueError(f"a model of type {config.model_type} does not turn speech into text")


def pieces(samples: Samples) -> Iterator[Samples]:
    """A sound in parts of at most `PIECE_SECONDS`, cut where it is quietest in the last half of each."""
    longest = PIECE_SECONDS * SAMPLING_RATE
    while len(samples) > longest:
        late = np.square(samples[longest // 2 : longest])
        levels = late[: len(late) // _QUIET * _QUIET].reshape(-1, _QUIET).mean(axis=1)
        cut = longest // 2 + int(levels.argmin()) * _QUIET + _QUIET // 2
        yield samples[:cut]
        samples = samples[cut:]
    yield samples
