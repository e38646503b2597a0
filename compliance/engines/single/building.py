"""Write the state from a checked catalog: everything that single titles are judged by, indexed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from compliance.engines.freshness import read_checked
from compliance.engines.single.store import BATCH_ROWS, write_rows
from compliance.files import sha256_of
from compliance.outputs import STATE
from compliance.permits import resolve_issuers, shipped_issuers
from compliance.permits.sql import is_official_sql, parse_sql

FORMAT = 4
"""Changes whenever a state written before could be misread."""

MANIFEST = "manifest.json"
_HASHED_BYTES = 1 << 20
"""Larger files are not read through each time a state is opened."""

_TITLE = (
    "title_id, platform, name, kind, form, producer, uploader, investment_yuan, subjects, promoted, voluntary_tier,"
    " declared_tier, episode_count, longest_episode_s, status, online_at, taken_down_at, reshown_at, reviewed_at"
)
_REGISTER = "title_name, alt_name, producer, filing_org, platform, status, issued_on, system, reported_at, updated_at"

KEYS: Mapping[str, Sequence[str]] = {
    "titles": ("title_id", "permit"),
    "held": ("title_id",),
    "register": ("permit",),
    "labels": ("title_id",),
    "episodes": ("title_id",),
    "placements": ("title_id",),
    "platforms": (),
    "issuers": (),
    "cleared": ("title_id",),
}
"""The files of a state and what their rows are found by. `permit` is the canonical number, null where there is none."""

_HELD = """
SELECT title_id, bool_or(status = 'online') AS on_air, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason
FROM (
    SELECT title_id, relation || ': ' || reason AS reason,
        CASE relation WHEN 'titles' THEN "row" ->> 'status' END AS status
    FROM quarantine SEMI JOIN held_titles USING (title_id)
    UNION ALL
    SELECT title_id, NULL, status FROM titles SEMI JOIN held_titles USING (title_id)
)
GROUP BY title_id"""

_CLEARED = """
SELECT
    title_id, CAST(stage AS VARCHAR) AS stage, CAST(tier AS INTEGER) AS tier, CAST(regime AS VARCHAR) AS regime, permit
FROM verdicts ANTI JOIN findings USING (title_id)
WHERE decision = 'allow'"""
"""Titles at which an audit found nothing, not even a warning."""
_NONE_CLEARED = """
SELECT NULL::VARCHAR AS title_id, NULL::VARCHAR AS stage, NULL::INTEGER AS tier, NULL::VARCHAR AS regime,
    NULL::VARCHAR AS permit
