"""The inspection pack: what was decided on what grounds, with the ledger's proof, to be checked by other means."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import sqlalchemy as sa

from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.ledger.chain import Entry
from compliance.ledger.heads import HEAD
from compliance.ledger.history import history
from compliance.ledger.runs import PROVEN, recorded_runs
from compliance.ledger.signing import PUBLIC
from compliance.ledger.store import Ledger
from compliance.ledger.tables import INTERVALS
from compliance.ledger.waivers import waivers_in
from compliance.policy import Policy
from compliance.reports.book import starts_formula
from compliance.reports.files import opened
from compliance.reports.frames import framed_titles, frames_of
from compliance.rules.model import Rule
from compliance.verdicts.summary import SUMMARY, read_summary

if TYPE_CHECKING:
    from compliance.labels.store import Evidence

_FETCHED = 10_000
_REPORTS = (SUMMARY, "report.html", "report.xlsx", "report.pdf")
_TABLES = ("findings", "block_list", "blocked_placements", "quarantine", "waived", "cured")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Scope:
    """What a pack is about: the run alone, one title (through all its runs), or all runs of a month (YYYY-MM)."""

    title: str | None = None
    month: str | None = None


class Pack:
    """An archive being written; every file goes into its manifest."""

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._sums: dict[str, str] = {}

    def text(self, name: str, text: str) -> None:
        """Add a text in UTF-8."""
        self._sums[name] = hashlib.sha256(text.encode()).hexdigest()
        self._archive.writestr(name, text.encode())

    def values(self, name: str, values: object) -> None:
        """Add values as JSON."""
        self.text(name, json.dumps(values, ensure_ascii=False, indent=2, default=str) + "\n")

    def file(self, name: str, path: Path) -> None:
        """Add a file as it is."""
        digest = hashlib.sha256()
        with path.open("rb") as source, self._archive.open(name, "w", force_zip64=True) as target:
            while block := source.read(_BLOCK):
                digest.update(block)
                target.write(block)
        self._sums[name] = digest.hexdigest()

    def table(self, name: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
        """Add rows as CSV that a spreadsheet opens; a cell that it would run as a formula begins with an apostrophe."""
        digest = hashlib.sha256()
        with self._archive.open(name, "w", force_zip64=True) as target:
            for place, row in enumerate(_with_header(columns, rows)):
                line = io.StringIO()
                csv.writer(line).writerow([_cell(value) for value in row])
                data = (("\ufeff" if place == 0 else "") + line.getvalue()).encode("utf-8", "replace")
                digest.update(data)
                target.write(data)
        self._sums[name] = digest.hexdigest()

    def close(self) -> None:
        """Write the manifest and close the archive."""
        lines = [f"{digest}  {name}\n" for name, digest in sorted(self._sums.items())]
        self._archive.writestr("SHA256SUMS", "".join(lines))
        self._archive.close()


def write_pack(
    path: Path,
    run: Path,
    rules: Sequence[Rule],
    policy: Policy,
    ledger: Ledger | None,
    scope: Scope,
    *,
    evidence: Evidence | None = None,
) -> None:
    """Write the archive. `ledger`: None where there is none; then the pack says so, and has no proof.

    `evidence` is the store of frames: those of the title, or of titles with a finding that frames show, come along.

    Raises LedgerError where the ledger, or of a month or title what is asked for, cannot be read, and
    ConfigurationError for a title or month that neither the run nor the ledger knows.
    """
    _refuse_nothing(run, ledger, scope)
    pack = Pack(path)
    try:
        pack.text("README.txt", files("compliance.reports").joinpath("templates", "pack.txt").read_text("utf-8"))
        pack.text("check.py", files("compliance.reports").joinpath("templates", "pack_check.py").read_text("utf-8"))
        pack.values("scope.json", _scope(run, policy, ledger, scope))
        pack.values("policy.json", policy.model_dump(by_alias=True))
        pack.values("rules.json", [_rule(rule) for rule in rules])
        if scope.title is not None:
            _title(pack, run, scope.title)
        else:
            _run(pack, run)
        _frames(pack, run, scope, evidence)
        if ledger is not None:
            _proof(pack, ledger)
            _past(pack, ledger, scope)
    finally:
        pack.close()


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
    if scope.month is not None and ledger is not None:
        months = sorted({run.as_of[:7] for run in recorded_runs(ledger)})
        if scope.month not in months:
            raise ConfigurationError(
                worded(f"{scope.month} 没有审核", f"no audit was recorded of {scope.month}"),
                remedy=worded(f"台账中有：{'、'.join(months)}", f"the ledger knows {', '.join(months)}"),
            )


def _knows(run: Path, title: str) -> bool:
    with opened(run) as con:
        return bool(con.execute("SELECT 1 FROM verdicts WHERE title_id = ?", [title]).fetchall())


def judged_by(run: Path) -> str:
    """The revision of the policy by which a run was judged."""
    return str(read_summary(run)["policy"])


def _scope(run: Path, policy: Policy, ledger: Ledger | None, scope: Scope) -> dict[str, Any]:
    """What the pack is about, and whether its policy is the one by which the run was judged."""
    revisions = {"judged_by_policy": judged_by(run), "policy": policy.revision}
    return asdict(scope) | {"run_id": read_summary(run)["run_id"], "ledger": ledger is not None} | revisions


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": asdict(rule.title),
        "action": rule.action,
        "clause": rule.clause,
        "fails_when": rule.path.read_text(encoding="utf-8") if rule.path else None,
    }


def _run(pack: Pack, run: Path) -> None:
    """The run's files: those that the ledger vouches for as they are, and as tables that a person can open."""
    for name in (*PROVEN, *_REPORTS):
        if (run / name).is_file():
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


