"""A process that publishes block lists and is killed before each of its operations in turn, with readers running.

Started by `tests/unit/test_blocklist_faults.py`, in a process of its own: children are forked from one in which the
libraries are loaded and no thread runs. Prints what was seen as JSON.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from compliance.blocklist.client import pull
from compliance.blocklist.repository import trusted_root
from compliance.blocklist.verification import verify_versions
from compliance.ledger.verification import verify_ledger
from tests.lists import LAW, publisher, write_listing

_CHANGING = ("os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir")
FINISHED = 0
_PAUSE_S = 0.03


class Killer:
    """Counts the operations that others can see, and kills the process before one of them."""

    def __init__(self, home: Path, fatal: int) -> None:
        self.home, self.fatal, self.count = str(home), fatal, 0
        synced = os.fsync
        os.fsync = lambda descriptor: (self.step(), synced(descriptor))[1]
        sa.event.listen(sa.Engine, "before_cursor_execute", self._said)
        sa.event.listen(sa.Engine, "commit", self.step)
        sys.addaudithook(self._watched)

    def step(self, *_: object) -> None:
        """One operation more; the fatal one is not done."""
        self.count += 1
        if self.count == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def _said(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("SELECT", "PRAGMA")):
            self.step()

    def _watched(self, event: str, arguments: tuple[Any, ...]) -> None:
        writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT
        opened = event == "open" and self.home in str(arguments[0]) and (arguments[2] or 0) & writes
        if event in _CHANGING or opened:
            self.step()


def titles_of(run: str) -> list[str]:
    """The titles that a run lists, told by its name alone: readers know what they must find."""
    number = int(run[1:])
    return sorted({"t0", *(f"t{number + offset}" for offset in range(number % 4))})


def publish_and_die(home: Path, run: str, fatal: int) -> bool:
    """Publish in a child that dies before its operation number `fatal`; whether it came through alive."""
    child = os.fork()
    if not child:
        folder = write_listing(home / "runs", run, titles_of(run))
        killer = Killer(home, fatal)
        publisher(home).propose(folder, LAW)
        (home / "operations").write_text(str(killer.count))
        os._exit(FINISHED)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status) != FINISHED:
        raise RuntimeError(f"the publisher failed before operation {fatal} of {run}")
    return not os.WIFSIGNALED(status)


def reader(home: Path, name: str, report: Path) -> int:
    """A child that pulls the list again and again, and says of each what it was; gives its process id."""
    child = os.fork()
    if child:
        return child
    with report.open("w") as out:
        while True:
            out.write(json.dumps(_pulled(home, name)) + "\n")
            out.flush()
            time.sleep(_PAUSE_S)


def _pulled(home: Path, name: str) -> dict[str, Any]:
    try:
        now = pull(str(home / "blocklist"), home / name, root=trusted_root(home / "blocklist"))
    except Exception as error:  # noqa: BLE001 - whatever a reader stumbles over is what the test is after
        return {"problem": f"{type(error).__name__}: {error}"}
    run = json.loads((now.folder / "version.json").read_text())["run_id"]
    lines = (now.folder / "block_list.jsonl").read_text().splitlines()
    if [json.loads(line)["title_id"] for line in lines] != titles_of(run):
        return {"problem": f"version {now.version} is not the list of {run}"}
    return {"version": now.version}


def points(operations: int, count: int) -> list[int]:
    """Every operation of a publication and random ones more, in random order; a part of them where few are asked."""
    chance = random.Random(7)
    every = list(range(1, operations + 1))
    chance.shuffle(every)
    return (every + chance.choices(every, k=max(0, count - operations)))[:count]


def main(home: Path, count: int) -> None:
    """Publish with a kill at each point; after each, everything that was published is there and whole."""
    runs = (f"r{number}" for number in itertools.count(1))
    publish_and_die(home, next(runs), 0)
    readers = [reader(home, f"reader{number}", home / f"reader{number}.log") for number in range(2)]
    publish_and_die(home, next(runs), 0)
    operations = int((home / "operations").read_text())
    published, problems, killed = 2, [], 0
    for fatal in points(operations, count):
        survived = publish_and_die(home, next(runs), fatal)
        killed += not survived
        entries = publisher(home).ledger.entries("publication")
        if not published <= len(entries) <= published + 1:
            problems.append(f"{len(entries)} publications after {published}, at operation {fatal}")
        if survived and len(entries) != published + 1:
            problems.append(f"a finished publication is not in the ledger, at operation {fatal}")
        published = len(entries)
    publish_and_die(home, next(runs), 0)
    for child in readers:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    problems += verify_versions(publisher(home))
    problems += [f"{one.seq}: {one.says}" for one in verify_ledger(publisher(home).ledger)]
    seen = {"killed": killed, "operations": operations, "problems": problems, "last": _pulled(home, "last")}
    in_force = publisher(home).in_force()
    assert in_force is not None
    sys.stdout.write(json.dumps({**seen, "in_force": in_force.number}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
