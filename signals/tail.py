"""The lines of a file while it grows, as ``tail -F`` sees them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from signals.adapters.files import MAX_LINE_BYTES, Line, readable


class Tail:
    """One file from its start on; raises `UnreadableFileError` where there is none, or it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with readable(path):
            self._file: IO[bytes] = path.open("rb")
        self._number = 0
        self._too_long = False

    def lines(self) -> Iterator[Line]:
        """The complete lines that were not read yet; one without an end waits until it has one."""
        with readable(self._path):
            while text := self._file.readline(MAX_LINE_BYTES):
                ended = text.endswith(b"\n")
                if not ended and not self._too_long and len(text) < MAX_LINE_BYTES:
                    self._file.seek(-len(text), os.SEEK_CUR)
                    return
                too_long, self._too_long = self._too_long, not ended
                if ended:
                    yield self._numbered(None if too_long else text)

    def rest(self) -> Iterator[Line]:
        """The last line of a file that will not grow any more, if it has no end."""
        with readable(self._path):
            text = self._file.read()
        if text or self._too_long:
            yield self._numbered(None if self._too_long else text)

    def is_over(self) -> bool:
        """Whether the file was cut off, or another one of its name has something in it.

        While a new file is empty, its writer may still be at the old one.
        """
        mine = os.fstat(self._file.fileno())
        try:
            named = self._path.stat()
        except FileNotFoundError:
            return False
        if os.path.samestat(mine, named):
            return mine.st_size < self._file.tell()
        return named.st_size > 0

    def close(self) -> None:
        self._file.close()

    def _numbered(self, text: bytes | None) -> Line:
        self._number += 1
        return self._number, text
