"""Judge what is about to go online, and refresh its entries of the block list between two audits."""

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
from compliance.engines.single.judging import Verdict
from compliance.engines.single.state import State
from compliance.engines.single.wording import finding_json
from compliance.language import worded
from compliance.outputs import current_run, new_run_id, run_folder
from compliance.policy import Policy
from compliance.rules.loading import load_rules
from compliance.rules.under_policy import enabled_rules, needed_relations
from compliance.verdicts.waivers import NO_WAIVERS, Waivers

REFRESHED = ("block_list.parquet", "block_list.csv", "prepublish.parquet", "prepublish.json")
"""The files of a prepublication run that are its own; all others are those of the run before."""

_LISTED = pa.schema(
    [
        ("title_id", pa.string()),
        ("platform", pa.string()),
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
    """Wall time in Asia/Shanghai; its day is the as-of day."""
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
    titles that are not on air and held for a bad row. A title that is clear leaves the list; others' entries stay.
    The other files of the current run are published again, unchanged. Raises GateError; then the list before stands.
    """
    rules = load_rules()
    as_of, until = wanted.now.date(), wanted.now + wanted.within
    run_id = new_run_id(clock.now())
    with (
        TemporaryDirectory(prefix="gate-prepublish-") as place,
        session(Path(place), memory=wanted.memory, threads=wanted.threads) as con,
        run_folder(wanted.out, run_id) as folder,
    ):
        before = current_run(wanted.out)
        progress(worded("读取片库", "reading the catalog"))
        needed = needed_relations(enabled_rules(rules, wanted.policy))
        check(con, open_catalog(wanted.catalog, mapping=wanted.mapping), needed=needed, staging=Path(place))
        platforms = _due(con, until)
        progress(worded(f"判定 {len(platforms):,} 部", f"judging {len(platforms):,} titles"))
        kept = Path(place, "state")
        kept.mkdir()
        build_state(con, kept, as_of=as_of, run_id=run_id, asked=Asked(title_ids=list(platforms)))
        decider = Decider(State(kept), rules, wanted.policy, as_of, wanted.waivers)
        verdicts = tuple(decider.decide(title_id) for title_id in sorted(platforms))
        progress(worded("写出拦截名单", "writing the block list"))
        _write(con, folder, before, verdicts, platforms, wanted.now)
        outcome = Outcome(run_id, until, verdicts)
        _summarise(folder, outcome, wanted, before)
        if before is not None:
            _keep(before, folder)
        progress(worded("发布结果", "publishing"))
    return outcome


def _due(con: duckdb.DuckDBPyConnection, until: datetime) -> dict[str, str | None]:
    """Title and platform of each title that is due."""
    rows = con.execute(
        """
        SELECT title_id, platform FROM titles
        WHERE kind <> 'other' AND status IN ('scheduled', 'draft') AND online_at < $1
        UNION ALL
        SELECT title_id, min("row" ->> 'platform') FROM quarantine SEMI JOIN held_titles USING (title_id)
        WHERE relation = 'titles'
        GROUP BY title_id HAVING NOT bool_or(coalesce("row" ->> 'status' = 'online', FALSE))
        """,
        [until],
    ).fetchall()
    return dict(rows)


def _write(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    before: Path | None,
    verdicts: Sequence[Verdict],
    platforms: dict[str, str | None],
    now: datetime,
) -> None:
    """The verdicts as `prepublish.parquet`, and the block list with their entries in place of the earlier ones."""
    rows = [_row(verdict, platforms) for verdict in verdicts]
    con.register("due", pa.Table.from_pylist(rows, schema=_LISTED))
    listed = None if before is None else before / "block_list.parquet"
    if listed is not None and listed.exists():
        con.execute(f"CREATE TEMP TABLE earlier AS FROM read_parquet({literal(str(listed))})")
    else:
        con.execute(
            "CREATE TEMP TABLE earlier (title_id VARCHAR, platform VARCHAR, decision VARCHAR, stage VARCHAR,"
            " rules VARCHAR[], permit VARCHAR, first_listed_at TIMESTAMP)"
        )
    con.execute(
        f"""
        CREATE TEMP TABLE refreshed AS
        FROM earlier ANTI JOIN due USING (title_id)
        UNION ALL BY NAME
        SELECT d.* EXCLUDE (findings, reason),
            coalesce(e.first_listed_at, TIMESTAMP {literal(str(now))}) AS first_listed_at
        FROM due AS d LEFT JOIN earlier AS e USING (title_id) WHERE d.decision <> 'allow'
        """
    )
    csv = "SELECT * REPLACE (array_to_string(rules, ';') AS rules) FROM refreshed ORDER BY title_id"
    for query, name, form in (
        ("FROM due ORDER BY title_id", "prepublish.parquet", "FORMAT parquet, COMPRESSION zstd"),
        ("FROM refreshed ORDER BY title_id", "block_list.parquet", "FORMAT parquet, COMPRESSION zstd"),
        (csv, "block_list.csv", "FORMAT csv, HEADER"),
    ):
        con.execute(f"COPY ({query}) TO {literal(str(folder / name))} ({form})")


def _row(verdict: Verdict, platforms: dict[str, str | None]) -> dict[str, object]:
    return {
        "title_id": verdict.title_id,
        "platform": platforms[verdict.title_id or ""],
        "decision": verdict.decision,
        "stage": verdict.stage,
        "rules": [finding.rule.id for finding in verdict.findings if finding.outcome == "fail"],
        "permit": verdict.permit,
        "findings": json.dumps([finding_json(finding, "zh") for finding in verdict.findings], ensure_ascii=False),
        "reason": verdict.reason,
    }


def _summarise(folder: Path, outcome: Outcome, wanted: Prepublication, before: Path | None) -> None:
    summary = {
        "run_id": outcome.run_id,
        "after_run": before.name if before is not None else None,
        "as_of": wanted.now.date().isoformat(),
        "until": outcome.until.isoformat(),
        "policy": wanted.policy.revision,
        "counts": {"judged": len(outcome.verdicts), **outcome.counts()},
    }
    (folder / "prepublish.json").write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _keep(before: Path, folder: Path) -> None:
    """Carry the other files of the current run over, as hard links: nothing is copied."""
    for path in before.rglob("*"):
        target = folder / path.relative_to(before)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        elif path.name not in REFRESHED:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, target)
