"""The process that listens: it fails in words, ends with its owner, and holds up nobody."""

import gc
import os
import signal
import threading
import time

import numpy as np
import pytest

from recommender.base_model.speech.embedded import EmbeddedConfig, EmbeddedTranscriber
from recommender.base_model.speech.listening_process import ListeningProcess
from recommender.errors import TranscriberError
from tests.recommender.base_model.speech.sounds import pink
from tests.recommender.base_model.speech.test_embedded import WORDS

STOCK = {"loglevel": "FATAL"}
SOUND = np.asarray(pink(0.5) * 32_767, "<i2").tobytes()


def test_settings_that_make_no_recogniser_are_an_error():
    with pytest.raises(TranscriberError, match="the embedded recogniser failed"):
        ListeningProcess({"lm": "/no/such/model", "loglevel": "FATAL"})


def test_a_process_that_ends_is_said_and_the_next_sound_gets_another():
    transcriber = EmbeddedTranscriber(EmbeddedConfig(requests=100))
    transcriber.transcribe(pink(1), WORDS)
    assert transcriber._ready is not None
    process = transcriber._ready[1]._process
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with pytest.raises(TranscriberError, match=r"the embedded recogniser ended \(exit code -9\); try again"):
        transcriber.transcribe(pink(1), WORDS)
    assert transcriber.transcribe(pink(1), WORDS) == transcriber.transcribe(pink(1), WORDS)


def test_a_sound_that_takes_too_long_ends_the_process():
    listening = ListeningProcess(STOCK)
    listening._longest_seconds = 0.05
    with pytest.raises(TranscriberError, match="ended"):
        listening.hear(SOUND * 20)
    assert listening._process.returncode is not None


def test_it_ends_with_its_owner():
    listening = ListeningProcess(STOCK)
    process = listening._process
    del listening
    gc.collect()
    assert process.poll() == 0


def test_other_threads_go_on_while_it_listens():
    listening, turns = ListeningProcess(STOCK), 0
    thread = threading.Thread(target=lambda: listening.hear(SOUND * 2))
    thread.start()
    while thread.is_alive():
        turns += 1
        time.sleep(0.005)
    assert turns >= 20
