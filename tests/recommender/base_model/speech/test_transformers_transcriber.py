"""Recognisers of transformers: Whisper and its like, those with a CTC head, and names that open none."""

import json
import subprocess
import sys
from threading import Thread

import numpy as np
import pytest

from recommender.base_model.speech.audio import SAMPLING_RATE
from recommender.base_model.speech.catalogue_words import CatalogueWords
from recommender.base_model.speech.choosing import open_transcriber
from recommender.base_model.speech.transformers_transcriber import PIECE_SECONDS, TransformersTranscriber, pieces
from recommender.errors import TranscriberError
from tests.recommender.base_model.speech.sounds import melody, white
from tests.recommender.base_model.speech.tiny_recognisers import save_wav2vec2, save_whisper
from tests.recommender.base_model.tiny_checkpoints import save_llava
from tests.recommender.conversation.shops import HOME_ROWS

WORDS = CatalogueWords.of(HOME_ROWS, "GBP")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recognisers")
    save_whisper(folder / "whisper")
    save_wav2vec2(folder / "wav2vec2")
    return folder


@pytest.mark.parametrize("name", ["whisper", "wav2vec2"])
def test_a_folder_is_a_recogniser(saved, name):
    transcriber = open_transcriber(str(saved / name))
    assert transcriber.name == name
    heard = transcriber.transcribe(melody(), WORDS)
    assert heard.text.strip()
    assert 0 < heard.confidence < 1
    assert heard == transcriber.transcribe(melody(), WORDS)


@pytest.mark.parametrize("name", ["whisper", "wav2vec2"])
def test_a_minute_is_heard_in_pieces(saved, name):
    transcriber = open_transcriber(str(saved / name))
    minute = np.concatenate([melody(), white(60)])[: 60 * SAMPLING_RATE]
    apart = [transcriber.transcribe(piece, WORDS).text for piece in pieces(minute)]
    assert len(apart) == 3
    assert transcriber.transcribe(minute, WORDS).text == " ".join(filter(None, apart))


def test_pieces_are_cut_where_it_is_quiet_and_nothing_is_lost():
    sound = white(60)
    sound[20 * SAMPLING_RATE : 21 * SAMPLING_RATE] = 0
    parts = list(pieces(sound))
    assert 20 * SAMPLING_RATE <= len(parts[0]) <= 21 * SAMPLING_RATE
    assert all(len(part) <= PIECE_SECONDS * SAMPLING_RATE for part in parts)
    assert np.array_equal(np.concatenate(parts), sound)
    assert [len(part) for part in pieces(sound[:100])] == [100]


def test_many_threads_hear_the_same(saved):
    transcriber, found = open_transcriber(str(saved / "wav2vec2")), []
    threads = [Thread(target=lambda: found.append(transcriber.transcribe(melody(), WORDS))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1


def test_names_that_open_nothing(tmp_path):
    save_llava(tmp_path / "llava")
    (tmp_path / "empty").mkdir()
    save_wav2vec2(tmp_path / "low", sampling_rate=8_000)
    save_wav2vec2(tmp_path / "damaged")
    (tmp_path / "damaged" / "model.safetensors").write_bytes(b"no weights")
    save_wav2vec2(tmp_path / "silent")
    (tmp_path / "silent" / "preprocessor_config.json").unlink(missing_ok=True)
    (tmp_path / "silent" / "processor_config.json").unlink(missing_ok=True)
    for name, said in {
        "/no/such/folder": "there is no folder",
        str(tmp_path / "empty"): "no config.json",
        str(tmp_path / "llava"): "type llava does not turn speech into text",
        str(tmp_path / "low"): "hears 8,000 samples a second",
        str(tmp_path / "damaged"): "cannot be loaded as a recogniser of speech",
        str(tmp_path / "silent"): "cannot be loaded as a recogniser of speech",
        " ": "a transcriber has a name",
        "none": "takes no voice notes",
    }.items():
        with pytest.raises(TranscriberError, match=said):
            open_transcriber(name)


def test_code_in_a_checkpoint_is_never_run(tmp_path):
    save_wav2vec2(tmp_path / "evil")
    config = json.loads((tmp_path / "evil" / "config.json").read_text())
    config |= {"auto_map": {"AutoConfig": "evil.Config", "AutoModelForCTC": "evil.Model"}, "model_type": "evil"}
    (tmp_path / "evil" / "config.json").write_text(json.dumps(config))
    (tmp_path / "evil" / "evil.py").write_text("raise SystemExit('was run')")
    with pytest.raises(TranscriberError, match="evil"):
        open_transcriber(str(tmp_path / "evil"))


def test_whatever_fails_while_it_listens_is_said_with_its_name(saved, monkeypatch):
    transcriber = TransformersTranscriber.load(str(saved / "wav2vec2"))

    def failing(*_, **__):
        raise RuntimeError("a broken layer")

    monkeypatch.setattr(transcriber, "_labelled", failing)
    with pytest.raises(TranscriberError, match="wav2vec2 failed: RuntimeError: a broken layer"):
        transcriber.transcribe(melody(), WORDS)
    monkeypatch.setattr(transcriber, "_labelled", lambda _: (_ for _ in ()).throw(MemoryError()))
    with pytest.raises(TranscriberError, match="wav2vec2 ran out of memory"):
        transcriber.transcribe(melody(), WORDS)


def test_nothing_heavy_is_imported_until_a_recogniser_is_opened():
    code = (
        "import sys, recommender.base_model.speech.choosing as choosing\n"
        "assert not {'transformers', 'torch', 'pocketsphinx', 'soundfile'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
