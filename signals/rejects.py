"""The file that rejected rows go to: one JSON object per row, with the file it is from, its line and the reason."""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from signals.errors import UnreadableFileError
from signals.rows import Reject

SUFFIX: Final = ".rejected.jsonl"


class RejectFile:
    """Begun anew by the first reject of a load; a load without rejects leaves no file and touches none.

    Where no ``path`` is named, it is ``<source>.rejected.jsonl`` in the current folder, or ``<source>.<what>.rejected
    .jsonl`` for another load of the same source; if that is there and holds anything but earlier rejects of the same
    source, ``<source>.2.rejected.jsonl``, and so on.
    """

    def __init__(self, source: Path, path: Path | None, what: str = "") -> None:
        if path is not None and _is_same(path, source):
            raise UnreadableFileError(f"rejected rows would overwrite {source}, the file they come from; name another")
        self._source = source.resolve()
        self._named = path
        self._default = Path.cwd() / f"{source.name}{what and '.' + what}{SUFFIX}"
        self._file: IO[str] | None = None
        self.reasons: Counter[str] = Counter()

    @property
    def path(self) -> Path | None:
        return None if self._file is None else Path(self._file.name)

    def write(self, rejects: Iterable[Reject]) -> int:
        """Append rejected rows; on disk on return."""
        lines = [self._line(reject) for reject in rejects]
        if not lines:
            return 0
        try:
            self._file = self._file or self._open()
            self._file.writelines(lines)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            reason = error.strerror or error
            raise UnreadableFileError(
                f"cannot write rejected rows to {self._named or self._default}: {reason}; name another file"
            ) from error
        return len(lines)

    def _line(self, reject: Reject) -> str:
        self.reasons[reject.reason] += 1
        values = {"file": str(self._source), "line": reject.line, "reason": reject.reason, "row": reject.row}
        return json.dumps(values, default=str) + "\n"

    def _open(self) -> IO[str]:
        if self._named is not None:
            return self._named.open("w", encoding="utf-8")
        return next(file for path in _numbered(self._default) if (file := self._begun(path)) is not None)

    def _begun(self, path: Path) -> IO[str] | None:
        """The file, empty; None where it is there and of another source."""
        try:
            return path.open("x", encoding="utf-8")
        except FileExistsError:
            return path.open("w", encoding="utf-8") if _source_of(path) == str(self._source) else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()


def _is_same(path: Path, source: Path) -> bool:
    return path.absolute() == source.absolute() or (path.exists() and source.exists() and path.samefile(source))


def _numbered(default: Path) -> Iterator[Path]:
    yield default
    name = default.name.removesuffix(SUFFIX)
    yield from (default.with_name(f"{name}.{number}{SUFFIX}") for number in count(2))


def _source_of(rejected: Path) -> str | None:
    """The file that the rows in a reject file are from; None where it is no reject file."""
    try:
        with rejected.open(encoding="utf-8") as file:
            first = json.loads(file.readline())
    except (OSError, ValueError, RecursionError):
        return None
    return first.get("file") if isinstance(first, dict) else None