def _frames(pack: Pack, run: Path, scope: Scope, evidence: Evidence | None) -> None:
    """Frames of videos as they were read, with a table that says of which title, episode and second each one is."""
    if evidence is None:
        return
    if scope.title is not None:
        asked = [scope.title]
    else:
        with opened(run) as con:
            asked = framed_titles(con)
    frames = [frame for frame in frames_of(evidence, asked) if frame.file.is_file()]
    for path, file in {frame.path: frame.file for frame in frames}.items():
        pack.file(f"frames/{path}", file)
    columns = ("title_id", "episode_no", "at_s", "outcome", "text", "path")
    pack.table("tables/frames.csv", columns, ([getattr(frame, column) for column in columns] for frame in frames))


def _proof(pack: Pack, ledger: Ledger) -> None:
    """The whole chain, the signed head and the public key: a chain can only be checked from its beginning."""
    entries = ledger.entries()
    pack.text("ledger/entries.jsonl", "".join(_line(entry) for entry in entries))
    for name, path in (("ledger/head.json", ledger.folder / HEAD), ("ledger/ledger.pub", ledger.keys / PUBLIC)):
        pack.text(name, path.read_text(encoding="utf-8"))
    pack.values("waivers.json", [asdict(waiver) for waiver in waivers_in(ledger).all])


def _line(entry: Entry) -> str:
    return json.dumps({name: getattr(entry, name) for name in Entry.__slots__}, ensure_ascii=False) + "\n"


def _past(pack: Pack, ledger: Ledger, scope: Scope) -> None:
    if scope.title is not None:
        changes = [
            {"run_id": change.run.run_id, "as_of": change.run.as_of, "before": change.before, "after": change.after}
            | {"why": list(change.why)}
            for change in history(ledger, scope.title)
        ]
        pack.values("history.json", changes)
    if scope.month is not None:
        runs = [run for run in recorded_runs(ledger) if run.as_of.startswith(scope.month)]
        pack.values("runs.json", [run.said for run in runs])
        asked = (
            sa.select(INTERVALS.c.from_seq, INTERVALS.c.title_id, INTERVALS.c.verdict)
            .where(INTERVALS.c.from_seq.in_([run.seq for run in runs]))
            .order_by(INTERVALS.c.from_seq, INTERVALS.c.title_id)
        )
        named = {run.seq: run.run_id for run in runs}
        with ledger.reading() as connection:
            rows = ((named[seq], title_id, verdict) for seq, title_id, verdict in connection.execute(asked))
            pack.table("tables/changes.csv", ("run_id", "title_id", "verdict"), rows)


def _table(pack: Pack, con: duckdb.DuckDBPyConnection, name: str, query: str, values: list[str]) -> None:
    found = con.execute(query, values)
    pack.table(name, [column for column, *_ in found.description or ()], _fetched(con))


def _fetched(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := con.fetchmany(_FETCHED):
        yield from rows


def _with_header(columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield columns
    yield from rows


def _cell(value: object) -> object:
    if isinstance(value, list):
        return ";".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and starts_formula(value) else value
