"""The inspection pack: what was decided on what grounds, with the ledger's proof, to be checked by other means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.ledger.chain import Entry
from compliance.ledger.heads import in_database
from compliance.ledger.history import history
from compliance.ledger.past import Past, past_of
from compliance.ledger.runs import PROVEN, RecordedRun, recorded_runs
from compliance.ledger.signing import PUBLIC
from compliance.ledger.store import Ledger, read_entries
from compliance.ledger.waivers import waivers_of
from compliance.policy import Policy
from compliance.reports.archive import Pack, packing
from compliance.reports.files import opened
from compliance.reports.frames import framed_titles, frames_of
from compliance.rules.model import Rule
from compliance.run_files import SUMMARY, read_summary

if TYPE_CHECKING:
    from compliance.labels.store import Evidence, EvidenceError

_VERDICT = ("title_id", "decision", "stage", "tier", "regime", "permit", "rules", "waived")
_FETCHED = 10_000
_REPORTS = (SUMMARY, "report.html", "report.xlsx", "report.pdf")
_TABLES = ("findings", "block_list", "blocked_placements", "quarantine", "waived", "cured")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a pack is about: the run alone, one title (through all its runs), or all runs of a month (YYYY-MM)."""

    title: str | None = None
    month: str | None = None


def write_pack(
    path: Path,
    run: Path,
    rules: Sequence[Rule],
    policy: Policy,
    ledger: Ledger | None,
    scope: Scope,
    *,
    evidence: Evidence | None = None,
) -> EvidenceError | None:
    """Write the archive. `ledger`: None where there is none; then the pack says so, and has no proof.

    `evidence` is the store of frames: those of the title, or of titles with a finding that frames show, come along.
    Where it cannot be read, the pack says so, and what is wrong is returned.

    Raises LedgerError where the ledger, or of a month or title what is asked for, cannot be read, and
    ConfigurationError for a title or month that neither the run nor the ledger knows. Then nothing is written.
    """
    _refuse_nothing(run, ledger, scope)
    past = None if ledger is None or scope.month is None else _past_of_month(ledger, scope.month)
    shown = run if past is None or _run_id(run) in {one.run_id for one in past.of_month} else None
    unread = None
    with packing(path) as pack:
        pack.text("README.txt", _template("pack.txt"))
        pack.text("check.py", _template("pack_check.py"))
        pack.values("scope.json", _scope(run, policy, ledger, scope, past, shown))
        pack.values("policy.json", policy.model_dump(by_alias=True))
        pack.values("rules.json", [_rule(rule) for rule in rules])
        if shown is not None:
            _outputs(pack, shown, scope)
            unread = _frames(pack, shown, scope, evidence)
        if ledger is not None:
            _proof(pack, ledger)
            if scope.title is not None:
                _title_past(pack, ledger, scope.title)
        if past is not None:
            _month(pack, past)
    return unread


def _refuse_nothing(run: Path, ledger: Ledger | None, scope: Scope) -> None:
    """An inspector must not be handed an archive about nothing."""
    if (
        scope.title is not None
        and not _knows(run, scope.title)
        and (ledger is None or not history(ledger, scope.title))
    ):
        raise ConfigurationError(
            worded(f"没有判定过剧目 {scope.title}", f"no title {scope.title} was ever judged"),
            remedy=worded("核对剧目编号", "see that the id is right"),
        )
    if scope.month is not None:
        months = sorted({run.as_of[:7] for run in recorded_runs(ledger)}) if ledger is not None else []
        if scope.month not in months:
            raise ConfigurationError(
                worded(f"{scope.month} 没有审核", f"no audit was recorded of {scope.month}"),
                remedy=worded(f"台账中有：{'、'.join(months)}", f"the ledger knows {', '.join(months)}")
                if months
                else worded("指定带有台账的输出文件夹", "name an out folder that has its ledger"),
            )


def _template(name: str) -> str:
    return files("compliance.reports").joinpath("templates", name).read_text("utf-8")


def _knows(run: Path, title: str) -> bool:
    with opened(run) as con:
        return bool(con.execute("SELECT 1 FROM verdicts WHERE title_id = ?", [title]).fetchall())


def judged_by(run: Path) -> str:
    """The revision of the policy by which a run was judged."""
    return str(read_summary(run)["policy"])


def _run_id(run: Path) -> str:
    return str(read_summary(run)["run_id"])


@dataclass(frozen=True, slots=True)
class _Month:
    """The runs of a month, and what proves their verdicts."""

    of_month: tuple[RecordedRun, ...]
    past: Past


def _past_of_month(ledger: Ledger, month: str) -> _Month:
    known = recorded_runs(ledger)
    asked = tuple(run for run in known if run.as_of.startswith(month))
    return _Month(asked, past_of(ledger, known, asked))


