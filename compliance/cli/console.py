"""Printing: tables and text to standard output, progress and warnings to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from compliance.cli.streams import writes_utf8

Progress = Callable[[str], None]

_PIPED_WIDTH = 160
"""Columns where nobody says how wide the output is: a log or a pipe, in which a cut line would be lost."""


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False, markup=False)


def say(text: str = "") -> None:
    """One line, or several, to standard output, as they are."""
    sys.stdout.write(text + "\n")


def say_json(value: object) -> None:
    """One JSON document to standard output; days as YYYY-MM-DD. JSON has no other encoding than UTF-8."""
    say(json.dumps(value, ensure_ascii=not writes_utf8(), indent=2, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def say_table(headers: Sequence[str], rows: Iterable[Sequence[Any]], *, numbers: Sequence[int] = ()) -> None:
    """A table; the columns at the positions `numbers` are set flush right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for position, header in enumerate(headers):
        table.add_column(header, justify="right" if position in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    _console().print(table)


@contextmanager
def progress() -> Iterator[Progress]:
    """Tells the stages of long work: a spinner on a terminal, else one plain line a stage, on standard error."""
    if not sys.stderr.isatty():
        yield lambda stage: _line(stage)
        return
    console = Console(stderr=True, highlight=False, markup=False)
    with console.status("…") as status:
        yield lambda stage: status.update(stage)


def _line(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
