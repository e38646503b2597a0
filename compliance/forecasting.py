"""The same snapshot judged as of other days or under another policy: which titles change, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from compliance import clock
from compliance.catalog.sources import open_catalog
from compliance.embedded import connect
from compliance.engines.audit import AuditRequest, run_audit
from compliance.engines.duck.population import LISTED
from compliance.language import worded
from compliance.policy import Policy
from compliance.policy.model import FORMS
from compliance.reports.calendar import law_days
from compliance.rules.model import Bilingual
from compliance.verdicts.waivers import NO_WAIVERS, Waivers

Tell = Callable[[str], None]
SHOWN_TITLES = 200


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The catalog that is judged, the same for every side."""

    catalog: str
    mapping: Path | None = None
    memory: str = "3GB"
    threads: int | None = None
    waivers: Waivers = NO_WAIVERS


@dataclass(frozen=True, slots=True)
class Side:
    """A policy on a day."""

    policy: Policy
    as_of: date


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a title on one side."""

    decision: str
    regime: str | None
    tier: int | None
    rules: tuple[str, ...]
    """Failed rules."""
    unknown: tuple[str, ...]
    """Rules whose outcome nobody can tell; such a title is held."""
    actions: dict[str, str]
    """What each of these rules does, after waivers."""
    waived: tuple[str, ...]
    """Those that a waiver makes warnings."""


@dataclass(frozen=True, slots=True)
class Acting:
    """A rule that finds the same on both sides and acts otherwise."""

    rule: str
    outcome: str
    how: str
    """`waiver_ended`, `now_waived`, `now_block`, `now_hold` or `now_warn`."""


@dataclass(frozen=True, slots=True)
class TitleChange:
    """A title with another verdict."""

    title_id: str
    name: str | None
    platform: str | None
    first_screen: bool
    """It has an active first-screen placement on either day, and a finding there."""
    before: Verdict | None
    """None: not judged."""
    after: Verdict | None
    acting: tuple[Acting, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What changes from one side to the next."""

    before: Side
    after: Side
    law: tuple[Bilingual, ...]
    """What the policy says begins in these days."""
    decisions: dict[str, int]
    """Titles by change of decision, such as `allow → block`; only those that change."""
    regimes: dict[str, int]
    """Titles by change of regime."""
    changed: int
    """Titles with another decision, regime, tier, failed rule or rule that nobody can tell."""
    titles: tuple[TitleChange, ...]
    """The first of them: first-screen ones, then those whose decision changes, the worse first."""


def forecast(snapshot: Snapshot, policy: Policy, start: date, until: date, *, tell: Tell) -> tuple[Step, ...]:
    """Judge the snapshot on `start`, on each day up to `until` on which the law changes, and on `until`.

    Extracts of the register count as fresh as they are on `start`: not the law, but next week's import changes that.
    """
    law = {day.on for day in law_days(policy) if start < day.on <= until}
    days = sorted({start, until} | law)
    return tuple(_steps(snapshot, [Side(policy, day) for day in days], tell))


def compare(snapshot: Snapshot, before: Side, after: Side, *, tell: Tell) -> Step:
    """Judge the snapshot on both sides."""
    (step,) = _steps(snapshot, [before, after], tell)
    return step


def differences(before: Side, after: Side) -> dict[str, tuple[Any, Any]]:
    """What two sides say differently, by its place in the policy: regimes in force by form, settings, rules, lists."""
    one, other = _said(before), _said(after)
    keys = [*one, *(key for key in other if key not in one)]
    return {key: (one.get(key), other.get(key)) for key in keys if one.get(key) != other.get(key)}


def step_json(step: Step, language: str) -> dict[str, Any]:
    """A step as JSON values."""
    return {
        "from": step.before.as_of,
        "to": step.after.as_of,
        "law": [text[language] for text in step.law],
        "decisions": step.decisions,
        "regimes": step.regimes,
        "changed": step.changed,
        "titles": [asdict(title) for title in step.titles],
    }


