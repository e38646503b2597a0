"""Scan what is about to go online between two audits: judge it by the catalog as it is, and refresh the block list.

A scan stands on the last audit. It publishes a block list of its own, its verdicts, and the state that they were made
by; all other files are those of the audit, whose own folder stays as it is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from compliance import clock
from compliance.catalog.contract import check
from compliance.catalog.sources import literal, open_catalog
from compliance.engines.duck.session import session
from compliance.engines.single.building import Asked, build_state
from compliance.engines.single.deciding import Decider
from compliance.engines.single.judging import Reason, Verdict
from compliance.engines.single.state import State
from compliance.engines.single.wording import finding_json
from compliance.language import worded
from compliance.outputs import CARRIED, DUE, SCAN, SCANNED, audit_of, current_run, new_run_id, run_folder
from compliance.policy import Policy
from compliance.rules.loading import load_rules
from compliance.rules.under_policy import enabled_rules, needed_relations
from compliance.verdicts.waivers import NO_WAIVERS, Waivers

_LIST, _CSV = "block_list.parquet", "block_list.csv"

_JUDGED = pa.schema(
    [
        ("title_id", pa.string()),
        ("decision", pa.string()),
        ("stage", pa.string()),
        ("rules", pa.list_(pa.string())),
        ("permit", pa.string()),
        ("findings", pa.string()),
        ("reason", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Prepublication:
    """What to judge, by which policy, and where the block list is."""

    catalog: str
    out: Path
    policy: Policy
    now: datetime
    """The time from which `within` counts, wall time in Asia/Shanghai; its day is the as-of day."""
    within: timedelta
    mapping: Path | None = None
    memory: str = "3GB"
    threads: int | None = None
    waivers: Waivers = NO_WAIVERS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the titles that are due."""

    run_id: str
    until: datetime
    verdicts: tuple[Verdict, ...]

    def counts(self) -> dict[str, int]:
        """Titles by decision."""
        decisions = [verdict.decision for verdict in self.verdicts]
        return {decision: decisions.count(decision) for decision in ("allow", "hold", "block")}


def prepublish(wanted: Prepublication, *, progress: Callable[[str], None]) -> Outcome:
    """Judge every title that is to go online before `now + within`, and publish the refreshed block list.

    Due are titles with status `scheduled` or `draft` and an `online_at` before that instant, however long ago, and
    titles that are not on air and held for a bad row. What a scan has judged since the last audit is judged again, due
    or not: the audit's verdict of it is older. A title that is clear leaves the list; entries of titles that are not
    judged stay. Raises GateError; then the list before stands.
    """
    rules = load_rules()
    as_of, until = wanted.now.date(), wanted.now + wanted.within
    begun = clock.now()
    run_id, at = new_run_id(begun), begun.astimezone(clock.SHANGHAI).replace(tzinfo=None)
    with (
        TemporaryDirectory(prefix="gate-prepublish-") as place,
        session(Path(place), memory=wanted.memory, threads=wanted.threads) as con,
        run_folder(wanted.out, run_id) as folder,
    ):
        before = current_run(wanted.out)
        audit = None if before is None else audit_of(before)
        progress(worded("读取片库", "reading the catalog"))
        needed = needed_relations(enabled_rules(rules, wanted.policy))
        check(con, open_catalog(wanted.catalog, mapping=wanted.mapping), needed=needed, staging=Path(place))
        asked = sorted(_due(con, until) | _scanned(before))
        progress(worded(f"判定 {len(asked):,} 部", f"judging {len(asked):,} titles"))
        kept = folder / DUE
        kept.mkdir()
        build_state(con, kept, as_of=as_of, today=at.date(), run_id=run_id, asked=Asked(title_ids=asked))
        decider = Decider(State(kept), rules, wanted.policy, as_of, wanted.waivers)
        verdicts = tuple(filter(_is_judged, map(decider.decide, asked)))
        progress(worded("写出拦截名单", "writing the block list"))
        _write(con, folder, before, verdicts, at)
        outcome = Outcome(run_id, until, verdicts)
        _summarise(folder, outcome, wanted, audit)
        if before is not None:
            _keep(audit or before, folder)
        progress(worded("发布结果", "publishing"))
    return outcome


def _due(con: duckdb.DuckDBPyConnection, until: datetime) -> set[str]:
    rows = con.execute(
        """
        SELECT title_id FROM titles
        WHERE kind <> 'other' AND status IN ('scheduled', 'draft') AND online_at < $1
        UNION
        SELECT title_id FROM quarantine SEMI JOIN held_titles USING (title_id)
        WHERE relation = 'titles'
        GROUP BY title_id HAVING NOT bool_or(coalesce("row" ->> 'status' = 'online', FALSE))
        """,
        [until],
    ).fetchall()
    return {title_id for (title_id,) in rows}


