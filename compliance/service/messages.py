"""The service's own messages, on standard output: nothing may hang on whether they can be written."""

from __future__ import annotations

import contextlib
import sys
from typing import TextIO

import structlog


def log_without_fail(file: TextIO | None = None) -> None:
    """Let messages that cannot be written be lost, in this process.

    A full disk, or a pipe whose reader has gone, must neither turn a refusal into something undocumented nor end the
    looking for what is new.
    """
    unfailing: TextIO = _Unfailing(file or sys.stdout)  # type: ignore[assignment] # all that a logger asks of a file
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=unfailing))


class _Unfailing:
    """A text file that swallows its errors."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # ValueError: it is closed, or takes no such character
            self._file.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._file.flush()
