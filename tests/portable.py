"""The portable audit on DuckDB, and runs of several engines side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from compliance.engines.audit import AuditRequest, run_audit
from compliance.engines.portable.audit import Held, Place, audit
from compliance.engines.portable.coercion import Kind
from compliance.engines.portable.duck import DuckEngine
from compliance.policy import Policy, load_policy
from compliance.verdicts.summary import Summary
from compliance.verdicts.waivers import NO_WAIVERS, Waiver, Waivers, seen
from tests.catalogs import write_catalog

KINDS = {
    "VARCHAR": Kind.TEXT,
    "BIGINT": Kind.BIG,
    "INTEGER": Kind.WHOLE,
    "DOUBLE": Kind.FLOAT,
    "BOOLEAN": Kind.FLAG,
    "TIMESTAMP": Kind.LOCAL,
    "TIMESTAMP WITH TIME ZONE": Kind.ZONED,
    "DATE": Kind.DAY,
}
FILES = (
    "verdicts", "findings", "block_list", "blocked_placements", "quarantine", "waived", ".listed", ".producers",
)  # fmt: skip

Run = Callable[[AuditRequest], Summary]


def embedded(request: AuditRequest) -> Summary:
    """The tuned plan."""
    return run_audit(request, progress=lambda _: None)


def portable(request: AuditRequest) -> Summary:
    """The portable steps on DuckDB."""
    con = duckdb.connect()
    relations: dict[str, Mapping[str, Kind]] = {}
    for path in sorted(Path(request.catalog).glob("*.parquet")):
        # A table: by the statistics of a Parquet file, which leave NaN out, DuckDB takes it for no NaN.
        con.execute(f"CREATE TABLE source_{path.stem} AS FROM read_parquet('{path}')")
        described = con.execute(f"DESCRIBE source_{path.stem}").fetchall()
        relations[path.stem] = {name: KINDS.get(type_, Kind.OTHER) for name, type_, *_ in described}
    engine = DuckEngine(con)
    place = Place(engine, engine, engine.keep, engine.define)
    try:
        return audit(place, Held(request.catalog, relations), request, progress=lambda _: None)
    finally:
        con.close()


def outputs(
    run: Run,
    catalog: Path | str,
    folder: Path,
    as_of: date,
    *,
    policy: Policy | None = None,
    waivers: Waivers = NO_WAIVERS,
    previous_lists: tuple[Path, ...] = (),
) -> dict[str, Any]:
    """Everything that a run says, the order of rows and the time it took left out."""
    folder.mkdir()
    summary = run(
        AuditRequest(
            catalog=str(catalog),
            folder=folder,
            as_of=as_of,
            policy=policy or load_policy(),
            run_id="same",
            started_at=datetime.combine(as_of, time(3)),
            waivers=waivers,
            previous_lists=previous_lists,
            details=True,
        )
    )
    said: dict[str, Any] = {"summary": {**summary.as_json(), "seconds": None, "engine": None}}
    said |= {name: _rows(folder / f"{name}.parquet") for name in FILES}
    said["block_list.csv"] = (folder / "block_list.csv").read_text(encoding="utf-8")
    for name in (".measures", ".population"):
        told = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        said[name] = {key: sorted(value, key=repr) if isinstance(value, list) else value for key, value in told.items()}
    if previous_lists:
        said[".unlisted"] = _rows(folder / ".unlisted.parquet")
    return said


def _rows(path: Path) -> list[dict[str, Any]]:
    """The rows in one order; a row in quarantine as what it says: engines write 1.0 and 1 for the same number."""
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    if path.name == "quarantine.parquet":
        rows = [{**row, "row": json.loads(row["row"])} for row in rows]
    return sorted(rows, key=repr)


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What two runs say differently, cut short."""
    unlike: dict[str, Any] = {}
    for name in one:
        if one[name] == other[name]:
            continue
        if isinstance(one[name], list):
            unlike[name] = (
                len(one[name]), len(other[name]),
                [row for row in one[name] if row not in other[name]][:3],
                [row for row in other[name] if row not in one[name]][:3],
            )  # fmt: skip
        else:
            unlike[name] = (one[name], other[name])
    return unlike


