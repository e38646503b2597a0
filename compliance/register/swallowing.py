"""Whether a cell of a text file holds other rows: a quotation mark left open swallows all of them up to the next one.

Columns in use are looked at once their rows are there, in SQL. Of the other columns, a synopsis or remarks, a cell may
well have lines and commas: it holds other rows where it has just as many delimiters as stand from a cell to the one
below it, or a permit number below its first line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from compliance.catalog.sources import literal
from compliance.permits import patterns
from compliance.permits.folding import drop_unseen
from compliance.register.layouts import Layout
from compliance.register.vocabulary import LIMITS

_NUMBER = re.compile(patterns.INSIDE)
_LINE_END = re.compile(r"[\r\n]")


def swallows_rows(layout: Layout, line_end: str) -> str:
    """SQL: a row of `found` has a cell that holds the beginning of other rows, or of more lines than a cell has.

    From a cell to the one below it there are at least as many delimiters as stand before the last column in use.
    """
    apart = max(layout.header.columns.values())
    tests = []
    for field in layout.header.columns:
        breaks = f"({_count(field, line_end)})"
        swallows = f"{breaks} > {LIMITS['line_breaks']} OR {_count(field, layout.delimiter)} >= {breaks} * {apart}"
        tests.append(f"contains({field}, chr({ord(line_end)})) AND ({swallows})")
    return " OR ".join(tests)


def unused_swallow_rows(layout: Layout) -> list[str]:
    """SQL for each column that is not in use: a row of the file, of columns c0, c1 …, holds other rows there."""
    return [_unused_swallows(f"c{column}", layout) for column in layout.header.unused]


def swallowed(cells: Sequence[str], layout: Layout) -> bool:
    """As `unused_swallow_rows`, of one row."""
    return any(_swallows(cells[column], layout) for column in layout.header.unused if column < len(cells))


def _unused_swallows(cell: str, layout: Layout) -> str:
    """The dear tests are made only of cells that have more than one line."""
    end = f"chr({ord(layout.line_end)})"
    below = f"regexp_replace(substr({cell}, strpos({cell}, {end})), {literal(patterns.DROPPED)}, '', 'g')"
    full = f"{_count(cell, layout.delimiter)} = ({_count(cell, layout.line_end)}) * {layout.header.width - 1}"
    number = f"regexp_matches({below}, {literal(patterns.INSIDE)})"
    return f"CASE WHEN contains({cell}, {end}) THEN {full} OR {number} ELSE FALSE END"


def _swallows(cell: str, layout: Layout) -> bool:
    if not (end := _LINE_END.search(cell)):
        return False
    breaks = max(cell.count("\n"), cell.count("\r"))  # a file may have both
    full = cell.count(layout.delimiter) == breaks * (layout.header.width - 1)
    return full or bool(_NUMBER.search(drop_unseen(cell[end.start() :])))


def _count(field: str, character: str) -> str:
    return f"length({field}) - length(replace({field}, chr({ord(character)}), ''))"
