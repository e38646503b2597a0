"""The signed head: the chain's last entry, in the database with the entries and as a file beside it.

Whoever adds to the chain signs its new end, and with it all that came before. So the old end is proven first: else the
next night's signature would make good what somebody without the key has added, cut off or put in its place.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compliance.files import sync_folder, write_durably
from compliance.language import worded
from compliance.ledger.chain import Entry
from compliance.ledger.errors import LedgerError
from compliance.ledger.signing import is_signed
from compliance.ledger.tables import ENTRIES, HEADS

HEAD = "head.json"
_BITS = 63
"""Of the numbers that a database can be asked for."""


class Head(NamedTuple):
    """The last entry by its number and hash, and the signature over the two."""

    seq: int
    hash: str
    signature: str

    def is_of(self, entry: Entry | None) -> bool:
        """Whether it is this entry's."""
        return entry is not None and (entry.seq, entry.hash) == (self.seq, self.hash)


def in_database(connection: sa.Connection) -> Head | None:
    """The head that was written with the last entries."""
    row = connection.execute(sa.select(HEADS.c.seq, HEADS.c.hash, HEADS.c.signature)).first()
    return None if row is None else Head(*row)


def beside(folder: Path) -> Head | None:
    """The head in the ledger's folder. Raises ValueError, KeyError, TypeError or OSError for what is none."""
    path = folder / HEAD
    if not path.exists():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    head = Head(int(said["seq"]), str(said["hash"]), str(said["signature"]))
    if head.seq.bit_length() > _BITS:
        raise ValueError(f"no entry can have the number {head.seq}")
    return head


def write_into(connection: sa.Connection, head: Head) -> None:
    """Put it in the place of the one before, in the entries' own transaction."""
    connection.execute(HEADS.delete())
    connection.execute(HEADS.insert().values(place=1, **head._asdict()))


@contextlib.contextmanager
def beside_when_done(folder: Path) -> Iterator[Callable[[Head, str], None]]:
    """Leave a head as a file once the block, which holds the entries' transaction, has ended well.

    It is on disk before the transaction is committed, so that a full disk undoes both: nobody is told that nothing was
    written where it was.
    """
    staged = folder / f".{HEAD}.{os.getpid()}.next"

    def stage(head: Head, at: str) -> None:
        write_durably(staged, (json.dumps({**head._asdict(), "at": at}) + "\n").encode())

    try:
        yield stage
        if staged.is_file():
            staged.replace(folder / HEAD)
            sync_folder(folder)
    except BaseException:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
        raise


class End(NamedTuple):
    """Where the chain ends, and the two heads that prove it."""

    last: Entry | None
    signed: Head | None
    """The head in the database."""
    kept: Head | None
    """The head beside it."""
    at_kept: Entry | None
    """The entry that stands where the head beside it was signed."""


NO_END = End(None, None, None, None)
"""That of a ledger to which nothing was ever written."""


def kept_beside(folder: Path) -> Head | None:
    """The head beside the database, where one can be read: what is damaged proves nothing.

    A reader asks for it before it reads the database, as the head here never is ahead of the one there.
    """
    try:
        return beside(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def end_of(connection: sa.Connection, kept: Head | None) -> End:
    """The end that the database has now."""
    at_kept = None if kept is None else _entry(connection, ENTRIES.c.seq == kept.seq)
    return End(_entry(connection), in_database(connection), kept, at_kept)


def unproven(end: End, key: Ed25519PublicKey, folder: Path) -> str | None:
    """What says that the chain does not end where it was signed; None where nothing does.

    The head beside the database may lag behind it: a killed process leaves it so.
    """
    last, signed, kept, at_kept = end
    if signed is not None and not is_signed(key, *signed):
        return worded(
            f"第 {signed.seq} 条处的末端不是用此密钥签的",
            f"the head at entry {signed.seq} was not signed with this key",
        )
    if (signed is None) != (last is None) or (signed is not None and not signed.is_of(last)):
        return _unlike(signed, last)
    if kept is not None and is_signed(key, *kept) and not kept.is_of(at_kept):
        return worded(
            f"{folder / HEAD} 证明曾有第 {kept.seq} 条，现在没有了，或已是另一条",
            f"{folder / HEAD} proves an entry {kept.seq}, which is gone or another one now",
        )
    return None


def refuse_unproven_end(end: End, key: Ed25519PublicKey, folder: Path) -> None:
    """Raise LedgerError unless the chain ends where it was signed: nothing may be added to any other end."""
    if (problem := unproven(end, key, folder)) is not None:
        raise _refusal(problem)


def _entry(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> Entry | None:
    """The last entry of those; of all where none are named."""
    row = connection.execute(ENTRIES.select().where(*which).order_by(ENTRIES.c.seq.desc()).limit(1)).first()
    return None if row is None else Entry(*row)


def _unlike(signed: Head | None, last: Entry | None) -> str:
    proven, found = (0 if signed is None else signed.seq), (0 if last is None else last.seq)
    return worded(
        f"签过名的末端是第 {proven} 条，实际最后一条是第 {found} 条，或内容已变",
        f"the signed head is entry {proven}, the chain ends with entry {found} or with another one of that number",
    )


def _refusal(problem: str) -> LedgerError:
    return LedgerError(
        worded(
            "台账的末端与签名不符：不再写入，以免新的签名掩盖它",
            "the ledger does not end where it was signed: nothing is added, for a new signature would hide that",
        ),
        problems=[problem],
        remedy=worded(
            "用 gate verify 查看；从同一份备份放回数据库、head.json 和密钥；没有备份的，原样保留，"
            "在 [ledger] folder 另立台账",
            "see `gate verify`; put database, head.json and keys back together, from one backup; without one leave it"
            " as it is, and begin another ledger with [ledger] folder",
        ),
    )
