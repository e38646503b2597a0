"""The repository by which others follow the block list: The Update Framework, consistent snapshots, Ed25519.

DIR/metadata/1.root.json, 7.targets.json, 7.snapshot.json    never changed once written
DIR/metadata/timestamp.json                                  written last: until then readers see what was before
DIR/targets/<sha256>.block_list.parquet and so on            further names of the versions' files
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from compliance import clock
from compliance.blocklist.errors import BlockListError
from compliance.blocklist.keys import Keys
from compliance.blocklist.versions import DELTA, GROUNDS, MANIFEST, Version
from compliance.files import link_or_copy, sync_folder, write_durably
from compliance.language import worded

ROOT_DAYS, TARGETS_DAYS, SNAPSHOT_DAYS, TIMESTAMP_DAYS = 365, 60, 14, 3
"""Days after which readers take a file no more. A timestamp is renewed by every audit."""
KEPT_DELTAS = 30
TIMESTAMP = "timestamp.json"
_Signed = TypeVar("_Signed", Root, Targets, Snapshot, Timestamp)
ONLINE = ("targets", "snapshot", "timestamp")


class Repository:
    """The repository in a folder, signed with the keys of another one."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self.metadata = folder / "metadata"
        self.targets = folder / "targets"
        self.keys = keys

    def publish(self, versions: Sequence[Version]) -> None:
        """Make the last of the versions the one that readers find; the others only give deltas."""
        self._prepare()
        self._issue(self._offered(versions))

    def renew(self) -> None:
        """Say that what is in force still is: readers see that nobody keeps newer files from them.

        A list may be held for weeks: what would expire by then is signed anew with the same files.
        """
        number = self._current_snapshot()
        if number is None:
            return
        snapshot = self._read(Snapshot, f"{number}.snapshot.json")
        targets = self._read(Targets, f"{snapshot.meta['targets.json'].version}.targets.json")
        if _is_ending(snapshot.expires, SNAPSHOT_DAYS) or _is_ending(targets.expires, TARGETS_DAYS):
            self._issue(targets.targets)
        else:
            self._stamp(number)

    def is_published(self) -> bool:
        """Whether readers may have taken something from here."""
        return bool(self._numbers("snapshot"))

    def expires(self) -> tuple[datetime, datetime]:
        """Until when readers take what is there, and until when its root. Raises BlockListError."""
        return self._read(Timestamp, TIMESTAMP).expires, self._root().expires

    def rotate(self, versions: Sequence[Version], *, root: bool) -> None:
        """Bring in a new key, for the root or for the rest, and publish anew with it."""
        self._prepare()
        self.keys.roots()  # without the root's key the new one would be nobody's
        self.keys.add("root" if root else "online")
        self._write_root(self._next("root"))
        self.publish(versions)

    def _prepare(self) -> None:
        self.metadata.mkdir(parents=True, exist_ok=True)
        self.targets.mkdir(parents=True, exist_ok=True)
        if not self._numbers("root"):  # readers trust this root's keys for good: others are never made beside them
            if not self.keys.exist():
                self.keys.create()
            self._write_root(1)

    def _write_root(self, number: int) -> None:
        signer, *others = self.keys.roots()
        root = Root(version=number, expires=_in(ROOT_DAYS), consistent_snapshot=True)
        root.add_key(signer.public_key, "root")
        for online in self.keys.online():
            for role in ONLINE:
                root.add_key(online.public_key, role)
        metadata = Metadata(root)
        metadata.sign(signer)
        for other in others:
            if number > 1 and other.public_key.keyid in self._root().roles["root"].keyids:
                metadata.sign(other, append=True)  # the root before vouches for this one
        write_durably(self.metadata / f"{number}.root.json", metadata.to_bytes())

    def _root(self) -> Root:
        """The newest root."""
        return self._read(Root, f"{max(self._numbers('root'), default=1)}.root.json")

    def _read(self, kind: type[_Signed], name: str) -> _Signed:
        """One of the files in `metadata`. Raises BlockListError where it is not there, or damaged."""
        path = self.metadata / name
        try:
            signed = Metadata.from_bytes(path.read_bytes()).signed
        except (OSError, ValueError, RepositoryError) as error:
            raise _unreadable(path, error) from error
        if not isinstance(signed, kind):
            raise _unreadable(path, f"type {signed.type!r}")
        return signed

    def _issue(self, targets: dict[str, TargetFile]) -> None:
        """Sign targets, the snapshot of them, and the timestamp that leads to it."""
        offered = Targets(version=self._next("targets"), expires=_in(TARGETS_DAYS), targets=targets)
        self._write(f"{offered.version}.targets.json", Metadata(offered))
        snapshot = Snapshot(version=self._next("snapshot"), expires=_in(SNAPSHOT_DAYS))
        snapshot.meta["targets.json"] = MetaFile(version=offered.version)
        self._write(f"{snapshot.version}.snapshot.json", Metadata(snapshot))
        self._stamp(snapshot.version)

    def _current_snapshot(self) -> int | None:
        """The snapshot that readers are led to; the newest where the timestamp is lost."""
        stamped = self._stamped()
        return stamped.snapshot_meta.version if stamped is not None else max(self._numbers("snapshot"), default=None)

    def _stamped(self) -> Timestamp | None:
        """The timestamp; None where it is lost or damaged: it says nothing that cannot be said anew."""
        try:
            return self._read(Timestamp, TIMESTAMP)
        except BlockListError:
            return None

    def _offered(self, versions: Sequence[Version]) -> dict[str, TargetFile]:
        """The files of the last version, and the deltas that lead to it."""
        last = versions[-1]
        told = {name: file for name, file in last.said["files"].items() if name not in (DELTA, GROUNDS)}
        told[MANIFEST] = {"sha256": last.manifest_sha256, "length": (last.folder / MANIFEST).stat().st_size}
        offered = {name: self._offer(name, last.folder / name, **file) for name, file in told.items()}
        for version in versions[-KEPT_DELTAS:]:
            if version.said["delta"] is not None:
                name = f"deltas/{version.number:06}.jsonl"
                offered[name] = self._offer(name, version.folder / DELTA, **version.said["files"][DELTA])
        sync_folder(self.targets)
        return offered

    def _offer(self, name: str, source: Path, sha256: str, length: int) -> TargetFile:
        place = self.targets / Path(name).parent / f"{sha256}.{Path(name).name}"
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            link_or_copy(source, place)
            sync_folder(place.parent)
        return TargetFile(length, {"sha256": sha256}, name)

    def _stamp(self, snapshot: int) -> None:
        """Write the timestamp. Its number is the time in ms, so that it grows even where the one before is lost.

        A reader takes a number that is not greater for what it has already, and would never see the list change.
        """
        before = self._stamped()
        number = max(0 if before is None else before.version + 1, int(clock.now().timestamp() * 1000))
        timestamp = Timestamp(version=number, expires=_in(TIMESTAMP_DAYS), snapshot_meta=MetaFile(version=snapshot))
        self._write(TIMESTAMP, Metadata(timestamp))

    def _write(self, name: str, metadata: Metadata[Targets] | Metadata[Snapshot] | Metadata[Timestamp]) -> None:
        metadata.sign(self._signer())
        write_durably(self.metadata / name, metadata.to_bytes())

    def _signer(self) -> CryptoSigner:
        """The newest key that the root names: one that was made just before a process died is not it."""
        named = self._root().roles["timestamp"].keyids
        for signer in self.keys.each_online():
            if signer.public_key.keyid in named:
                return signer
        raise BlockListError(
            worded(
                f"{self.keys.folder} 中没有读者信任的密钥",
                f"none of the keys in {self.keys.folder} is one that readers trust",
            ),
            remedy=worded("放回属于此仓库的密钥", "put the keys back that belong to this repository"),
        )

    def _next(self, role: str) -> int:
        return max(self._numbers(role), default=0) + 1

    def _numbers(self, role: str) -> list[int]:
        names = (re.fullmatch(rf"(\d+)\.{role}\.json", path.name) for path in self.metadata.glob(f"*.{role}.json"))
        return [int(found[1]) for found in names if found]


def trusted_root(folder: Path) -> bytes:
    """The first root of a repository: what a reader starts from. Handed over by a way that is trusted."""
    return (folder / "metadata" / "1.root.json").read_bytes()


def _unreadable(path: Path, error: object) -> BlockListError:
    return BlockListError(
        worded(f"{path} 无法读取：{error}", f"{path} cannot be read: {error}"),
        remedy=worded("从备份放回", "put it back from your backup"),
    )


def _is_ending(expires: datetime, days: int) -> bool:
    """Whether half of its time is over."""
    return expires < _in(days // 2)


def _in(days: int) -> datetime:
    return clock.now().replace(microsecond=0) + timedelta(days=days)
