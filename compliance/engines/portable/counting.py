"""The numbers of a run: its counts, the guard's measures, and the population that reports show.

Each relation is counted by one statement, whose answer has a few rows however large the catalog is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.catalog.schema import RELATIONS
from compliance.engines.bits import Bit
from compliance.engines.freshness import Extracts
from compliance.engines.portable.engine import Engine
from compliance.engines.portable.outputs import without_canaries
from compliance.errors import DEFECT, RunInvalidError
from compliance.language import worded
from compliance.policy import Policy
from compliance.rules.model import Rule
from compliance.verdicts.summary import RuleCounts

_TOLD_APART_BY = ("platform", "stage", "regime", "tier", "decision")
_PARTS = ("applies", "fails", "unknown")


@dataclass(frozen=True, slots=True)
class Tally:
    """The ruled titles by all that reports tell them apart by, without canaries and held titles."""

    groups: Sequence[Mapping[str, Any]]
    held: Sequence[Mapping[str, Any]]
    """Titles held for a quarantined row, by platform and stage."""

    def sum(self, what: str) -> int:
        """The sum of a count over all groups."""
        return sum(int(group[what]) for group in self.groups)

    def by(self, what: str) -> dict[Any, int]:
        """Titles by one of what they are told apart by."""
        counts: Counter[Any] = Counter()
        for group in self.groups:
            counts[group[what]] += group["titles"]
        return dict(counts)


def tally(engine: Engine, bits: Sequence[Bit], *, some_held: bool) -> Tally:
    """Count the relations `decided` and `held`."""
    sums = [
        f"SUM(CASE WHEN ({part} & {bit.mask}) <> 0 THEN 1 ELSE 0 END) AS {part}_{bit.number}"
        for bit in bits
        for part in _PARTS
    ]
    counts = ["COUNT(*) AS titles", "COUNT(CASE WHEN unknown <> 0 THEN 1 END) AS undecided"]
    counts += ["COUNT(CASE WHEN broken THEN 1 END) AS broken", *sums]
    keys = ", ".join(_TOLD_APART_BY)
    names = [*_TOLD_APART_BY, "titles", "undecided", "broken", *(f"{p}_{b.number}" for b in bits for p in _PARTS)]
    rows = engine.rows(f"SELECT {keys}, {', '.join(counts)} FROM ({without_canaries('decided')}) AS d GROUP BY {keys}")
    by_stage = "SELECT platform, stage, COUNT(*) AS titles FROM held GROUP BY platform, stage"
    held = engine.rows(by_stage) if some_held else []
    return Tally(_objects(names, rows), _objects(("platform", "stage", "titles"), held))


def count_rules(counted: Tally, bits: Sequence[Bit], rules: Sequence[Rule], policy: Policy) -> dict[str, RuleCounts]:
    """Counts for every rule there is, those that are off included."""
    on = {bit.rule.id: bit.number for bit in bits}

    def count(rule: Rule, part: str) -> int:
        return counted.sum(f"{part}_{on[rule.id]}") if rule.id in on else 0

    return {
        rule.id: RuleCounts(
            evaluated=count(rule, "applies"),
            fail=count(rule, "fails"),
            unknown=count(rule, "unknown"),
            off=rule.id not in on,
            reason=policy.rules.off.get(rule.id),
        )
        for rule in rules
    }


@dataclass(frozen=True, slots=True)
class Population:
    """What the source says of its sound rows."""

    titles: Mapping[str, int]
    """judged, offline, other, held_rows, and one count for each column that may be empty."""
    register: Sequence[Mapping[str, Any]]
    """By system: rows, and the like counts."""
    placements: Mapping[str, int]
    """Active ones by slot."""


def count_source(engine: Engine) -> Population:
    """Count titles, register and active placements."""
    names = ["total", "held_rows", "judged", "offline", "other", *_may_be_empty("titles")]
    held = "h.title_id IS NOT NULL"
    kinds = {
        "held_rows": held,
        "judged": f"NOT {held} AND t.status <> 'offline' AND t.kind <> 'other'",
        "offline": f"NOT {held} AND t.status = 'offline'",
        "other": f"NOT {held} AND t.status <> 'offline' AND t.kind = 'other'",
    }
    listed = ["COUNT(*) AS total", *(f"COUNT(CASE WHEN {test} THEN 1 END) AS {name}" for name, test in kinds.items())]
    listed += [f"COUNT(t.{name}) AS {name}" for name in _may_be_empty("titles")]
    (titles,) = engine.rows(
        f"SELECT {', '.join(listed)} FROM sound_titles AS t LEFT JOIN held_titles AS h ON h.title_id = t.title_id"
    )
    filled = ", ".join(f"COUNT({name}) AS {name}" for name in _may_be_empty("register"))
    register = engine.rows(
        f"SELECT system, COUNT(*) AS total, {filled} FROM sound_register GROUP BY system ORDER BY system"
    )
    placements = engine.rows(
        f"SELECT slot, COUNT(*) AS n FROM ({without_canaries('active_placements')}) AS p GROUP BY slot ORDER BY slot"
    )
    return Population(
        dict(zip(names, titles, strict=True)),
        _objects(("system", "total", *_may_be_empty("register")), register),
        dict(placements),
    )


def count_titles(
    engine: Engine, counted: Tally, source: Population, rows: int, quarantined: Mapping[str, int]
) -> dict[str, int]:
    """The counts of the summary, as those of the embedded engine; `rows` are the catalog's titles.

    Raises RunInvalidError where a title got lost between sound relation and ruling, or a fact has no value that always
    has one.
    """
    if broken := counted.sum("broken"):
        raise RunInvalidError(
            worded(
                f"{broken:,} 部剧目缺少必有的事实",
                f"{broken:,} titles have facts without a value that always have one",
            ),
            remedy=DEFECT(),
        )
    ruled, due = counted.sum("titles"), source.titles["judged"]
    if ruled != due:
        raise RunInvalidError(
            worded(
                f"应判定 {due:,} 部，实际判定 {ruled:,} 部", f"{due:,} titles were to be judged, and {ruled:,} were"
            ),
            remedy=DEFECT(),
        )
    bad = dict(engine.rows(_BAD)) if quarantined else {}
    held = sum(group["titles"] for group in counted.held)
    decisions = Counter(counted.by("decision"))
    decisions["hold"] += held
    return {
        "titles": rows,
        "judged": ruled + held,
        "offline": source.titles["offline"] + bad.get("offline", 0),
        "other": source.titles["other"] + bad.get("other", 0),
        "quarantined": sum(quarantined.values()),
        **{decision: decisions[decision] for decision in ("allow", "hold", "block")},
        "unjudged": held,
        "repeated": bad.get("held", 0) + source.titles["held_rows"] - held,
        "nameless": bad.get("nameless", 0),
    }


_BAD = """
SELECT sort, COUNT(*) AS n
FROM (
    SELECT CASE WHEN status = 'offline' THEN 'offline' WHEN kind = 'other' THEN 'other'
        WHEN COALESCE(title_id, '') = '' THEN 'nameless' ELSE 'held' END AS sort
    FROM bad_titles
) AS s GROUP BY sort"""


def count_regimes(counted: Tally) -> dict[str, int]:
    """Judged micro-dramas by regime."""
    return {regime: count for regime, count in sorted(counted.by("regime").items(), key=str) if regime is not None}


def placements_hit(engine: Engine) -> dict[tuple[str, str], int]:
    """Active placements of titles with findings, by slot and the title's decision."""
    rows = engine.rows(
        f"SELECT p.slot, d.decision, COUNT(*) AS n FROM ({without_canaries('listed_placements')}) AS p"
        " JOIN (SELECT title_id, decision FROM decided UNION ALL SELECT title_id, 'hold' FROM held) AS d"
        " ON d.title_id = p.title_id GROUP BY p.slot, d.decision"
    )
    return {(slot, decision): count for slot, decision, count in rows}


