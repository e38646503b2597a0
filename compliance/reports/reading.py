"""Read the report model from a run's folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from compliance.engines.duck.population import POPULATION
from compliance.policy import Policy
from compliance.reports.calendar import coming
from compliance.reports.changes import COMPARED
from compliance.reports.files import opened, read_json
from compliance.reports.frames import shown_frames
from compliance.reports.kept import foreseen, guard_lines
from compliance.reports.lines import (
    Age,
    Changes,
    LabelLine,
    ProducerLine,
    Reason,
    RegisterLine,
    RuleLine,
    RunPoint,
    Share,
    SlotLine,
    Tally,
)
from compliance.reports.model import Report
from compliance.reports.titles import read_titles
from compliance.reports.urgency import urgent
from compliance.reports.waiving import waiver_lines
from compliance.rules.model import Bilingual, Rule
from compliance.run_files import read_summary
from compliance.verdicts.waivers import NO_WAIVERS, Waivers

if TYPE_CHECKING:
    from compliance.labels.store import Evidence

LISTED_TITLES = 5_000
"""Titles shown one by one on the page; the workbook and the Parquet files have them all."""
LISTED_REASONS = 15
LISTED_PRODUCERS = 20
_LEAKS_SQL = "SELECT rule, count(*) FROM (SELECT unnest(rules) AS rule FROM blocked_placements) GROUP BY rule"
_AGES = ((0, 1), (1, 7), (7, 30), (30, 90), (90, None))


def read_report(
    folder: Path,
    rules: Sequence[Rule],
    policy: Policy,
    *,
    past: Sequence[RunPoint] = (),
    waivers: Waivers = NO_WAIVERS,
    evidence: Evidence | None = None,
    titles: int = LISTED_TITLES,
) -> Report:
    """Read the model from a run's folder, naming at most so many titles one by one.

    `evidence` is the store of what was read from videos. `past` are the runs before this one, the oldest first. What
    the policy says on days to come is that of `policy`.
    """
    summary = read_summary(folder)
    as_of = date.fromisoformat(summary["as_of"])
    point = run_point(summary)
    with opened(folder) as con:
        population = _population(con, folder)
        register = _register(population, summary["stale_systems"])
        stages = {share.name: share for share in _shares(population, "stage")}
        slots = _slots(con, population)
        waived = waiver_lines(con, waivers, policy.waivers, as_of)
        guard = guard_lines(folder)
        lines = read_titles(con, titles)
        frames, left_out = shown_frames(evidence, lines)
        days = coming(policy, as_of, register, population["platforms"])
        return Report(
            run_id=summary["run_id"],
            as_of=as_of,
            policy=summary["policy"],
            engine=summary["engine"],
            seconds=summary["seconds"],
            counts=summary["counts"],
            inputs=summary["inputs"],
            stale_systems=tuple(summary["stale_systems"]),
            notes=tuple(summary["notes"]),
            complete=(folder / POPULATION).is_file(),
            trend=(*past, point),
            changes=_changes(con, folder),
            rules=_rules(con, summary["rules"], rules),
            stages=stages,
            regimes=_shares(population, "regime"),
            tiers=_shares(population, "tier"),
            platforms=tuple(
                sorted(_shares(population, "platform"), key=lambda share: (-share.block, -share.hold, share.name))
            ),
            producers=_producers(con),
            ages=_ages(con, as_of),
            reasons=_reasons(con),
            slots=slots,
            leaks=_tallies(con, _LEAKS_SQL),
            quarantine=_tallies(con, "SELECT relation || ': ' || reason, count(*) FROM quarantine GROUP BY ALL"),
            register=register,
            labels=tuple(
                LabelLine(line["channel"], line["rows"], line["with_text"], _day(line["newest"]))
                for line in population["labels"]
            ),
            waivers=waived,
            guard=guard,
            coming=days,
            forecast=foreseen(folder),
            titles=lines,
            frames=frames,
            frames_left_out=left_out,
            findings=_one(con, "SELECT count(*) FROM findings"),
            first=urgent(con, as_of, stages, slots, waived, guard, days),
            names=_names(policy, population["platforms"]),
            listed_producers=_one(con, "SELECT count(DISTINCT COALESCE(producer, '')) FROM listed"),
        )


def run_point(summary: Mapping[str, Any]) -> RunPoint:
    """A run of the trend, from its summary or from what the ledger keeps of it."""
    counts = summary["counts"]
    return RunPoint(
        summary["run_id"], date.fromisoformat(summary["as_of"]), counts["allow"], counts["hold"], counts["block"]
    )


def _population(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """What the run wrote for its reports; without that, what its verdicts tell."""
    if (folder / POPULATION).is_file():
        return dict(read_json(folder / POPULATION))
    rows = con.execute("SELECT stage, regime, tier, decision, count(*) FROM verdicts GROUP BY ALL").fetchall()
    names = ("stage", "regime", "tier", "decision", "titles")
    shares = [dict(zip(names, row, strict=True)) for row in rows]
    return {"shares": shares, "register": [], "labels": [], "placements": [], "platforms": []}


def _shares(population: Mapping[str, list[dict[str, Any]]], name: str) -> tuple[Share, ...]:
    counted: dict[str, dict[str, int]] = {}
    for row in population["shares"]:
        if name in row:
            value = "" if row[name] is None else str(row[name])
            decisions = counted.setdefault(value, {"allow": 0, "hold": 0, "block": 0})
            decisions[row["decision"]] += row["titles"]
    return tuple(Share(value, **decisions) for value, decisions in sorted(counted.items()))


def _names(policy: Policy, platforms: Sequence[Mapping[str, Any]]) -> dict[str, Bilingual]:
    names = {line["platform"]: Bilingual(line["name"], line["name"]) for line in platforms if line["name"]}
    return names | {regime.id: Bilingual(regime.title.zh, regime.title.en) for regime in policy.regimes}


def _register(population: Mapping[str, list[dict[str, Any]]], stale: Sequence[str]) -> tuple[RegisterLine, ...]:
    return tuple(
        RegisterLine(line["system"], line["rows"], _day(line["newest"]), line["system"] in stale)
        for line in population["register"]
    )


def _changes(con: duckdb.DuckDBPyConnection, folder: Path) -> Changes | None:
    before = read_json(folder / COMPARED) if (folder / COMPARED).is_file() else None
    if before is None:
        return None
    return Changes(
        run_point(before),
        fresh=_one(con, "SELECT count(*) FROM standing WHERE fresh"),
        standing=_one(con, "SELECT count(*) FROM standing WHERE NOT fresh"),
        cured=_one(con, "SELECT count(*) FROM cured WHERE how = 'cured'"),
        gone=_one(con, "SELECT count(*) FROM cured WHERE how = 'gone'"),
    )


def _rules(
    con: duckdb.DuckDBPyConnection, counts: Mapping[str, Mapping[str, Any]], rules: Sequence[Rule]
) -> tuple[RuleLine, ...]:
    """What each rule did; a rule that a later version brought did nothing in the run."""
    actions: dict[str, dict[str, int]] = {}
    for rule_id, action, number in con.execute("SELECT rule, action, count(*) FROM findings GROUP BY ALL").fetchall():
        actions.setdefault(rule_id, {})[action] = number
    fresh = dict(con.execute("SELECT rule, count(*) FROM standing WHERE fresh GROUP BY rule").fetchall())
    cured = dict(con.execute("SELECT rule, count(*) FROM cured WHERE how = 'cured' GROUP BY rule").fetchall())
    lines = [
        RuleLine(
            rule=rule,
            evaluated=counts[rule.id]["evaluated"],
            fail=counts[rule.id]["fail"],
            unknown=counts[rule.id]["unknown"],
            actions=actions.get(rule.id, {}),
            fresh=fresh.get(rule.id, 0),
            cured=cured.get(rule.id, 0),
            off=counts[rule.id]["off"],
            reason=counts[rule.id].get("reason"),
        )
        for rule in rules
        if rule.id in counts
    ]
    return tuple(sorted(lines, key=lambda line: (line.rank, -line.findings, line.rule.id)))


PRODUCERS_SQL = """
SELECT COALESCE(l.producer, '') AS name,
    CASE WHEN any_value(l.producer) <> '' THEN COALESCE(any_value(p.judged), 0) + count(q.title_id) END AS judged,
    count(*) FILTER (decision = 'hold') AS hold, count(*) FILTER (decision = 'block') AS block,
    count(*) FILTER (f.title_id IS NOT NULL) AS fresh