WHERE FALSE"""


@dataclass(frozen=True, slots=True)
class Asked:
    """The few titles and canonical numbers that a state is wanted for."""

    title_ids: Sequence[str] = ()
    numbers: Sequence[str] = ()


def write_state(
    con: duckdb.DuckDBPyConnection, run: Path, *, as_of: date, today: date, run_id: str, judged_by: str
) -> None:
    """Build the state of a whole catalog in the folder of its run, to be published with it."""
    folder = run / STATE
    folder.mkdir()
    build_state(con, folder, as_of=as_of, today=today, run_id=run_id, judged_by=judged_by)


def build_state(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    as_of: date,
    today: date,
    run_id: str,
    asked: Asked | None = None,
    judged_by: str | None = None,
) -> None:
    """Write a state into an empty folder.

    The connection holds a catalog that `compliance.catalog.contract.check` has gone through and the functions of
    `compliance.permits.sql.register_functions`. With `asked`, only what bears on these titles and numbers is written.
    `today` is the day on which it is made, in Asia/Shanghai.
    `judged_by` marks program and policy (`compliance.engines.program`) of the audit whose relations `verdicts` and
    `findings` the connection holds, too; None: the catalog has not been judged.
    The manifest comes last: a folder without one is no state.
    """
    _make_views(con, asked, _CLEARED if judged_by is not None else _NONE_CLEARED)
    rows = {}
    for name, keys in KEYS.items():
        reader = con.table(f"state_{name}").to_arrow_reader(BATCH_ROWS)
        rows[name] = write_rows(reader, folder, name, keys)
    extracts = read_checked(con, as_of=as_of, today=today)
    manifest = {
        "format": FORMAT,
        "run_id": run_id,
        "as_of": as_of.isoformat(),
        "judged_by": judged_by,
        "extracts": {system: newest.isoformat() for system, newest in extracts.newest().items()},
        "rows": rows,
        "files": _files(folder),
        "asked": None if asked is None else sorted(asked.title_ids),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _files(folder: Path) -> dict[str, tuple[int, str | None]]:
    """The size of each file; of a small one its SHA-256, too."""
    sizes = {path: path.stat().st_size for path in sorted(folder.iterdir())}
    return {path.name: (size, sha256_of(path) if size <= _HASHED_BYTES else None) for path, size in sizes.items()}


def _make_views(con: duckdb.DuckDBPyConnection, asked: Asked | None, cleared: str) -> None:
    issuers = _issuers(con)
    numbered_titles = _numbered("titles", _TITLE, issuers)
    numbered_register = _numbered("register", _REGISTER, issuers)
    views = {
        "titles": numbered_titles,
        "register": f"SELECT * FROM ({numbered_register}) WHERE permit IS NOT NULL",
        "held": _HELD,
        "labels": "SELECT title_id, channel, text, title_text, confidence, media_hash FROM labels",
        "episodes": "SELECT title_id, media_hash, ai_notice FROM episodes",
        # No rule asks for another slot.
        "placements": "SELECT title_id, slot, starts_at, ends_at FROM placements WHERE slot = 'first_screen'",
        "platforms": "SELECT * FROM platforms",
        "issuers": "SELECT * FROM issuers",
        "cleared": cleared,
    }
    if asked is not None:
        views |= _narrowed(con, views, asked)
    for name, select in views.items():
        con.execute(f"CREATE OR REPLACE TEMP VIEW state_{name} AS {select}")


def _narrowed(con: duckdb.DuckDBPyConnection, views: Mapping[str, str], asked: Asked) -> dict[str, str]:
    """The views, cut to the titles asked for, the titles that share a number with them, and their register rows."""
    _fill(con, "asked_titles", "title_id", asked.title_ids)
    _fill(con, "asked_numbers", "permit", asked.numbers)
    con.execute(
        f"INSERT INTO asked_numbers SELECT DISTINCT permit FROM ({views['titles']})"
        " WHERE permit IS NOT NULL AND title_id IN (SELECT title_id FROM asked_titles)"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE near_titles AS SELECT * FROM ({views['titles']})"
        " WHERE title_id IN (SELECT title_id FROM asked_titles) OR permit IN (SELECT permit FROM asked_numbers)"
    )
    own = {
        name: f"SELECT * FROM ({views[name]}) WHERE title_id IN (SELECT title_id FROM asked_titles)"
        for name in ("labels", "episodes", "placements")
    }
    near = {
        "held": f"SELECT * FROM ({views['held']}) WHERE title_id IN (SELECT title_id FROM near_titles)"
        " OR title_id IN (SELECT title_id FROM asked_titles)"
    }
    return {
        **own,
        **near,
        "titles": "SELECT * FROM near_titles",
        "register": f"SELECT * FROM ({views['register']}) WHERE permit IN (SELECT permit FROM asked_numbers)",
    }


def _fill(con: duckdb.DuckDBPyConnection, table: str, column: str, values: Iterable[str]) -> None:
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({column} VARCHAR)")
    con.execute(f"INSERT INTO {table} SELECT DISTINCT unnest($1::VARCHAR[])", [list(values)])


def _issuers(con: duckdb.DuckDBPyConnection) -> Iterable[str]:
    named = con.execute("SELECT short_name, level, operator FROM issuers").fetchall()
    owned = con.execute("SELECT short_names, operator FROM platforms").fetchall()
    return resolve_issuers(shipped_issuers(), named, owned)


def _numbered(relation: str, columns: str, issuers: Iterable[str]) -> str:
    """The relation with its canonical numbers. Official ones stand for themselves; only the rest is parsed."""
    official = is_official_sql("permit_number", issuers)
    rest = f"(SELECT * FROM {relation} WHERE NOT {official})"
    names = [*columns.split(", "), "permit_number"]
    parsed = parse_sql(rest, "permit_number", [name.strip() for name in names])
    return (
        f"SELECT {columns}, permit_number, permit_number AS permit FROM {relation} WHERE {official}"
        f" UNION ALL SELECT {columns}, permit_number, canonical AS permit FROM ({parsed})"
    )