def measures(
    counted: Tally,
    source: Population,
    hit: Mapping[tuple[str, str], int],
    rows: Mapping[str, int],
    stale: Sequence[str],
) -> dict[str, Any]:
    """What the guard reads: see `duck.measuring`."""
    register = Counter[str]()
    for system in source.register:
        register.update({name: system[name] for name in ("total", *_may_be_empty("register"))})
    shares = {f"titles.{name}": _share(source.titles, name) for name in _may_be_empty("titles")}
    shares |= {f"register.{name}": _share(register, name) for name in _may_be_empty("register")}
    return {
        "titles": rows["titles"],
        "register": rows["register"],
        "judged": counted.sum("titles"),
        "unknown": counted.sum("undecided"),
        "placements": sum(source.placements.values()),
        "blocked_placements": sum(count for (_, decision), count in hit.items() if decision == "block"),
        "stale_systems": list(stale),
        "filled": {name: share for name, share in shares.items() if share is not None},
    }


def _share(counts: Mapping[str, int], name: str) -> float | None:
    return round(counts[name] / counts["total"], 6) if counts["total"] else None


def _may_be_empty(relation: str) -> list[str]:
    return [column.name for column in RELATIONS[relation].columns if column.nullable]


def population(
    engine: Engine, counted: Tally, source: Population, hit: Mapping[tuple[str, str], int], extracts: Extracts
) -> dict[str, list[dict[str, Any]]]:
    """What reports show of the whole population: see `duck.population`."""
    of_shares = (*_TOLD_APART_BY, "titles")
    held = {"regime": None, "tier": None, "decision": "hold"}
    return {
        "shares": [{name: {**held, **group}[name] for name in of_shares} for group in counted.held]
        + [{name: group[name] for name in of_shares} for group in counted.groups],
        "register": extracts.shown(),
        "labels": _objects(("channel", "rows", "with_text", "newest"), engine.rows(_LABELS)),
        "placements": [
            {"slot": slot, "active": n, "blocked": hit.get((slot, "block"), 0), "held": hit.get((slot, "hold"), 0)}
            for slot, n in source.placements.items()
        ],
        "platforms": _objects(("platform", "name", "valid_until"), engine.rows(_PLATFORMS)),
    }


_LABELS = """
SELECT channel, COUNT(*) AS n, COUNT(text) AS with_text, CAST(CAST(MAX(read_at) AS DATE) AS VARCHAR) AS newest
FROM sound_labels GROUP BY channel ORDER BY channel"""
_PLATFORMS = "SELECT platform, name, CAST(valid_until AS VARCHAR) AS valid_until FROM sound_platforms ORDER BY platform"


def _objects(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in rows]
