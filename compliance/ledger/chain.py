"""The chain of the ledger's entries: each carries the hash of the one before, so that no past can be changed unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["run", "waiver", "revocation", "proposal", "approval", "publication", "numbers"]

GENESIS = "0" * 64
"""What the first entry carries as the hash of the one before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands in the database."""

    seq: int
    at: str
    kind: str
    body: str
    previous: str
    hash: str

    @property
    def said(self) -> dict[str, Any]:
        """The body as values."""
        return dict(json.loads(self.body))


@dataclass(frozen=True, slots=True)
class Break:
    """Where the ledger is not what was written."""

    seq: int | None
    """The entry at which it shows; None where it is the head."""
    says: str


def canonical(body: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces: one text for one value."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def linked(seq: int, at: str, kind: Kind, body: Mapping[str, Any], previous: str) -> Entry:
    """The entry that follows the one with the hash `previous`."""
    text = canonical(body)
    return Entry(seq, at, kind, text, previous, entry_hash(seq, at, kind, text, previous))


def entry_hash(seq: int, at: str, kind: str, body: str, previous: str) -> str:
    """SHA-256 over all that an entry says, and the hash before it."""
    text = json.dumps([seq, at, kind, body, previous], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def breaks(entries: Iterable[Entry]) -> Iterator[Break]:
    """Every place where the chain does not hold, the first one first. Entries come in order of seq."""
    seq, previous = 0, GENESIS
    for entry in entries:
        if entry.seq != seq + 1:
            gone = f"{seq + 1}" if entry.seq == seq + 2 else f"{seq + 1} to {entry.seq - 1}"
            yield Break(seq + 1, f"missing: entry {gone} was removed")
        elif entry.previous != previous:
            yield Break(entry.seq, "does not carry the hash of the entry before it")
        if entry.hash != entry_hash(entry.seq, entry.at, entry.kind, entry.body, entry.previous):
            yield Break(entry.seq, f"changed: what it says ({entry.kind}, {entry.at}) does not give its hash")
        seq, previous = entry.seq, entry.hash