FROM listed AS l
LEFT JOIN producers AS p ON p.producer = l.producer
LEFT JOIN (SELECT DISTINCT title_id FROM quarantine WHERE relation = 'titles') AS q USING (title_id)
LEFT JOIN (SELECT DISTINCT title_id FROM standing WHERE fresh) AS f USING (title_id)
GROUP BY 1 ORDER BY block DESC, hold DESC, name"""
"""Name (empty: unknown), judged, hold, block, fresh of each producer with a blocked or held title.

The run counted a producer's titles among the rows that keep the contract; those held for a row that does not are judged
too. Of titles without a producer it counted none: how many were judged is then not known.
"""


def _producers(con: duckdb.DuckDBPyConnection) -> tuple[ProducerLine, ...]:
    rows = con.execute(f"{PRODUCERS_SQL} LIMIT {LISTED_PRODUCERS}").fetchall()
    return tuple(ProducerLine(*row) for row in rows)


def _ages(con: duckdb.DuckDBPyConnection, as_of: date) -> tuple[Age, ...]:
    rows = con.execute(
        """
SELECT action, date_diff('day', since, $1::DATE) AS days, count(*)
FROM standing JOIN findings USING (title_id, rule) WHERE action <> 'warn' GROUP BY ALL""",
        [as_of],
    ).fetchall()
    return tuple(
        Age(
            begin,
            end,
            **{
                action: sum(
                    number
                    for its, days, number in rows
                    if its == action and max(days, 0) >= begin and (end is None or days < end)
                )
                for action in ("block", "hold")
            },
        )
        for begin, end in _AGES
    )


def _reasons(con: duckdb.DuckDBPyConnection) -> tuple[Reason, ...]:
    rows = con.execute(
        """
