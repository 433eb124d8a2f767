"""Pocketsphinx in a process of its own.

It lets no other thread of its interpreter run while it works, and its C code reads sounds of strangers: here it neither
holds up other requests nor ends the storefront with it.
"""

import json
import subprocess
import sys
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any, Final

from recommender.errors import TranscriberError

LONGEST_SECONDS: Final = 180.0
"""What a sound of a minute may take; then the process is ended."""
_ENDING_SECONDS: Final = 5.0
_WORKER: Final = Path(__file__).with_name("worker.py")


@dataclass(frozen=True, slots=True)
class HeardWords:
    """Words, and of each its first frame, its last frame (100 a second) and its probability."""

    text: str
    words: tuple[tuple[int, int, float], ...]


class ListeningProcess:
    """One process with one language model; not for several threads at once. It ends with this object."""

    def __init__(self, settings: Mapping[str, object], longest_seconds: float = LONGEST_SECONDS) -> None:
        self._longest_seconds = longest_seconds
        command = [sys.executable, "-P", str(_WORKER)]
        self._process = subprocess.Popen(  # noqa: S603  # this interpreter, our file
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.end = weakref.finalize(self, _end, self._process)
        self._answer({"settings": dict(settings)})

    def hear(self, sound: bytes) -> HeardWords:
        """What 16-bit samples say; raises TranscriberError where the process fails, ends or takes too long."""
        answer = self._answer({"bytes": len(sound)}, sound)
        return HeardWords(answer["text"], tuple((first, last, share) for first, last, share in answer["words"]))

    def _answer(self, asked: Mapping[str, object], sound: bytes = b"") -> dict[str, Any]:
        process, patience = self._process, Timer(self._longest_seconds, self._process.kill)
        assert process.stdin is not None
        assert process.stdout is not None
        patience.start()
        try:
            process.stdin.write(json.dumps(asked).encode() + b"\n" + sound)
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        finally:
            patience.cancel()
        if not line:
            self.end()
            raise TranscriberError(f"the embedded recogniser ended (exit code {process.returncode}); try again")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise TranscriberError(f"the embedded recogniser failed: {answer['error']}")
        return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    """Without input it ends by itself; where it does not, it is ended."""
    try:
        process.communicate(timeout=_ENDING_SECONDS)
    except (subprocess.TimeoutExpired, ValueError, OSError):
        process.kill()
        process.communicate()
