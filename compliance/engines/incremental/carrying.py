"""One run that carries on from the one before: what to judge, what to carry, what to keep for the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from compliance.catalog.contract import ContractOutcome
from compliance.engines.duck import outputs
from compliance.engines.duck.counting import RULED, ruled_select
from compliance.engines.duck.steps import literal
from compliance.engines.incremental import affected, evidence, kept, narrowing
from compliance.engines.incremental import state as states
from compliance.engines.incremental.circumstances import (
    Circumstances,
    circumstances_of,
    hindrances,
    known_issuers,
    platforms_touched,
)
from compliance.engines.incremental.days import undated_alike
from compliance.engines.incremental.kept import Unusable
from compliance.engines.incremental.state import State
from compliance.files import link_or_copy
from compliance.outputs import CARRIED, JUDGED
from compliance.policy import Policy
from compliance.rules.model import Rule
from compliance.verdicts.waivers import Waivers

_RULING = (
    "title_id, CAST(platform AS VARCHAR) AS platform, CAST(kind AS VARCHAR) AS kind, CAST(stage AS VARCHAR) AS stage,"
    " CAST(regime AS VARCHAR) AS regime, tier, permit, applies, fails, unknown, blocks, holds"
)
_TOO_MANY = 0.5
"""From this share of affected titles on, a full audit is as fast."""
_REBASED_FROM = 0.2
"""From this share of titles that were judged since the base on, the rulings are written anew."""


@dataclass(slots=True)
class Carrier:
    """The work of one run. `narrow` before the judging, `widen` after it, `keep` once the outputs are written.

    `close` in any case.
    """

    con: duckdb.DuckDBPyConnection
    came_in: ContractOutcome
    folder: Path
    """The run's."""
    policy: Policy
    rules: Sequence[Rule]
    """Those that are on."""
    waivers: Waivers
    circumstances: Circumstances
    digests: evidence.Digests
    before: State | None = field(default=None, init=False)
    """Where the run carries from; None: it judges everything."""

    @property
    def as_of(self) -> date:
        """The as-of day."""
        return self.circumstances.day

    def narrow(self, previous: Path | None, failed: str | None = None) -> str:
        """Leave in the clean relations what is to be judged. Returns a note: of what is judged, or why everything is.

        `failed` names the error that an attempt before ended with.
        """
        try:
            before = states.open_state(previous, failed)
            self._find_affected(before)
        except Unusable as unusable:
            return f"a full audit, where an incremental one was asked for: {unusable}"
        narrowing.narrow(self.con)
        self.before = before
        touched, judged = (self._count(name) for name in ("changed_titles", "affected_titles"))
        return (
            f"an incremental audit: {touched:,} titles touched by changes, {judged:,} looked at with them,"
            f" the rest carried from run {before.run_id}"
        )

    def _find_affected(self, before: State) -> None:
        if reasons := list(hindrances(before.circumstances, self.circumstances, policy=self.policy, rules=self.rules)):
            raise Unusable("; ".join(reasons))
        con, folder = self.con, before.folder
        base, since, judged = (
            kept.stored(folder / name) for name in (states.RULINGS, states.RULINGS_SINCE, states.JUDGED_SINCE)
        )
        con.execute(
            "CREATE TEMP VIEW rulings_before AS"
            f" SELECT * FROM {base} ANTI JOIN {judged} USING (title_id) UNION ALL SELECT * FROM {since}"
        )
        found = affected.Affected(con)
        for watched in kept.WATCHED:
            kept.compare(con, watched, folder)
        found.add("SELECT title_id FROM titles_changes")
        found.add_numbers("SELECT permit_number FROM register_changes")
        for relation in evidence.COMPARED:
            if not evidence.same_files(self.digests, before.evidence, relation):
                evidence.compare_evidence(con, self.digests, before.evidence, folder, relation)
                found.add(f"SELECT title_id FROM {relation}_since")
        held, seen = (kept.stored(folder / name) for name in (states.HELD, states.FIRST_SCREEN))
        found.add(f"FROM held_titles UNION ALL FROM {held}")
        con.execute(f"CREATE TEMP TABLE first_screen_now AS {affected.first_screen_select(self.policy, self.as_of)}")
        found.add(f"FROM first_screen_now ANTI JOIN {seen} USING (title_id)")
        found.add(f"FROM {seen} ANTI JOIN first_screen_now USING (title_id)")
        if before.circumstances.day != self.as_of:
            self._add_undated(found, before)
        if names := platforms_touched(before.circumstances, self.circumstances):
            found.add(f"SELECT title_id FROM titles WHERE platform IN (SELECT unnest({literal(names)}))")
        for select in affected.waiver_selects(
            con,
            self.waivers.in_force(self.as_of),
            before.waivers,
            before.run / "findings.parquet",
            before.run / "waived.parquet",
        ):
            found.add(select)
        found.settle(known_issuers(self.circumstances))
        affected.make_register_texts(con, [folder / name for name in (states.ODD_TEXTS, states.ODD_SINCE)])
        if self._count("affected_titles") > _TOO_MANY * self.came_in.rows["titles"]:
            raise Unusable("changes touch more than half of all titles")

    def _add_undated(self, found: affected.Affected, before: State) -> None:
        """Drafts without a date, whose online day is another now: those to which that may mean something."""
        then = before.circumstances.day
        if not undated_alike(self.policy, self.rules, then, self.as_of):
            found.add("SELECT title_id FROM titles WHERE online_at IS NULL AND status <> 'offline' AND kind <> 'other'")
            return
        found.add(affected.shown_day(self.rules, before.run / "findings.parquet", then))
        found.add_numbers(affected.issued_between(then, self.as_of))

    def widen(self) -> None:
        """The whole catalog again; all titles in `ruled` and `findings`. The outputs are to be made once more."""
        con, before = self.con, self.before
        if before is None:
            return
        narrowing.widen(con)
        outputs.drop_outputs(con)
        con.execute("ALTER TABLE temp.findings RENAME TO judged_findings")
        con.execute(
            "CREATE TEMP VIEW findings AS"
            f" SELECT * FROM {kept.stored(before.run / 'findings.parquet')} ANTI JOIN affected_titles USING (title_id)"
            " UNION ALL SELECT * FROM judged_findings"
        )
        con.execute("ALTER TABLE temp.ruled RENAME TO judged_ruled")
        con.execute(f"""
CREATE TEMP TABLE ruled AS
SELECT {RULED}, CAST(sum(titles) AS BIGINT) AS titles
FROM (
    FROM judged_ruled UNION ALL FROM {kept.stored(before.folder / states.RULED)}
    UNION ALL SELECT * REPLACE (-titles AS titles) FROM ({ruled_select("rulings_were")})
)
GROUP BY ALL HAVING sum(titles) <> 0""")

    def keep(self, run_id: str) -> None:
        """Write what the next run carries on from."""
        con, before = self.con, self.before
        folder = self.folder / CARRIED
        folder.mkdir()
        if before is not None:
            kept.write(con, "FROM affected_titles", self.folder / JUDGED)
        earlier = before.folder if before is not None else None
        for watched in kept.WATCHED:
            kept.keep_watched(con, watched, folder, earlier, self.came_in.rows[watched.relation])
        evidence.keep_evidence(self.digests, before.evidence if before is not None else {}, earlier, folder)
        self._keep_rulings(folder, earlier)
        self._keep_odd_texts(folder, earlier)
        kept.write(con, "FROM held_titles", folder / states.HELD)
        first_screen = "FROM first_screen_now" if before else affected.first_screen_select(self.policy, self.as_of)
        kept.write(con, first_screen, folder / states.FIRST_SCREEN)
        states.write_manifest(
            folder,
            run_id=run_id,
            circumstances=self.circumstances,
            waivers=self.waivers.in_force(self.as_of),
            evidence=self.digests.as_json(),
        )

    def close(self) -> None:
        """Read nothing more, however the run has ended."""
        self.digests.close()

    def _keep_rulings(self, folder: Path, earlier: Path | None) -> None:
        """The base, and apart from it what was judged since; the base anew where that has become much."""
        con = self.con
        base, since, judged = (folder / name for name in (states.RULINGS, states.RULINGS_SINCE, states.JUDGED_SINCE))
        kept.write(con, "FROM ruled", folder / states.RULED)
        if earlier is None:
            kept.write(con, f"SELECT {_RULING} FROM rulings", base)
            kept.write(con, f"SELECT {_RULING} FROM rulings LIMIT 0", since)
            kept.write(con, "SELECT title_id FROM rulings LIMIT 0", judged)
            return
        known, more, without = (
            kept.stored(earlier / name) for name in (states.RULINGS, states.RULINGS_SINCE, states.JUDGED_SINCE)
        )
        con.execute(
            f"CREATE TEMP TABLE judged_since AS SELECT * FROM {without} UNION SELECT title_id FROM affected_titles"
        )
        rulings = (
            f"SELECT * FROM {more} ANTI JOIN affected_titles USING (title_id) UNION ALL SELECT {_RULING} FROM rulings"
        )
        if self._count("judged_since") <= _REBASED_FROM * self.came_in.rows["titles"]:
            link_or_copy(earlier / states.RULINGS, base)
            kept.write(con, rulings, since)
            kept.write(con, "FROM judged_since", judged)
            return
        kept.write(con, f"SELECT * FROM {known} ANTI JOIN judged_since USING (title_id) UNION ALL {rulings}", base)
        kept.write(con, f"{rulings} LIMIT 0", since)
        kept.write(con, "FROM judged_since LIMIT 0", judged)

    def _keep_odd_texts(self, folder: Path, earlier: Path | None) -> None:
        base, since = (folder / name for name in (states.ODD_TEXTS, states.ODD_SINCE))
        if earlier is not None:
            link_or_copy(earlier / states.ODD_TEXTS, base)
            kept.write(self.con, f"FROM {kept.stored(earlier / states.ODD_SINCE)} UNION FROM fresh_odd_texts", since)
            return
        odd = "SELECT text, permit FROM odd_numbers WHERE permit <> text"
        kept.write(self.con, odd, base)
        kept.write(self.con, f"{odd} LIMIT 0", since)

    def _count(self, table: str) -> int:
        return int(self.con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def carrier_of(
    con: duckdb.DuckDBPyConnection,
    came_in: ContractOutcome,
    *,
    folder: Path,
    policy: Policy,
    as_of: date,
    rules: Sequence[Rule],
    stale: Sequence[str],
    waivers: Waivers,
) -> Carrier:
    """The carrier of a run over a catalog that has been checked."""
    circumstances = circumstances_of(con, policy=policy, as_of=as_of, stale=stale, absent=came_in.absent)
    return Carrier(con, came_in, folder, policy, rules, waivers, circumstances, evidence.Digests(came_in.parts))
