"""Waivers in the ledger: granted and revoked as entries of the chain, never changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import sqlalchemy as sa

from compliance.embedded import connect
from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.ledger.chain import Break, Entry, breaks
from compliance.ledger.errors import LedgerError
from compliance.ledger.heads import NO_END, End, Head, end_of, kept_beside, unproven
from compliance.ledger.signing import public_key
from compliance.ledger.store import Ledger, read_entries
from compliance.ledger.tables import ENTRIES
from compliance.outputs import SCANNED, audit_of
from compliance.permits.folding import drop_unseen
from compliance.policy.settings import WaiverSettings
from compliance.verdicts.waivers import Waiver, Waivers, refuse_unfit, seen


class ProvenWaivers:
    """The waivers of one ledger, for who asks again and again: the whole chain is proven once for each end of it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seen: _Seen | None = None
        self._waivers = Waivers()

    def read(self) -> Waivers:
        """All waivers ever granted, each with the day it was revoked on, if it was.

        Raises LedgerError where the ledger cannot be read, or not be proven to be whole up to the end that was signed:
        nobody is let off by what somebody has had a hand in.
        """
        kept = kept_beside(self._ledger.folder)
        if not self._ledger.exists():
            self._prove(End(None, None, kept, None))
            return Waivers()
        with self._ledger.reading() as connection:
            seen = _see(connection, kept)
            if seen != self._seen:
                self._prove(seen.end, read_entries(connection))
                self._waivers, self._seen = Waivers(waivers_of(seen.entries)), seen
        return self._waivers

    def _prove(self, end: End, entries: Iterable[Entry] = ()) -> None:
        """Raises LedgerError unless the entries are a chain that ends where it was signed."""
        if end == NO_END:
            return
        key = public_key(self._ledger.keys)
        broken = next(breaks(entries), None)
        problem = unproven(end, key, self._ledger.folder) if broken is None else _told(broken)
        if problem is not None:
            raise _touched(problem)


class _Seen(NamedTuple):
    """All that waivers are made of, and what shows that an entry was added or removed."""

    end: End
    total: int
    entries: list[Entry]
    """Those of waivers and revocations."""


def _see(connection: sa.Connection, kept: Head | None) -> _Seen:
    total = connection.execute(sa.select(sa.func.count()).select_from(ENTRIES)).scalar_one()
    return _Seen(end_of(connection, kept), total, read_entries(connection, ("waiver", "revocation")))


def waivers_in(ledger: Ledger) -> Waivers:
    """All waivers ever granted, once the ledger is proven. Raises LedgerError as `ProvenWaivers.read` does."""
    return ProvenWaivers(ledger).read()


def _told(broken: Break) -> str:
    zh, en = ("", "") if broken.seq is None else (f"第 {broken.seq} 条处", f"entry {broken.seq}: ")
    return worded(f"哈希链{zh}断开", f"{en}{broken.says}")


def _touched(problem: str) -> LedgerError:
    return LedgerError(
        worded("台账被改动过：不据以豁免", "somebody has had a hand in the ledger: nothing is waived by it"),
        problems=[problem],
        remedy=worded(
            "用 gate verify 查看；从同一份备份放回数据库、head.json 和密钥",
            "see `gate verify`; put database, head.json and keys back together, from one backup",
        ),
    )


def grant(ledger: Ledger, asked: Waiver, settings: WaiverSettings, rules: Collection[str]) -> Waiver:
    """Write a waiver down and return it with its id. Raises ConfigurationError where it cannot be granted."""
    refuse_unfit(asked, settings, rules)
    with ledger.writing() as writer:
        waiver = replace(asked, waiver_id=f"W{len(writer.entries('waiver')) + 1}")
        writer.append(
            "waiver",
            {
                "waiver_id": waiver.waiver_id,
                "scope": waiver.scope,
                "subject": waiver.subject,
                "rule": waiver.rule,
                "last_on": waiver.last_on.isoformat(),
                "reason": waiver.reason,
                "ticket": waiver.ticket,
                "requested_by": waiver.requested_by,
                "approved_by": waiver.approved_by,
                "granted_on": waiver.granted_on.isoformat(),
                "permit": waiver.permit,
                "evidence": waiver.evidence,
            },
        )
    return waiver