def _said(side: Side) -> dict[str, Any]:
    policy = side.policy
    in_force = {form: policy.regime_on(side.as_of, form) for form in FORMS}
    return {
        **{f"{form}.regime": regime.id for form, (regime, _) in in_force.items()},
        **{f"{form}.tier_1_from_yuan": period.tier_1_from_yuan for form, (_, period) in in_force.items()},
        **{f"{form}.tier_2_from_yuan": period.tier_2_from_yuan for form, (_, period) in in_force.items()},
        **{f"settings.{name}": setting.value for name, setting in policy.settings.items()},
        **{f"rules.off.{rule}": reason for rule, reason in policy.rules.off.items()},
        **{f"actions.{rule}": actions.model_dump(exclude_none=True) for rule, actions in policy.actions.items()},
        **{f"waivers.{key}": value for key, value in policy.waivers},
        **{f"guard.{key}": value for key, value in policy.guard},
        **{f"regimes.{regime.id}": regime.model_dump(by_alias=True) for regime in policy.regimes},
        "special_subjects": policy.special_subjects,
        "placeholders": policy.placeholders,
        "revision": policy.revision,
    }


def _steps(snapshot: Snapshot, sides: Sequence[Side], tell: Tell) -> Iterator[Step]:
    with TemporaryDirectory(prefix="gate-forecast-") as place:
        folders = []
        for number, side in enumerate(sides):
            tell(
                worded(
                    f"按 {side.as_of}、政策 {side.policy.revision} 判定",
                    f"judging as of {side.as_of}, policy {side.policy.revision}",
                )
            )
            folders.append(Path(place, str(number)))
            _judge(snapshot, side, sides[0].as_of, folders[-1])
            if number:
                step = _step(sides[number - 1], side, folders[-2], folders[-1])
                yield replace(step, titles=_named(step.titles, snapshot, folders[-1]))


def _judge(snapshot: Snapshot, side: Side, start: date, folder: Path) -> None:
    folder.mkdir()
    run_audit(
        AuditRequest(
            catalog=snapshot.catalog,
            folder=folder,
            as_of=side.as_of,
            policy=_as_fresh_as_on(side, start),
            run_id=f"forecast-{folder.name}",
            started_at=clock.wall_time(),
            mapping=snapshot.mapping,
            memory=snapshot.memory,
            threads=snapshot.threads,
            waivers=snapshot.waivers,
            details=True,
        ),
        progress=lambda _stage: None,
    )


def _as_fresh_as_on(side: Side, start: date) -> Policy:
    """The side's policy, allowing extracts of the register the days between as well."""
    name = "register_fresh_days"
    days = int(side.policy.number(name)) + max(0, (side.as_of - start).days)
    setting = side.policy.settings[name].model_copy(update={"value": days})
    return side.policy.model_copy(update={"settings": {**side.policy.settings, name: setting}})


def _step(before: Side, after: Side, folder: Path, next_folder: Path) -> Step:
    with _both(folder, next_folder) as con:
        changed = con.execute("SELECT count(*) FROM changed").fetchall()[0][0]
        law = tuple(
            day.says
            for day in sorted(law_days(after.policy), key=lambda day: day.on)
            if before.as_of < day.on <= after.as_of
        )
        return Step(
            before,
            after,
            law,
            decisions=_counted(con, "decision"),
            regimes=_counted(con, "regime"),
            changed=changed,
            titles=tuple(_title(row) for row in con.execute(_TITLES, [SHOWN_TITLES]).fetchall()),
        )


def _named(titles: tuple[TitleChange, ...], snapshot: Snapshot, folder: Path) -> tuple[TitleChange, ...]:
    """The titles, with the catalog's names and platforms where neither side has found anything."""
    if not (nameless := [title.title_id for title in titles if title.name is None]):
        return titles
    named: dict[str, tuple[str, str]] = {}
    with connect({"memory_limit": snapshot.memory}) as con:
        staging = folder / ".names"
        for part in open_catalog(snapshot.catalog, mapping=snapshot.mapping).attach(con, "titles", staging=staging):
            rows = con.execute(
                f"SELECT CAST(title_id AS VARCHAR) AS title_id, name, platform FROM {part.view}"
                " WHERE CAST(title_id AS VARCHAR) IN (SELECT unnest($1))",
                [nameless],
            )
            named |= {title_id: (name, platform) for title_id, name, platform in rows.fetchall()}
    return tuple(
        replace(title, name=named[title.title_id][0], platform=named[title.title_id][1])
        if title.name is None and title.title_id in named
        else title
        for title in titles
    )


