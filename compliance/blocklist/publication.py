"""Publication: files that never change, then the ledger, then the pointer. Whatever stops it, readers see a whole list.

DIR/versions/000007/    one folder a version: immutable
DIR/latest.json         the version in force; written last
DIR/lock                held by whoever publishes
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from compliance import clock
from compliance.blocklist.errors import BlockListError, explained
from compliance.blocklist.guard import Measures, Reading, assess, days_off
from compliance.blocklist.keys import Keys
from compliance.blocklist.line import Line
from compliance.blocklist.repository import KEPT_DELTAS, Repository
from compliance.blocklist.versions import (
    LATEST,
    LIST,
    VERSIONS,
    Version,
    folder_name,
    latest_number,
    numbers_in,
    open_version,
    version_in_force,
    write_version,
)
from compliance.blocklist.watched import change_between, measures_of, same_list, scan_of
from compliance.errors import ConfigurationError
from compliance.files import locked, sha256_of, sync_folder, write_durably
from compliance.language import worded
from compliance.ledger.store import Ledger
from compliance.permits import names_equal
from compliance.permits.folding import drop_unseen
from compliance.policy.settings import GuardSettings
from compliance.run_files import read_summary

GUARD = "guard.json"
_STAGING = ".staging-"
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Publication:
    """What became of a list that was proposed."""

    version: int
    held: bool
    readings: tuple[Reading, ...]
    in_force: int | None
    """The version in force now; None: there is none yet."""
    waited: bool = False
    """The list was held already: it is not proposed once more."""

    @property
    def reasons(self) -> tuple[Reading, ...]:
        """The readings that are beyond their bounds."""
        return tuple(reading for reading in self.readings if reading.held)


@dataclass(frozen=True, slots=True)
class Lawbook:
    """By what the run judged, as far as a version tells it."""

    policy: str
    rules: Mapping[str, str]
    """For each rule that is on, what identifies it with its settings."""


class Publisher:
    """Publishes block lists into one folder, in one line of versions."""

    def __init__(
        self, folder: Path, ledger: Ledger, guard: GuardSettings, *, proposer: str, keys: Path | None = None
    ) -> None:
        """`keys` is the folder of the repository's keys; the default is that of the ledger's."""
        self.folder = folder
        self.repository = Repository(folder, Keys(keys or ledger.keys))
        self.ledger = ledger
        self.line = Line(ledger)
        self.guard = guard
        self.proposer = proposer

    @property
    def versions(self) -> Path:
        """Where the versions' folders are."""
        return self.folder / VERSIONS

    def in_force(self) -> Version | None:
        """The version in force; None where nothing was published yet. Raises BlockListError for a damaged one."""
        return version_in_force(self.folder)

    def assess(self, run: Path) -> tuple[Reading, ...]:
        """What the guard sees at a run whose files are there: nothing is published, nothing written."""
        return self._assess(run, self._proven())

    def propose(self, run: Path, law: Lawbook) -> Publication:
        """Make a run's list the next version, and put it in force unless the guard holds it.

        Raises BlockListError or LedgerError; then the version before stays in force.
        """
        with self._publishing():
            before = self._proven()
            return self._propose(run, law, before, self._assess(run, before))

    def propose_anew(self, run: Path, law: Lawbook) -> Publication | None:
        """As `propose`, of a run that may have changed nothing. None: its list is the one in force.

        Where just this list is held already and would be held again, it is not proposed once more.
        """
        with self._publishing():
            before = self._proven()
            if before is not None and same_list(before.folder / LIST, run / LIST):
                return None
            readings = self._assess(run, before)
            waiting = self._waiting()
            if waiting is None or not _is_held(readings) or not same_list(waiting.folder / LIST, run / LIST):
                return self._propose(run, law, before, readings)
            return Publication(waiting.number, True, readings, None if before is None else before.number, waited=True)

    def _proven(self) -> Version | None:
        """The version in force, as the ledger proves it: beside any other list a run may look harmless."""
        version = self.in_force()
        if version is not None:
            proposed = self.line.proposed().get(version.number)
            if proposed is None:
                raise self._not_known(version.number)
            version.prove(proposed["manifest_sha256"])
            version.prove_file(LIST)
        return version

    def _waiting(self) -> Version | None:
        """The newest version, where it is held."""
        number, state = max(self.line.states().items(), default=(0, None))
        return open_version(self.versions, number) if state == "held" else None

    def _propose(self, run: Path, law: Lawbook, before: Version | None, readings: tuple[Reading, ...]) -> Publication:
        held = _is_held(readings)
        number = self.line.next()
        version = self._make(run, before, law, number)
        with self.ledger.writing() as writer:
            self.line.refuse_taken(writer, number)
            proposal = {
                **_named(version),
                "held": held,
                "proposer": self.proposer,
                "readings": [reading.as_json() for reading in readings],
            }
            writer.append("proposal", proposal)
            if not held:
                writer.append("publication", _named(version))
        if not held:
            self._point(number)
            return Publication(number, held, readings, number)
        self.repository.renew()
        return Publication(number, held, readings, None if before is None else before.number)

    def approve(self, number: int, *, by: str, reason: str) -> Publication:
        """Put a held version in force: just the files that were held. Raises ConfigurationError where it may not be."""
        if not drop_unseen(by) or not drop_unseen(reason):
            raise ConfigurationError(
                worded("批准一个版本要写明由谁、为什么", "a version is approved by somebody, for a reason"),
                remedy=worded("给出 --by 和 --reason", "give --by and --reason"),
            )
        with self._publishing():
            proposal = self.line.held(number)
            if not self.guard.proposer_may_approve and names_equal(by, proposal["proposer"]):
                raise ConfigurationError(
                    worded(
                        f"第 {number} 版由 {by} 提出，不能由本人批准",
                        f"{by} proposed version {number} and cannot approve it",
                    ),
                    remedy=worded(
                        "由他人批准；政策 [guard] proposer_may_approve 可另行允许",
                        "somebody else approves; [guard] proposer_may_approve of the policy allows otherwise",
                    ),
                )
            version = open_version(self.versions, number)
            if version.manifest_sha256 != proposal["manifest_sha256"] or any(version.damage()):
                raise BlockListError(
                    worded(
                        f"第 {number} 版与当时扣下的不符：仍然扣下",
                        f"version {number} is not what was held: it stays held",
                    ),
                    problems=list(version.damage()),
                    remedy=worded(
                        "重新发布最近一次审核的名单：gate blocklist publish",
                        "publish the list of the last run again: gate blocklist publish",
                    ),
                )
            with self.ledger.writing() as writer:
                approval = {"version": number, "manifest_sha256": version.manifest_sha256, "by": by, "reason": reason}
                writer.append("approval", approval)
                writer.append("publication", _named(version))
            self._point(number)
            return Publication(number, False, (), number)

    def rotate(self, *, root: bool) -> None:
        """Bring in a new key: the root's, or one of the two for the rest. Readers follow by themselves."""
        with self._publishing():
            in_force = self.in_force()
            if in_force is None:
                raise ConfigurationError(
                    worded("尚未发布过拦截名单", "no block list was published yet"),
                    remedy=worded("先运行 gate audit", "run `gate audit` first"),
                )
            self.repository.rotate(self._published(in_force.number), root=root)

    def settle(self) -> None:
        """Finish or undo what a stopped process left: the pointer follows the ledger, files that are no version go."""
        with self._publishing():
            pass

    @contextlib.contextmanager
    def _publishing(self) -> Iterator[None]:
        """The folder, held alone and in order. Raises BlockListError where it cannot be."""
        with explained(self.folder):
            self.versions.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / "lock", patience_s=_PATIENCE_S):
                self._settle()
                yield

    def _settle(self) -> None:
        proposed, published = self.line.proposed(), self.line.published()
        latest = latest_number(self.folder)
        if latest is not None and latest not in published:
            raise self._not_known(latest)
        if not published and self.repository.is_published():
            raise self._not_known(max(numbers_in(self.versions), default=None))
        self._clear_up(proposed)
        if published and latest != published[-1]:
            self._point(published[-1])

    def _clear_up(self, proposed: Collection[int]) -> None:
        """Remove what a stopped process left: no more than that, for a version may be all that proves a past night."""
        for path in self.versions.glob(f"{_STAGING}*"):
            shutil.rmtree(path)
        left = max(proposed, default=0) + 1
        for number in set(numbers_in(self.versions)).difference(proposed):
            if number != left:
                raise self._not_known(number)
            shutil.rmtree(self.versions / folder_name(number))

    def _not_known(self, number: int | None) -> BlockListError:
        return BlockListError(
            worded(
                f"{self.folder} 中有第 {number} 版，但台账 {self.ledger.place} 没有它",
                f"version {number} is in {self.folder}, but the ledger {self.ledger.place} does not know it",
            ),
            remedy=worded(
                "放回属于此文件夹的台账，或在 [blocklist] folder 指定别的文件夹",
                "put the ledger back that belongs to this folder, or name another folder as [blocklist] folder",
            ),
        )

    def _make(self, run: Path, before: Version | None, law: Lawbook, number: int) -> Version:
        staged = self.versions / f"{_STAGING}{number}"
        staged.mkdir()
        summary = read_summary(run)
        said = {
            "version": number,
            "run_id": summary["run_id"],
            "as_of": summary["as_of"],
            "scan": scan_of(run),
            "made_at": clock.wall_time().isoformat(" ", "seconds"),
            "policy": law.policy,
            "rules": dict(law.rules),
            "measures": measures_of(run).as_json(),
        }
        manifest = write_version(staged, run, before, said)
        complete = self.versions / folder_name(number)
        staged.rename(complete)
        sync_folder(self.versions)
        return Version(complete, manifest)

    def _assess(self, run: Path, before: Version | None) -> tuple[Reading, ...]:
        now = measures_of(run)
        if before is None:
            return assess(now, None, None, self.guard)
        change = change_between(before.folder / LIST, run / LIST)
        return assess(now, Measures.of(before.said["measures"]), change, self.guard, days_off=_days_off(run, before))

    def _published(self, number: int) -> list[Version]:
        """The last published versions, up to one. Raises BlockListError where that one is not what the ledger proves.

        Of those before, which only give deltas, whatever is not is left out: a reader takes the whole list then.
        """
        proposed = self.line.proposed()
        found = []
        for one in [one for one in self.line.published() if one <= number][-KEPT_DELTAS:]:
            try:
                version = open_version(self.versions, one)
                version.prove(proposed[one]["manifest_sha256"])
            except BlockListError:
                if one == number:
                    raise
                continue
            found.append(version)
        return found

    def _point(self, number: int) -> None:
        """Everything is there and written down: from now on readers find it."""
        self.repository.publish(self._published(number))
        text = json.dumps({"version": number, "folder": f"{VERSIONS}/{folder_name(number)}"})
        write_durably(self.folder / LATEST, (text + "\n").encode())


def _is_held(readings: Sequence[Reading]) -> bool:
    return any(reading.held for reading in readings)


def _days_off(run: Path, before: Version) -> int:
    """By how many days the run, or the scan that has refreshed its list, is of another time than it must be."""
    scan, before_scan = scan_of(run), before.said.get("scan")
    days = [(read_summary(run)["as_of"], before.said["as_of"])]
    if scan is not None:
        days.append((scan["as_of"], (before_scan or before.said)["as_of"]))
    return max(days_off(date.fromisoformat(day), date.fromisoformat(other), clock.today()) for day, other in days)


def _named(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "run_id": version.said["run_id"],
        "list_sha256": version.said["list_sha256"],
        "manifest_sha256": sha256_of(version.folder / "version.json"),
    }


def write_readings(folder: Path, publisher: Publisher) -> None:
    """Leave what the guard sees at a run in the run's folder as `guard.json`: readings, held, in_force."""
    in_force = publisher.in_force()
    readings = publisher.assess(folder)
    seen = {
        "in_force": None if in_force is None else in_force.number,
        "held": _is_held(readings),
        "readings": [reading.as_json() for reading in readings],
    }
    (folder / GUARD).write_text(json.dumps(seen, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