def bound(asked: Waiver, run: Path) -> Waiver | None:
    """A title's waiver with the number and the evidence of its finding; None where there is no such finding.

    `run` is an audit, or a scan that stands on one: what the scan has judged is newer than what the audit found.
    """
    with connect() as con:
        found = _scanned(con, run, asked)
        found = _audited(con, audit_of(run), asked) if found is None else found
    return replace(asked, evidence=seen(found[0][0]), permit=found[0][1]) if found else None


_Found = list[tuple[dict[str, Any], str | None]]
"""Findings of the rule at the title: what it saw, and the title's number. There is one at most."""


def _scanned(con: duckdb.DuckDBPyConnection, run: Path, asked: Waiver) -> _Found | None:
    """None where no scan has judged the title since the audit."""
    if not (run / SCANNED).is_file():
        return None
    judged = con.execute(
        "SELECT findings, permit FROM read_parquet($1) WHERE title_id = $2", [str(run / SCANNED), asked.subject]
    ).fetchone()
    if judged is None:
        return None
    findings, permit = judged
    return [(finding["evidence"], permit) for finding in json.loads(findings) if finding["rule"] == asked.rule]


def _audited(con: duckdb.DuckDBPyConnection, audit: Path | None, asked: Waiver) -> _Found:
    if audit is None:
        return []
    rows = con.execute(
        "SELECT f.evidence, v.permit FROM read_parquet($1) AS f JOIN read_parquet($2) AS v USING (title_id)"
        " WHERE f.title_id = $3 AND f.rule = $4",
        [str(audit / "findings.parquet"), str(audit / "verdicts.parquet"), asked.subject, asked.rule],
    ).fetchall()
    return [(json.loads(evidence), permit) for evidence, permit in rows]


def revoke(ledger: Ledger, waiver_id: str, *, by: str, reason: str, on: date) -> Waiver:
    """End a waiver at once. Raises ConfigurationError where there is none of that id, or it was revoked before."""
    if not drop_unseen(by) or not drop_unseen(reason):
        raise ConfigurationError(
            worded("撤销豁免要写明由谁、为什么", "a waiver is revoked by somebody, for a reason"),
            remedy=worded("给出 --by 和 --reason", "give --by and --reason"),
        )
    with ledger.writing() as writer:
        known = {waiver.waiver_id: waiver for waiver in waivers_of(writer.entries("waiver", "revocation"))}
        if waiver_id not in known:
            raise ConfigurationError(
                worded(f"没有豁免 {waiver_id}", f"there is no waiver {waiver_id}"),
                remedy=worded("`gate waive list` 列出全部豁免", "`gate waive list` names them all"),
            )
        if known[waiver_id].revoked_on is not None:
            raise ConfigurationError(
                worded(
                    f"豁免 {waiver_id} 已于 {known[waiver_id].revoked_on} 撤销",
                    f"waiver {waiver_id} was revoked on {known[waiver_id].revoked_on}",
                )
            )
        writer.append("revocation", {"waiver_id": waiver_id, "by": by, "reason": reason, "on": on.isoformat()})
    return replace(known[waiver_id], revoked_on=on)


def waivers_of(entries: Iterable[Entry]) -> list[Waiver]:
    """What entries say of waivers, whatever else stands among them."""
    waivers: dict[str, Waiver] = {}
    for entry in entries:
        if entry.kind not in ("waiver", "revocation"):
            continue
        said = entry.said
        if entry.kind == "waiver":
            days = {name: date.fromisoformat(said[name]) for name in ("last_on", "granted_on")}
            waivers[said["waiver_id"]] = Waiver(**{**said, **days})
        else:
            revoked_on = date.fromisoformat(said["on"])
            waivers[said["waiver_id"]] = replace(waivers[said["waiver_id"]], revoked_on=revoked_on)
    return list(waivers.values())