@contextmanager
def _both(folder: Path, next_folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """`changed`: titles with another verdict; a_… is before, b_… after."""
    differing = ("decision", "regime", "tier", "rules", "unknown")
    with connect({"memory_limit": "1GB", "temp_directory": str(next_folder / ".work")}) as con:
        for name, where in (("a", folder), ("b", next_folder)):
            chosen = ", ".join(f"{column} AS {name}_{column}" for column in (*differing, "actions", "waived"))
            con.execute(f"""
CREATE VIEW {name} AS SELECT title_id, {chosen}
FROM (SELECT title_id, decision, regime, tier, rules, COALESCE(unknown, []) AS unknown,
        COALESCE(actions, MAP {{}}) AS actions, COALESCE(waived, []) AS waived
    FROM '{where}/verdicts.parquet'
    LEFT JOIN (SELECT title_id, COALESCE(list(rule ORDER BY rule) FILTER (outcome = 'unknown'), []) AS unknown,
            map_from_entries(list((rule, action) ORDER BY rule)) AS actions
        FROM '{where}/findings.parquet' GROUP BY title_id) USING (title_id)
    LEFT JOIN (SELECT title_id, list(rule ORDER BY rule) AS waived FROM '{where}/waived.parquet'
        GROUP BY title_id) USING (title_id))""")
            con.execute(
                f"CREATE VIEW {name}_listed AS SELECT title_id, name, platform,"
                f" list_contains(slots, 'first_screen') AS first_screen FROM '{where / LISTED}'"
            )
        differ = " OR ".join(f"a_{column} IS DISTINCT FROM b_{column}" for column in differing)
        con.execute(f"CREATE TABLE changed AS SELECT * FROM a FULL JOIN b USING (title_id) WHERE {differ}")
        yield con


_TITLES = """
SELECT title_id, COALESCE(y.name, x.name), COALESCE(y.platform, x.platform),
    COALESCE(x.first_screen, FALSE) OR COALESCE(y.first_screen, FALSE) AS first_screen,
    a_decision, a_regime, a_tier, a_rules, a_unknown, a_actions, a_waived,
    b_decision, b_regime, b_tier, b_rules, b_unknown, b_actions, b_waived
FROM changed LEFT JOIN a_listed AS x USING (title_id) LEFT JOIN b_listed AS y USING (title_id)
ORDER BY first_screen DESC, a_decision IS DISTINCT FROM b_decision DESC,
    CASE b_decision WHEN 'block' THEN 0 WHEN 'hold' THEN 1 ELSE 2 END, title_id
LIMIT ?"""


def _counted(con: duckdb.DuckDBPyConnection, column: str) -> dict[str, int]:
    rows = con.execute(f"""
SELECT COALESCE(a_{column}, '–') || ' → ' || COALESCE(b_{column}, '–'), count(*) FROM changed
WHERE a_{column} IS DISTINCT FROM b_{column} GROUP BY 1 ORDER BY 2 DESC, 1""").fetchall()
    return dict(rows)


def _title(row: tuple[Any, ...]) -> TitleChange:
    title_id, name, platform, first_screen = row[:4]
    before, after = _verdict(row[4:11]), _verdict(row[11:18])
    return TitleChange(title_id, name, platform, first_screen, before, after, tuple(_acting(before, after)))


def _verdict(values: Sequence[Any]) -> Verdict | None:
    decision, regime, tier, rules, unknown, actions, waived = values
    if decision is None:
        return None
    return Verdict(decision, regime, tier, tuple(rules), tuple(unknown), actions, tuple(waived))


def _acting(before: Verdict | None, after: Verdict | None) -> Iterator[Acting]:
    """What finds the same on both sides and acts otherwise, such as on the day after a waiver's last."""
    if before is None or after is None:
        return
    for outcome, found, finds in (("fail", before.rules, after.rules), ("unknown", before.unknown, after.unknown)):
        for rule in (rule for rule in finds if rule in found):
            was_waived, waived = rule in before.waived, rule in after.waived
            if was_waived != waived:
                yield Acting(rule, outcome, "now_waived" if waived else "waiver_ended")
            elif before.actions.get(rule) != after.actions.get(rule):
                yield Acting(rule, outcome, f"now_{after.actions[rule]}")
