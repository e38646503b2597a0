"""Episodes of a catalog whose labels nobody has read yet, the most urgent first."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from compliance.catalog.coercion import coercion, staged_coercion
from compliance.catalog.schema import RELATIONS
from compliance.catalog.sources import Catalog, open_catalog, quoted
from compliance.engines.duck.session import session
from compliance.errors import CatalogError, ConfigurationError
from compliance.labels.deciding import Outcome
from compliance.labels.store import Evidence
from compliance.labels.tasks import READER, Task, resolved
from compliance.language import worded

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "titles": ("title_id", "kind", "form", "status", "promoted", "online_at", "permit_number"),
    "episodes": ("title_id", "episode_no", "media_hash"),
    "placements": ("title_id", "slot", "starts_at", "ends_at"),
}
_PENDING = """
WITH shown AS (
    SELECT DISTINCT title_id FROM placements
    WHERE slot = 'first_screen' AND starts_at < $as_of + INTERVAL 1 DAY
      AND (ends_at IS NULL OR ends_at >= $as_of OR ends_at < starts_at)
), urgent AS (
    SELECT t.*, CASE
        WHEN status = 'online' AND (promoted OR title_id IN (FROM shown)) THEN 0
        WHEN status = 'scheduled' AND (promoted OR title_id IN (FROM shown)) THEN 1
        WHEN status = 'scheduled' THEN 2
        WHEN status = 'online' THEN 3
        ELSE 4 END AS urgency
    FROM titles t WHERE kind = 'micro_drama' AND status <> 'offline'
), read AS (
    SELECT title_id, episode_no, media_hash, expected, list((size, changed_ns)) AS files,
        list((size, changed_ns)) FILTER (noticed) AS noticed
    FROM done GROUP BY ALL
)
SELECT e.title_id, e.episode_no, nullif(e.media_hash, '') AS media_hash, nullif(u.permit_number, '') AS expected,
    u.form = 'ai' AS notice_wanted, CASE WHEN u.form = 'ai' THEN d.noticed ELSE d.files END AS read
FROM episodes e JOIN urgent u USING (title_id)
LEFT JOIN read d ON d.title_id = e.title_id AND d.episode_no = e.episode_no
    AND d.media_hash = nullif(e.media_hash, '') AND d.expected IS NOT DISTINCT FROM nullif(u.permit_number, '')
ORDER BY u.urgency, row_number() OVER (PARTITION BY e.title_id ORDER BY e.episode_no),
    u.online_at NULLS LAST, e.title_id, e.episode_no
"""
_REPLACED = """
SELECT k.title_id, k.episode_no, k.media_hash FROM kept k JOIN episodes e USING (title_id, episode_no)
GROUP BY ALL HAVING bool_and(nullif(e.media_hash, '') IS DISTINCT FROM k.media_hash)
"""
_CUT = pa.schema([("title_id", pa.string()), ("episode_no", pa.int64()), ("media_hash", pa.string())])
_DONE = pa.schema(
    [*_CUT, ("expected", pa.string()), ("noticed", pa.bool_()), ("size", pa.int64()), ("changed_ns", pa.int64())]
)

Locate = Callable[[str, int, str | None], Path | None]
"""The video of an episode, by title, episode and media hash; None where none is known."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What is to be read."""

    tasks: list[Task]
    nowhere: int
    """Episodes of which no video is known, or one that could not be read and has not changed since."""


def pending(
    catalog: str, store: Evidence, locate: Locate, *, as_of: date, mapping: Path | None = None, memory: str = "3GB",
    most: int | None = None, proven_by: str | None = None,
) -> Pending:  # fmt: skip
    """Episodes without fresh evidence; the store is told which cuts the catalog has no longer.

    They were never read, or not readable and have another file since, or the media hash, the number or the reader is
    another one.

    Online titles on the first screen or promoted come first, then scheduled ones, then what is online, drafts last; in
    each, the first episodes before the others. What has no file comes last, or it would take the others' place each
    time. Raises CatalogError where titles or episodes cannot be read.
    """
    source = open_catalog(catalog, mapping=mapping)
    with TemporaryDirectory() as folder, session(Path(folder), memory=memory, threads=1) as con:
        with source.one_state() as present:
            for name, columns in _COLUMNS.items():
                _typed(con, source, name, columns, Path(folder), there=name in present)
        con.register("kept", store.cuts(_CUT))
        store.replace(con.execute(_REPLACED).fetchall())
        con.register("done", store.fresh(_DONE, READER))
        found = con.execute(_PENDING, {"as_of": as_of})
        tasks: list[Task] = []
        absent: list[Task] = []
        nowhere = 0
        for title_id, episode_no, media_hash, expected, notice_wanted, read in _rows(found):
            if most is not None and len(tasks) >= most:
                break
            file = locate(title_id, episode_no, media_hash)
            if read is not None and (file is None or _is_one_of(read, file)):
                continue
            if file is None:
                nowhere += 1
                continue
            task = Task(file, expected, title_id, episode_no, media_hash, bool(notice_wanted), proven_by)
            if (kept := store.of_file(task)) is not None:
                nowhere += kept.outcome is Outcome.FAILED
            elif os.path.exists(file):  # noqa: PTH110 - Path.exists raises for a name that is too long
                tasks.append(task)
            elif most is None or len(absent) < most:
                absent.append(task)
    return Pending([*tasks, *absent][:most], nowhere)


