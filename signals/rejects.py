"""The file that rejected rows go to: one JSON object per row, with its line and the reason."""

import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from signals.errors import UnreadableFileError
from signals.rows import Reject


class RejectFile:
    """Begun anew by the first reject of a load; a load without rejects leaves no file and touches none."""

    def __init__(self, path: Path, source: Path) -> None:
        if path.absolute() == source.absolute() or (path.exists() and source.exists() and path.samefile(source)):
            raise UnreadableFileError(f"rejected rows would overwrite {source}, the file they come from; name another")
        self._path = path
        self._file: IO[str] | None = None
        self.reasons: Counter[str] = Counter()

    @property
    def path(self) -> Path | None:
        return None if self._file is None else self._path

    def write(self, rejects: Iterable[Reject]) -> int:
        """Append rejected rows; on disk on return."""
        lines = [self._line(reject) for reject in rejects]
        if not lines:
            return 0
        try:
            self._file = self._file or self._path.open("w", encoding="utf-8")
            self._file.writelines(lines)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            reason = error.strerror or error
            raise UnreadableFileError(
                f"cannot write rejected rows to {self._path}: {reason}; name another file"
            ) from error
        return len(lines)

    def _line(self, reject: Reject) -> str:
        self.reasons[reject.reason] += 1
        return json.dumps({"line": reject.line, "reason": reject.reason, "row": reject.row}, default=str) + "\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
