"""Nobody is let off by a ledger in which somebody has had a hand: the whole chain is proven before a waiver counts."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from compliance.ledger import waivers
from compliance.ledger.chain import Entry, canonical, entry_hash
from compliance.ledger.errors import LedgerError
from compliance.ledger.heads import HEAD
from compliance.ledger.runs import record_run
from compliance.ledger.signing import PRIVATE, PUBLIC
from compliance.ledger.store import Ledger
from compliance.ledger.waivers import ProvenWaivers, grant, revoke, waivers_in
from compliance.policy.settings import WaiverSettings
from compliance.verdicts.waivers import Waiver
from tests.conftest import Maker
from tests.ledgers import execute, ledger_of, write_run

WAIVER = Waiver(
    waiver_id="",
    scope="platform",
    subject="fanqie",
    rule="label-missing",
    last_on=date(2026, 11, 30),
    reason="R",
    ticket="T-1",
    requested_by="Li",
    approved_by="Wang",
    granted_on=date(2026, 11, 20),
)
DAY = date(2026, 11, 25)
LAST = "(SELECT max(seq) FROM ledger_entries)"


def fill(ledger: Ledger) -> None:
    """A night, then the waivers W1 and W2, of which W1 is revoked by the last entry."""
    record_run(ledger, write_run(ledger.folder.parent / "runs", "r1", {"t1": []}))
    for _ in range(2):
        grant(ledger, WAIVER, WaiverSettings(), ("label-missing",))
    revoke(ledger, "W1", by="Zhao", reason="R", on=date(2026, 11, 21))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path / "ledger")
    fill(made)
    return made


def in_force(ledger: Ledger) -> list[str]:
    return [waiver.waiver_id for waiver in waivers_in(ledger).in_force(DAY)]


def changed(old: str, new: str, kind: str) -> str:
    return f"UPDATE ledger_entries SET body = replace(body, '{old}', '{new}') WHERE kind = '{kind}'"


def put(ledger: Ledger, entry: Entry) -> None:
    """Put an entry there, with the hash that it gives."""
    hashed = entry_hash(entry.seq, entry.at, entry.kind, entry.body, entry.previous)
    values = (entry.seq, entry.at, entry.kind, entry.body, entry.previous, hashed)
    execute(
        ledger, f"DELETE FROM ledger_entries WHERE seq = {entry.seq}", f"INSERT INTO ledger_entries VALUES {values}"
    )


def add_a_waiver(ledger: Ledger) -> None:
    last, granted = ledger.entries()[-1], ledger.entries("waiver")[0]
    body = canonical(granted.said | {"waiver_id": "W3", "subject": "hongguo"})
    put(ledger, Entry(last.seq + 1, last.at, "waiver", body, last.hash, ""))


def lengthen_a_waiver(ledger: Ledger) -> None:
    """With the hash that the longer one gives, which the next entry does not carry."""
    one = ledger.entries("waiver")[1]
    put(ledger, Entry(one.seq, one.at, one.kind, one.body.replace("2026-11-30", "2026-12-30"), one.previous, ""))


def lengthen_the_last_waiver(ledger: Ledger) -> None:
    """Whose hash only the head has."""
    grant(ledger, WAIVER, WaiverSettings(), ("label-missing",))
    one = ledger.entries("waiver")[-1]
    put(ledger, Entry(one.seq, one.at, one.kind, one.body.replace("2026-11-30", "2026-12-30"), one.previous, ""))


def link_around_a_revocation(ledger: Ledger) -> None:
    """The entry after it takes its place, and carries the hash of the one before it."""
    record_run(ledger, write_run(ledger.folder.parent / "runs", "r2", {"t1": []}))
    *_, before, gone, last = ledger.entries()
    execute(ledger, f"DELETE FROM ledger_entries WHERE seq = {last.seq}")
    put(ledger, Entry(gone.seq, last.at, last.kind, last.body, before.hash, ""))


def cut_and_set_the_head_back(ledger: Ledger) -> None:
    """The database of an hour ago, before the revocation; the head beside it is of now."""
    older = shutil.copytree(ledger.folder, ledger.folder.with_name("older"))
    revoke(ledger, "W2", by="Zhao", reason="R", on=date(2026, 11, 21))
    shutil.copy(older / "ledger.sqlite", ledger.folder / "ledger.sqlite")


def remove_the_database(ledger: Ledger) -> None:
    (ledger.folder / "ledger.sqlite").unlink()


STATEMENTS = {
    "the last entry, a revocation, is cut off": ("DELETE FROM ledger_entries WHERE kind = 'revocation'",),
    "so is the head": ("DELETE FROM ledger_entries WHERE kind = 'revocation'", "DELETE FROM ledger_head"),
    "the head is made that of the entry before": (
        "DELETE FROM ledger_entries WHERE kind = 'revocation'",
        f"UPDATE ledger_head SET seq = {LAST}, hash = (SELECT hash FROM ledger_entries WHERE seq = {LAST})",
    ),
    "an entry before is removed": ("DELETE FROM ledger_entries WHERE seq = 1",),
    "all entries are removed": ("DELETE FROM ledger_entries", "DELETE FROM ledger_head"),
    "a waiver holds longer": (changed("2026-11-30", "2026-12-30", "waiver"),),
    "a waiver is of another rule": (changed("label-missing", "permit-missing", "waiver"),),
    "a revocation is of another waiver": (changed("W1", "W9", "revocation"),),
    "a revocation is no more one": ("UPDATE ledger_entries SET kind = 'run' WHERE kind = 'revocation'",),
    "a link is another": ("UPDATE ledger_entries SET previous = hash WHERE seq = 2",),
    "the signature is another": ("UPDATE ledger_head SET signature = '00'",),
    "an entry has no number": ("UPDATE ledger_entries SET seq = 'x' WHERE seq = 1",),
}
HANDS: dict[str, Callable[[Ledger], None]] = {
    "a waiver is put behind the last entry": add_a_waiver,
    "a waiver that holds longer gives its hash": lengthen_a_waiver,
    "so does the last": lengthen_the_last_waiver,
    "the chain leads around a revocation": link_around_a_revocation,
    "an older database is put back": cut_and_set_the_head_back,
    "the database is gone": remove_the_database,
}


@pytest.mark.parametrize("what", [*STATEMENTS, *HANDS])
def test_nobody_is_let_off_by_a_ledger_that_was_tampered_with(ledger: Ledger, what: str) -> None:
    """Neither by one that is read for the first time, nor where it was found whole a moment ago."""
    assert in_force(ledger) == ["W2"]
    again = ProvenWaivers(ledger)
    again.read()
    HANDS.get(what, lambda ledger: execute(ledger, *STATEMENTS[what]))(ledger)
    for read in (again.read, again.read, lambda: waivers_in(ledger)):
        with pytest.raises(LedgerError, match="nothing is waived by it"):
            read()


def test_another_key_proves_nothing(ledger: Ledger, tmp_path: Path) -> None:
    other = ledger_of(tmp_path / "other", [("r1", {"t1": []})])
    shutil.copy(other.keys / PUBLIC, ledger.keys / PUBLIC)
    with pytest.raises(LedgerError, match="nothing is waived by it"):
        waivers_in(ledger)


def test_the_public_key_alone_is_enough_to_read_and_needed_for_it(ledger: Ledger) -> None:
    (ledger.keys / PRIVATE).unlink()
    assert in_force(ledger) == ["W2"]
    (ledger.keys / PUBLIC).unlink()
    with pytest.raises(LedgerError, match=r"ledger\.pub.* cannot be read.*\n.*it is no secret"):
        waivers_in(ledger)


def test_a_head_beside_that_lags_or_is_lost_or_damaged_lets_the_others_prove(ledger: Ledger) -> None:
    """A killed process leaves it behind; a reader elsewhere may have the database alone."""
    lagging = (ledger.folder / HEAD).read_text()
    revoke(ledger, "W2", by="Zhao", reason="R", on=date(2026, 11, 21))
    for content in (lagging, "{", '{"seq": 1' + "0" * 30 + ', "hash": "", "signature": ""}', None):
        if content is None:
            (ledger.folder / HEAD).unlink()
        else:
            (ledger.folder / HEAD).write_text(content)
        assert in_force(ledger) == []


def test_where_nothing_was_ever_written_no_key_is_needed(ledger: Ledger, tmp_path: Path) -> None:
    assert waivers_in(Ledger(tmp_path / "none")).all == ()
    execute(ledger, "DELETE FROM ledger_entries", "DELETE FROM ledger_head")
    assert waivers_in(Ledger(tmp_path / "none", url=ledger.place)).all == ()


def test_the_chain_is_proven_once_for_who_asks_again(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    proven = []

    def noted(entries: list[Entry]) -> Iterator[object]:
        proven.append(len(entries))
        yield from ()

    monkeypatch.setattr(waivers, "breaks", noted)
    again = ProvenWaivers(ledger)
    first = again.read()
    assert again.read() is first
    revoke(ledger, "W2", by="Zhao", reason="R", on=date(2026, 11, 21))
    assert not again.read().in_force(DAY)
    assert proven == [4, 5]


def test_in_postgresql_too(postgresql: Maker, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger", url=postgresql())
    fill(ledger)
    assert in_force(ledger) == ["W2"]
    execute(ledger, "DELETE FROM ledger_entries WHERE kind = 'revocation'")
    with pytest.raises(LedgerError, match="nothing is waived by it"):
        waivers_in(ledger)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_ledger_that_is_being_written_is_whole_at_every_moment(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("postgresql")() if database == "postgresql" else None
    ledger = Ledger(tmp_path / "ledger", url=url)
    fill(ledger)
    stopped = threading.Event()

    def write() -> None:
        for _ in range(60):
            grant(Ledger(tmp_path / "ledger", url=url), WAIVER, WaiverSettings(), ("label-missing",))
        stopped.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = 0
    while not stopped.is_set():
        seen = max(seen, len(waivers_in(ledger).all))
    writer.join()
    assert 2 <= seen <= len(waivers_in(ledger).all) == 62