def _scanned(before: Path | None) -> frozenset[str]:
    """What scans have judged since the last audit."""
    known = before / DUE if before is not None else None
    return State(known).asked if known is not None and known.is_dir() else frozenset()


def _is_judged(verdict: Verdict) -> bool:
    """Titles that are off the air by now, or gone, have no verdict; their entries wait for the next audit."""
    return verdict.reason not in (Reason.OFFLINE, Reason.OTHER_KIND, Reason.UNKNOWN_TITLE)


def _write(
    con: duckdb.DuckDBPyConnection, folder: Path, before: Path | None, verdicts: Sequence[Verdict], now: datetime
) -> None:
    """The verdicts as `prepublish.parquet`, and the block list with their entries in place of the earlier ones."""
    con.register("judged", pa.Table.from_pylist(list(map(_row, verdicts)), schema=_JUDGED))
    con.execute("""
        CREATE TEMP TABLE due AS
        SELECT j.title_id, platform, j.* EXCLUDE (title_id)
        FROM judged AS j LEFT JOIN (
            SELECT title_id, platform FROM titles
            UNION ALL
            SELECT title_id, min("row" ->> 'platform') FROM quarantine WHERE relation = 'titles' GROUP BY title_id
        ) USING (title_id)""")
    listed = None if before is None else before / _LIST
    if listed is not None and listed.exists():
        con.execute(f"CREATE TEMP TABLE earlier AS FROM read_parquet({literal(str(listed))})")
    else:
        con.execute(
            "CREATE TEMP TABLE earlier (title_id VARCHAR, platform VARCHAR, decision VARCHAR, stage VARCHAR,"
            " rules VARCHAR[], permit VARCHAR, first_listed_at TIMESTAMP)"
        )
    con.execute(f"""
        CREATE TEMP TABLE refreshed AS
        FROM earlier ANTI JOIN due USING (title_id)
        UNION ALL BY NAME
        SELECT d.* EXCLUDE (findings, reason),
            coalesce(e.first_listed_at, TIMESTAMP {literal(str(now))}) AS first_listed_at
        FROM due AS d LEFT JOIN earlier AS e USING (title_id)
        WHERE d.decision = 'block'
            OR d.decision = 'hold' AND (d.stage = 'prepublish' OR d.reason = '{Reason.QUARANTINED.value}')""")
    csv = "SELECT * REPLACE (array_to_string(rules, ';') AS rules) FROM refreshed ORDER BY title_id"
    for query, name, form in (
        ("FROM due ORDER BY title_id", SCANNED, "FORMAT parquet, COMPRESSION zstd"),
        ("FROM refreshed ORDER BY title_id", _LIST, "FORMAT parquet, COMPRESSION zstd"),
        (csv, _CSV, "FORMAT csv, HEADER"),
    ):
        con.execute(f"COPY ({query}) TO {literal(str(folder / name))} ({form})")


def _row(verdict: Verdict) -> dict[str, object]:
    return {
        "title_id": verdict.title_id,
        "decision": verdict.decision,
        "stage": verdict.stage,
        "rules": [finding.rule.id for finding in verdict.findings if finding.outcome == "fail"],
        "permit": verdict.permit,
        "findings": json.dumps([finding_json(finding, "zh") for finding in verdict.findings], ensure_ascii=False),
        "reason": verdict.reason,
    }


def _summarise(folder: Path, outcome: Outcome, wanted: Prepublication, audit: Path | None) -> None:
    summary = {
        "run_id": outcome.run_id,
        "audit": audit.name if audit is not None else None,
        "as_of": wanted.now.date().isoformat(),
        "until": outcome.until.isoformat(),
        "policy": wanted.policy.revision,
        "counts": {"judged": len(outcome.verdicts), **outcome.counts()},
    }
    (folder / SCAN).write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _keep(run: Path, folder: Path) -> None:
    """Give the other files of the audit their names in the scan's folder, as hard links: nothing is copied."""
    left = {_LIST, _CSV, SCANNED, SCAN, DUE, CARRIED}
    for path in run.rglob("*"):
        inside = path.relative_to(run)
        if inside.parts[0] in left:
            continue
        if path.is_dir():
            (folder / inside).mkdir(parents=True, exist_ok=True)
        else:
            (folder / inside).parent.mkdir(parents=True, exist_ok=True)
            os.link(path, folder / inside)
