"""Writing a sample catalog: chunk by chunk, so that memory stays bounded at any size."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from compliance.sample import titles as t
from compliance.sample.build import Builder, Chunk
from compliance.sample.cases import cases
from compliance.sample.columns import numbered
from compliance.sample.evidence import labels_table
from compliance.sample.places import issuers_table, platforms_table
from compliance.sample.plan import FINDINGS, Plan
from compliance.sample.relations import (
    ID_DIGITS,
    dossiers_table,
    episodes_table,
    placements_table,
    register_table,
    titles_table,
)

ROW_GROUP = 122_880
"""Rows of a Parquet row group: DuckDB's own unit of parallel work."""
_CHUNK = 2 * ROW_GROUP
_THREADS = 2
_EARLIEST = date(2025, 1, 1)
"""Before this day the regimes that the violations stand in were not all there."""


def write_sample(
    folder: Path,
    titles: int,
    *,
    as_of: date,
    seed: int = 7,
    episodes_per_title: int = 4,
    placements_per_title: float = 0.5,
) -> Plan:
    """Write a catalog of that many titles as Parquet files into a folder, which is made if need be.

    One title in twenty has a planted violation; all others are clean under the default policy on the as-of day.
    The same arguments give the same rows. As-of days from 2026-09-01 on have violations of every rule.

    Raises ValueError for an as-of day before 2025-01-01 or a size that title_id cannot count.
    """
    if as_of < _EARLIEST:
        raise ValueError(f"a sample needs an as-of day from {_EARLIEST} on, not {as_of}")
    if not 1 <= titles <= 10**ID_DIGITS:
        raise ValueError(f"a sample has 1 to {10**ID_DIGITS:,} titles, not {titles:,}")
    folder.mkdir(parents=True, exist_ok=True)
    builder = Builder(seed, titles, as_of)
    rows: Counter[str] = Counter()
    judged = 0
    findings: list[pa.Table] = []
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for chunk, tables in _made(builder, episodes_per_title, placements_per_title):
            for name, table in tables.items():
                if name not in writers:
                    writers[name] = stack.enter_context(_writer(folder / f"{name}.parquet", table.schema))
                writers[name].write_table(table, row_group_size=ROW_GROUP)
                rows[name] += len(table)
            judged += int(((chunk.titles.kind != t.OTHER) & (chunk.titles.status != t.OFFLINE)).sum())
            findings.append(_expected(chunk, as_of))
    for name, table in (("platforms", platforms_table(as_of)), ("issuers", issuers_table())):
        pq.write_table(table, folder / f"{name}.parquet")
        rows[name] = len(table)
    return Plan(as_of, titles, dict(rows), judged, pa.concat_tables(findings).combine_chunks())


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer that keeps few texts as dictionaries and leaves Arrow's own schema out: dictionaries are plain text."""
    coded = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    return pq.ParquetWriter(path, schema, compression="snappy", use_dictionary=coded, store_schema=False)


def _made(builder: Builder, episodes: int, placements: float) -> Iterator[tuple[Chunk, dict[str, pa.Table]]]:
    """The chunks in order, each with its tables, made a little ahead on threads."""

    def make(first: int) -> tuple[Chunk, dict[str, pa.Table]]:
        chunk = builder.chunk(first, min(first + _CHUNK, builder.size))
        return chunk, {
            "titles": titles_table(chunk, builder),
            "register": register_table(chunk, builder),
            "labels": labels_table(chunk, builder),
            "episodes": episodes_table(chunk, builder, episodes),
            "placements": placements_table(chunk, builder, placements),
            "dossiers": dossiers_table(chunk),
        }

    with ThreadPoolExecutor(_THREADS) as pool:
        waiting: deque[Future[tuple[Chunk, dict[str, pa.Table]]]] = deque()
        starts: Iterable[int] = range(0, builder.size, _CHUNK)
        for first in starts:
            waiting.append(pool.submit(make, first))
            if len(waiting) > _THREADS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _expected(chunk: Chunk, as_of: date) -> pa.Table:
    """The findings planted in a chunk, ordered by title_id."""
    planted = cases(as_of)
    counts = np.array([*(len(case.findings) for case in planted), 0])[chunk.case]
    at = np.repeat(np.arange(len(counts)), counts)
    ordinal = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
    flat = [finding for case in planted for finding in case.findings]
    starts = np.cumsum([0, *(len(case.findings) for case in planted)])
    which = pa.array(starts[chunk.case[at]] + ordinal)
    columns = [
        pa.array(values).take(which) for values in zip(*((f.rule, f.outcome, f.action) for f in flat), strict=True)
    ]
    return pa.table([numbered("t", chunk.titles.index[at], ID_DIGITS), *columns], schema=FINDINGS)