def _scope(
    run: Path, policy: Policy, ledger: Ledger | None, scope: Scope, past: _Month | None, shown: Path | None
) -> dict[str, Any]:
    """What the pack is about, and whether its policy is the one by which the run was judged."""
    judged = judged_by(run) if past is None else str(past.of_month[-1].said["policy"])
    return asdict(scope) | {
        "run_id": None if shown is None else _run_id(shown),
        "proven_runs": [] if past is None else [one.run_id for one in past.past.runs],
        "ledger": ledger is not None,
        "judged_by_policy": judged,
        "policy": policy.revision,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": asdict(rule.title),
        "action": rule.action,
        "clause": rule.clause,
        "fails_when": rule.path.read_text(encoding="utf-8") if rule.path else None,
    }


def _outputs(pack: Pack, run: Path, scope: Scope) -> None:
    if scope.title is not None:
        _title(pack, run, scope.title)
    else:
        _run(pack, run)


def _run(pack: Pack, run: Path) -> None:
    """The run's files: those that the ledger vouches for as they are, and as tables that a person can open."""
    for name in (*PROVEN, *_REPORTS):
        if (run / name).exists():
            pack.file(f"run/{name}", run / name)
    with opened(run) as con:
        for name in _TABLES:
            _table(pack, con, f"tables/{name}.csv", f"FROM {name} ORDER BY ALL", [])
        _table(pack, con, "tables/decisions.csv", "FROM listed ORDER BY title_id", [])


def _title(pack: Pack, run: Path, title: str) -> None:
    """The title's own rows of the run."""
    with opened(run) as con:
        for name in ("verdicts", "findings", "block_list", "blocked_placements", "quarantine", "waived", "details"):
            _table(pack, con, f"tables/{name}.csv", f"FROM {name} WHERE title_id = ? ORDER BY ALL", [title])


def _frames(pack: Pack, run: Path, scope: Scope, evidence: Evidence | None) -> EvidenceError | None:
    """Frames of videos as they were read, with a table that says of which title, episode and second each one is."""
    from compliance.labels.store import EvidenceError

    if evidence is None:
        return None
    if scope.title is not None:
        asked = [scope.title]
    else:
        with opened(run) as con:
            asked = framed_titles(con)
    try:
        frames = [frame for frame in frames_of(evidence, asked) if frame.file.is_file()]
    except EvidenceError as error:
        pack.text("frames/UNREAD.txt", f"{error}\n")
        return error
    for path, file in {frame.path: frame.file for frame in frames}.items():
        pack.file(f"frames/{path}", file)
    columns = ("title_id", "episode_no", "at_s", "outcome", "text", "path")
    pack.table("tables/frames.csv", columns, ([getattr(frame, column) for column in columns] for frame in frames))
    return None


def _proof(pack: Pack, ledger: Ledger) -> None:
    """The whole chain, its signed head and the public key: a chain can only be checked from its beginning.

    Entries and head are of one moment. The file beside the database may lag, and what it does not sign proves nothing.
    """
    with ledger.reading() as connection:
        entries, head = read_entries(connection), in_database(connection)
    pack.lines("ledger/entries.jsonl", map(_line, entries))
    pack.values("ledger/head.json", None if head is None else head._asdict())
    pack.text("ledger/ledger.pub", (ledger.keys / PUBLIC).read_text(encoding="utf-8"))
    pack.values("waivers.json", [asdict(waiver) for waiver in waivers_of(entries)])


def _line(entry: Entry) -> str:
    return json.dumps({name: getattr(entry, name) for name in Entry.__slots__}, ensure_ascii=False)


def _title_past(pack: Pack, ledger: Ledger, title: str) -> None:
    changes = [
        {"run_id": change.run.run_id, "as_of": change.run.as_of, "before": change.before, "after": change.after}
        | {"why": list(change.why)}
        for change in history(ledger, title)
    ]
    pack.values("history.json", changes)


def _month(pack: Pack, month: _Month) -> None:
    """The month's runs, its changes, its verdicts at its end, and from what each of its nights can be proven."""
    pack.values("runs.json", [run.said for run in month.of_month])
    named = {run.run_id for run in month.of_month}
    pack.table(
        "tables/changes.csv",
        ("run_id", "title_id", "verdict"),
        (row for row in month.past.changes() if row[0] in named),
    )
    rows = ([verdict[column] for column in _VERDICT] for verdict in month.past.verdicts())
    pack.table("tables/verdicts.csv", _VERDICT, rows)
    for path in month.past.files():
        pack.file(f"ledger/verdicts/{path.name}", path)
    changes = (json.dumps(change, ensure_ascii=False) for change in month.past.changes())
    pack.lines("ledger/changes.jsonl", changes)


def _table(pack: Pack, con: duckdb.DuckDBPyConnection, name: str, query: str, values: list[str]) -> None:
    found = con.execute(query, values)
    pack.table(name, [column for column, *_ in found.description or ()], _fetched(con))


def _fetched(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := con.fetchmany(_FETCHED):
        yield from rows
