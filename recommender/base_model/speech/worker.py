"""The process that listens. It imports nothing of ours: `listening_process` starts it by its file and talks to it.

A request is a line of JSON on standard input, and the sound's bytes after it; the answer is a line on standard output.
"""

import json
import sys
from importlib import import_module
from typing import Any


def main() -> None:
    decoder: Any = None
    while line := sys.stdin.buffer.readline():
        asked = json.loads(line)
        try:
            if "settings" in asked:
                decoder, answer = import_module("pocketsphinx").Decoder(**asked["settings"]), {}
            else:
                answer = heard(decoder, sys.stdin.buffer.read(asked["bytes"]))
        except Exception as error:  # noqa: BLE001  # said by the other process
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def heard(decoder: Any, sound: bytes) -> dict[str, Any]:
    """The words of a sound; of each its first frame, its last frame and its probability."""
    decoder.reinit_feat()  # what it knows of the noise is of the sound before
    decoder.start_utt()
    decoder.process_raw(sound, full_utt=True)
    decoder.end_utt()
    said = decoder.hyp()
    parts = [part for part in decoder.seg() or () if part.word[0].isalpha()]
    words = [(part.start_frame, part.end_frame, part.prob) for part in parts]
    return {"text": said.hypstr if said else "", "words": words}


if __name__ == "__main__":
    main()