WITH acting AS (
    SELECT title_id, list((rule, outcome) ORDER BY rule) AS found,
        CASE WHEN bool_or(action = 'block') THEN 'block' ELSE 'hold' END AS decision
    FROM findings WHERE action <> 'warn' GROUP BY title_id
)
SELECT found, decision, count(*) FROM acting GROUP BY ALL ORDER BY count(*) DESC, found LIMIT ?""",
        [LISTED_REASONS],
    ).fetchall()
    return tuple(Reason(tuple(found), decision, number) for found, decision, number in rows)


def _slots(con: duckdb.DuckDBPyConnection, population: Mapping[str, list[dict[str, Any]]]) -> tuple[SlotLine, ...]:
    known = {
        line["slot"]: SlotLine(line["slot"], line["active"], line["blocked"], line["held"])
        for line in population["placements"]
    }
    blocked = _tallies(con, "SELECT slot, count(*) FROM blocked_placements GROUP BY ALL")
    rest = [SlotLine(tally.name, None, tally.count, 0) for tally in blocked if tally.name not in known]
    return tuple(sorted((*known.values(), *rest), key=lambda slot: (-slot.blocked, slot.name)))


def _tallies(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Tally, ...]:
    return tuple(Tally(name, number) for name, number in con.execute(f"{query} ORDER BY 2 DESC, 1").fetchall())


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(con.execute(query).fetchall()[0][0])


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