def _is_one_of(read: list[tuple[int | None, int | None]], file: Path) -> bool:
    """Whether a file is as it was when it was read, by size and time; where it is gone, what was read still holds."""
    try:
        stat = file.stat()
    except OSError:
        return True
    return (stat.st_size, stat.st_mtime_ns) in read


def _rows(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := found.fetchmany(10_000):
        yield from batch


def _typed(
    con: duckdb.DuckDBPyConnection, catalog: Catalog, name: str, columns: tuple[str, ...], staging: Path, *, there: bool
) -> None:
    relation = RELATIONS[name]
    selects = []
    for part in catalog.attach(con, name, staging=staging) if there else []:
        expressions = []
        for column in (relation.column(wanted) for wanted in columns):
            type_ = part.types.get(column.name, "NULL")
            read = staged_coercion(column) if part.staged else coercion(column, type_, lenient=True)
            if read is None or (column.name not in part.types and not column.nullable):
                raise CatalogError(
                    worded(f"{name} 没有可读的列 {column.name}", f"{name} has no readable column {column.name}"),
                    remedy=worded("见 `gate doctor`", "see `gate doctor`"),
                )
            expressions.append(f"{read.expression} AS {quoted(column.name)}")
        selects.append(f"SELECT {', '.join(expressions)} FROM {quoted(part.view)}")
    if not selects:
        if name != "placements":
            raise CatalogError(
                worded(f"片库没有 {name}", f"the catalog has no {name}"),
                remedy=worded(f"补上关系 {name}：见 `gate doctor`", f"give it the relation {name}: see `gate doctor`"),
            )
        nothing = ", ".join(f"NULL::{relation.column(one).type.value} AS {quoted(one)}" for one in columns)
        selects.append(f"SELECT {nothing} WHERE false")
    con.execute(f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {' UNION ALL '.join(selects)}")


def locator(media: str, folder: Path) -> Locate:
    """How videos are found: a path with {title_id}, {episode_no} or {media_hash} in it, or a table of paths.

    The table is a CSV or Parquet file with the columns title_id, episode_no, path. Relative paths start at `folder`, or
    at the table's own. Raises ConfigurationError.
    """
    if "{" in media:
        return _template(media, folder)
    table = folder / media
    paths = _paths(table)
    return lambda title_id, episode_no, _hash: paths.get((title_id, episode_no))


def _template(media: str, folder: Path) -> Locate:
    try:
        media.format(title_id="t", episode_no=1, media_hash="h")
    except (KeyError, IndexError, ValueError):
        raise ConfigurationError(
            worded(f"视频路径 {media} 不能用", f"the path of videos {media} cannot be used"),
            remedy=worded(
                "其中可写 {title_id}、{episode_no}、{episode_no:03d}、{media_hash}",
                "it may hold {title_id}, {episode_no}, {episode_no:03d} and {media_hash}",
            ),
        ) from None
    root = Path(media.partition("{")[0])
    root = resolved(folder / (root if media.partition("{")[0].endswith("/") else root.parent))

    def locate(title_id: str, episode_no: int, media_hash: str | None) -> Path | None:
        try:
            said = media.format(title_id=title_id, episode_no=episode_no, media_hash=media_hash or "")
            path = resolved(folder / said)
        except (OSError, ValueError):  # an id that no path can hold: with a NUL, or without end
            return None
        return path if path.is_relative_to(root) else None  # an id with ../ in it leads nowhere

    return locate


def _paths(table: Path) -> dict[tuple[str, int], Path]:
    wanted = ("title_id", "episode_no", "path")
    try:
        if table.suffix == ".parquet":
            rows = duckdb.execute(
                f"SELECT {', '.join(wanted)} FROM read_parquet($file)", {"file": str(table)}
            ).fetchall()
        else:
            with table.open(encoding="utf-8-sig", newline="") as file:
                rows = [tuple(row[name] for name in wanted) for row in csv.DictReader(file)]
        return {(str(title), int(episode)): resolved(table.parent / path) for title, episode, path in rows}
    except (OSError, UnicodeDecodeError, KeyError, ValueError, TypeError, csv.Error, duckdb.Error) as error:
        raise ConfigurationError(
            worded(f"视频清单 {table} 无法读取：{error}", f"the table of videos {table} cannot be read: {error}"),
            remedy=worded(
                "应为 CSV 或 Parquet，含 title_id、episode_no、path 三列",
                "it is a CSV or Parquet file with the columns title_id, episode_no, path",
            ),
        ) from None
