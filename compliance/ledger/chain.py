"""The chain of the ledger's entries: each carries the hash of the one before, so that no past can be changed unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from compliance.language import worded
from compliance.ledger.errors import LedgerError

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
        """The body as values. Raises LedgerError where somebody has made it something else."""
        try:
            return dict(json.loads(self.body))
        except (TypeError, ValueError) as error:
            raise LedgerError(
                worded(
                    f"台账第 {self.seq} 条已不是写入时的内容", f"entry {self.seq} of the ledger is not what was written"
                ),
                problems=[str(error)],
                remedy=worded("用 gate verify 查看", "see `gate verify`"),
            ) from error

    @property
    def is_whole(self) -> bool:
        """Whether it gives its own hash; what does not, says nothing that can be read on."""
        texts = (self.at, self.kind, self.body, self.previous, self.hash)
        if not isinstance(self.seq, int) or not all(isinstance(text, str) for text in texts):
            return False  # a database may hold anything in any column
        return self.hash == entry_hash(self.seq, self.at, self.kind, self.body, self.previous)


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
        if not isinstance(entry.seq, int):
            yield Break(None, f"changed: an entry has {entry.seq!r} for its number")
            continue
        if entry.seq != seq + 1:
            gone = f"{seq + 1}" if entry.seq == seq + 2 else f"{seq + 1} to {entry.seq - 1}"
            yield Break(seq + 1, f"missing: entry {gone} was removed")
        elif entry.previous != previous:
            yield Break(entry.seq, "does not carry the hash of the entry before it")
        if not entry.is_whole:
            yield Break(entry.seq, f"changed: what it says ({entry.kind}, {entry.at}) does not give its hash")
        seq, previous = entry.seq, entry.hash
