"""The report model: what every form of the report says about a run, read from the run's files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from compliance.rules.model import Rule

LISTED_TITLES = 2_000
"""Titles shown one by one on the page; the workbook and the Parquet files have them all."""
LISTED_REASONS = 15
DETAILS = ".listed.parquet"
"""Names, platforms and producers of the blocked and held titles: beside the contract's files, for the reports alone."""
_MEMORY = "1GB"


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What one rule did in the run."""

    rule: Rule
    evaluated: int
    fail: int
    unknown: int
    actions: Mapping[str, int]
    """Findings by action."""
    off: bool
    reason: str | None
    """Why the rule is off."""

    @property
    def rank(self) -> int:
        """0 for a rule that blocks, 1 for one that holds, 2 for one that warns, 3 for one without findings."""
        return next((rank for rank, action in enumerate(("block", "hold", "warn")) if self.actions.get(action)), 3)

    @property
    def findings(self) -> int:
        """Titles with a finding of this rule."""
        return self.fail + self.unknown


@dataclass(frozen=True, slots=True)
class Share:
    """Verdicts of one group of titles, such as a regime."""

    name: str
    allow: int
    hold: int
    block: int

    @property
    def judged(self) -> int:
        """All titles of the group."""
        return self.allow + self.hold + self.block


@dataclass(frozen=True, slots=True)
class Reason:
    """Titles that are blocked or held by exactly these rules."""

    rules: tuple[str, ...]
    decision: str
    titles: int


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding of a title, with the values that the rule saw."""

    rule: str
    outcome: str
    action: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TitleLine:
    """One blocked or held title with its findings; texts are empty where unknown."""

    title_id: str
    name: str
    platform: str
    producer: str
    decision: str
    stage: str
    regime: str
    tier: int | None
    permit: str
    findings: tuple[FindingLine, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something occurs."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """One run as its readers need it."""

    run_id: str
    as_of: date
    policy: str
    engine: str
    seconds: float
    counts: Mapping[str, int]
    inputs: Mapping[str, int]
    stale_systems: tuple[str, ...]
    notes: tuple[str, ...]
    rules: tuple[RuleLine, ...]
    """Rules that block first, then those that hold, then those that warn; in each the most findings first."""
    stages: Mapping[str, Share]
    regimes: tuple[Share, ...]
    tiers: tuple[Share, ...]
    platforms: tuple[Share, ...]
    """Blocked and held titles only: the block list names no platform of an allowed title."""
    reasons: tuple[Reason, ...]
    placements: tuple[Tally, ...]
    """Active placements of blocked titles, by slot."""
    quarantine: tuple[Tally, ...]
    """Rows set apart, by relation and reason."""
    titles: tuple[TitleLine, ...]
    """The first blocked and held titles: blocked ones on air, then blocked ones, then held ones, each by title_id."""
    findings: int

    @property
    def listed(self) -> int:
        """Blocked and held titles in all."""
        return self.counts["block"] + self.counts["hold"]

    @property
    def left_out(self) -> int:
        """Blocked and held titles that `titles` leaves out."""
        return self.listed - len(self.titles)

    @property
    def blocked_placements(self) -> int:
        """Active placements of blocked titles."""
        return sum(tally.count for tally in self.placements)


def read_report(folder: Path, rules: Sequence[Rule], *, titles: int = LISTED_TITLES) -> Report:
    """Read the model from a run's folder, naming at most so many titles one by one."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    with opened(folder) as con:
        return Report(
            run_id=summary["run_id"],
            as_of=date.fromisoformat(summary["as_of"]),
            policy=summary["policy"],
            engine=summary["engine"],
            seconds=summary["seconds"],
            counts=summary["counts"],
            inputs=summary["inputs"],
            stale_systems=tuple(summary["stale_systems"]),
            notes=tuple(summary["notes"]),
            rules=_rules(con, summary["rules"], rules),
            stages={share.name: share for share in _shares(con, "stage")},
            regimes=_shares(con, "regime"),
            tiers=_shares(con, "tier"),
            platforms=_platforms(con),
            reasons=_reasons(con),
            placements=_tallies(con, "SELECT slot, count(*) FROM blocked_placements GROUP BY ALL"),
            quarantine=_tallies(con, "SELECT relation || ': ' || reason, count(*) FROM quarantine GROUP BY ALL"),
            titles=_titles(con, titles),
            findings=con.execute("SELECT count(*) FROM findings").fetchall()[0][0],
        )


@contextmanager
def opened(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the run's files as relations, and `listed`: blocked and held titles with their details."""
    work = folder / ".report-work"
    with duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": str(work)}) as con:
        for name in ("verdicts", "findings", "block_list", "blocked_placements", "quarantine"):
            con.execute(f"CREATE VIEW {name} AS FROM read_parquet({_literal(folder / f'{name}.parquet')})")
        con.execute(f"CREATE VIEW details AS {_details(folder)}")
        con.execute("""
CREATE VIEW listed AS
SELECT v.*, d.name, COALESCE(d.platform, b.platform) AS platform, d.producer
FROM verdicts AS v LEFT JOIN block_list AS b USING (title_id) LEFT JOIN details AS d USING (title_id)
WHERE v.decision <> 'allow'""")
        yield con
    if work.is_dir():
        work.rmdir()


def _details(folder: Path) -> str:
    if (folder / DETAILS).is_file():
        return f"SELECT title_id, name, platform, producer FROM read_parquet({_literal(folder / DETAILS)})"
    return (
        "SELECT NULL::VARCHAR AS title_id, NULL::VARCHAR AS name, NULL::VARCHAR AS platform, NULL::VARCHAR AS producer"
        " WHERE FALSE"
    )


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _rules(
    con: duckdb.DuckDBPyConnection, counts: Mapping[str, Mapping[str, Any]], rules: Sequence[Rule]
) -> tuple[RuleLine, ...]:
    actions: dict[str, dict[str, int]] = {}
    for rule_id, action, number in con.execute("SELECT rule, action, count(*) FROM findings GROUP BY ALL").fetchall():
        actions.setdefault(rule_id, {})[action] = number
    lines = [
        RuleLine(
            rule=rule,
            evaluated=counts[rule.id]["evaluated"],
            fail=counts[rule.id]["fail"],
            unknown=counts[rule.id]["unknown"],
            actions=actions.get(rule.id, {}),
            off=counts[rule.id]["off"],
            reason=counts[rule.id].get("reason"),
        )
        for rule in rules
    ]
    return tuple(sorted(lines, key=lambda line: (line.rank, -line.findings, line.rule.id)))


_BY_DECISION = ", ".join(f"count(*) FILTER (decision = '{decision}')" for decision in ("allow", "hold", "block"))


def _shares(con: duckdb.DuckDBPyConnection, column: str) -> tuple[Share, ...]:
    query = f"SELECT COALESCE(CAST({column} AS VARCHAR), ''), {_BY_DECISION} FROM verdicts GROUP BY 1 ORDER BY 1"
    return tuple(Share(*row) for row in con.execute(query).fetchall())


def _platforms(con: duckdb.DuckDBPyConnection) -> tuple[Share, ...]:
    query = f"SELECT COALESCE(platform, ''), {_BY_DECISION} FROM listed GROUP BY 1 ORDER BY count(*) DESC, 1"
    return tuple(Share(*row) for row in con.execute(query).fetchall())


def _reasons(con: duckdb.DuckDBPyConnection) -> tuple[Reason, ...]:
    rows = con.execute(
        """
WITH acting AS (
    SELECT title_id, list(rule ORDER BY rule) AS rules,
        CASE WHEN bool_or(action = 'block') THEN 'block' ELSE 'hold' END AS decision
    FROM findings WHERE action <> 'warn' GROUP BY title_id
)
SELECT rules, decision, count(*) FROM acting GROUP BY ALL ORDER BY count(*) DESC, rules LIMIT ?""",
        [LISTED_REASONS],
    ).fetchall()
    return tuple(Reason(tuple(rules), decision, number) for rules, decision, number in rows)


def _tallies(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Tally, ...]:
    return tuple(Tally(name, number) for name, number in con.execute(f"{query} ORDER BY 2 DESC, 1").fetchall())


def _titles(con: duckdb.DuckDBPyConnection, limit: int) -> tuple[TitleLine, ...]:
    con.execute(
        """
CREATE TEMP TABLE shown AS
SELECT row_number() OVER (ORDER BY decision <> 'block', stage <> 'on_air', title_id) AS place, *
FROM listed ORDER BY place LIMIT ?""",
        [limit],
    )
    findings: dict[str, list[FindingLine]] = {}
    for title_id, rule, outcome, action, evidence in con.execute("""
SELECT title_id, rule, outcome, action, evidence FROM findings SEMI JOIN shown USING (title_id)
ORDER BY title_id, CASE action WHEN 'block' THEN 0 WHEN 'hold' THEN 1 ELSE 2 END, rule""").fetchall():
        line = FindingLine(rule, outcome, action, json.loads(evidence))
        findings.setdefault(title_id, []).append(line)
    rows = con.execute("""
SELECT title_id, COALESCE(name, ''), COALESCE(platform, ''), COALESCE(producer, ''), decision, stage,
    COALESCE(regime, ''), tier, COALESCE(permit, '')
FROM shown ORDER BY place""").fetchall()
    return tuple(TitleLine(*(*row, tuple(findings.get(row[0], ())))) for row in rows)