def broken_catalog(folder: Path) -> Path:
    """A catalog in which every relation has rows that break the contract, beside rows that keep it."""
    at = datetime(2026, 11, 1)  # noqa: DTZ001 - wall time
    return write_catalog(
        folder,
        titles=[
            {"title_id": "good"},
            {"title_id": "twice", "status": "draft"},
            {"title_id": "twice"},
            {"title_id": None},
            {"title_id": ""},
            {"title_id": "no-date", "online_at": None},
            {"title_id": "planned", "online_at": None, "status": "scheduled", "name": 'a"b\\c\n归来'},
            {"title_id": "negative", "investment_yuan": -1, "episode_count": -2, "voluntary_tier": 3, "producer": ""},
            {"title_id": "ancient", "online_at": datetime(1989, 12, 31), "reviewed_at": datetime(2101, 1, 1)},  # noqa: DTZ001 - wall time
            {"title_id": "nowhere", "platform": "unknown"},
            {"title_id": "of-a-bad-platform", "platform": "old"},
            {"title_id": "nameless", "name": None, "form": None},
            {"title_id": "offline", "status": "offline", "platform": "unknown"},
            {"title_id": "other", "kind": "other", "online_at": None},
            {"title_id": "bad-label"},
            {"title_id": "bad-episode", "status": "draft", "online_at": None},
            {"title_id": "bad-placement", "status": "scheduled"},
        ],
        register=[{}, {"permit_number": None}, {"issued_on": date(1980, 1, 1)}, {"title_name": None}],
        platforms=[{"platform": "fanqie"}, {"platform": "old", "valid_until": date(1900, 1, 1)}, {"platform": ""}],
        issuers=[
            {"short_name": "红薯", "operator": "一家"},
            {"short_name": "紅薯 ", "operator": "另一家"},
            {"short_name": "甲", "level": "platform", "operator": "甲公司"},
            {"short_name": "甲", "level": "province", "operator": "甲公司"},
            {"short_name": "乙", "level": "province", "operator": None},
            {"short_name": "乙", "level": "province", "operator": ""},
        ],
        labels=[
            {"title_id": "good"},
            {"title_id": "good", "confidence": float("nan")},
            {"title_id": "bad-label", "confidence": 1.5},
            {"title_id": "stranger", "read_at": None},
        ],
        episodes=[{"title_id": "bad-episode", "duration_s": -1}, {"title_id": "good"}],
        placements=[
            {"title_id": "bad-placement", "starts_at": None},
            {"title_id": None},
            {"title_id": "bad-label", "starts_at": at},
            {"title_id": "good", "ends_at": datetime(2200, 1, 1)},  # noqa: DTZ001 - wall time
        ],
        dossiers=[{"title_id": "good", "episode_count": -3}],
    )


def waivers_for(findings: list[dict[str, Any]], verdicts: list[dict[str, Any]], as_of: date) -> Waivers:
    """Waivers of every scope, for what a run has found: some hold, some are void or over."""
    permits = {row["title_id"]: row["permit"] for row in verdicts}
    worth = [row for row in sorted(findings, key=lambda row: (row["title_id"], row["rule"])) if row["action"] != "warn"]
    assert len(worth) > 10
    common = {
        "reason": "r", "ticket": "t", "requested_by": "a", "approved_by": "b", "granted_on": as_of,
    }  # fmt: skip

    def of_title(number: int, row: Mapping[str, Any], **other: Any) -> Waiver:
        own = {"permit": permits[row["title_id"]], "evidence": seen(json.loads(row["evidence"])), "last_on": as_of}
        return Waiver(f"w{number}", "title", row["title_id"], row["rule"], **{**common, **own, **other})

    return Waivers(
        [
            *(of_title(number, row) for number, row in enumerate(worth[:8])),
            of_title(20, worth[8], evidence="{}"),
            of_title(21, worth[9], last_on=as_of - timedelta(days=1)),
            Waiver("p", "platform", "p1", "label-missing", last_on=as_of + timedelta(days=9), **common),
            Waiver("q", "producer", "ａｂｃ", "tier-unknown", last_on=as_of, **common),
        ]
    )
