"""Standard output and error as a program is handed them: closed, into a pipe whose reader leaves, onto a full disk."""

from __future__ import annotations

import io
import os
import sys
from typing import NoReturn

from compliance.cli.language import Message
from compliance.errors import GateError

REFUSED = Message("标准输出写不进去：{error}", "standard output cannot be written to: {error}")
REFUSED_REMEDY = Message(
    "所显示的内容不完整；输出文件夹中的结果不受影响",
    "what is shown is not all; what was written to an out folder is not touched by this",
)


def settle_streams() -> None:
    """Make standard output and error such that a run's end never hangs on who reads them."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # Its number would go to the next file that is opened, and a message for it into that file.
            descriptor = os.open(os.devnull, os.O_RDWR)
            stream = os.fdopen(descriptor, "r" if number == 0 else "w", encoding="utf-8")
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)  # kept open: what is put before it has the same descriptor
    if isinstance(sys.stdout, io.TextIOWrapper) and isinstance(sys.stderr, io.TextIOWrapper):
        sys.stdout, sys.stderr = _like(sys.stdout, _Output), _like(sys.stderr, _Messages)


def writes_utf8() -> bool:
    """Whether standard output takes any character."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _like(stream: io.TextIOWrapper, kind: type[io.TextIOWrapper]) -> io.TextIOWrapper:
    """Another stream to the same place; a character that it cannot take is written as its number."""
    return kind(
        stream.buffer,
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


class _Output(io.TextIOWrapper):
    """A reader that has gone is no error; a place that is full is one, which must not pass for a shorter answer."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            return self._left(error, len(text))

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._left(error)

    def _left(self, error: OSError, written: int = 0) -> int:
        # The interpreter must not find anything to complain about on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
        return written if isinstance(error, BrokenPipeError) else self._refuse(error)

    def _refuse(self, error: OSError) -> NoReturn:
        raise GateError(REFUSED(error=error.strerror), remedy=REFUSED_REMEDY()) from error


class _Messages(io.TextIOWrapper):
    """Progress, complaints and the log of jobs: where nobody takes them, the work goes on."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            return
