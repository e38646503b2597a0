"""One version of the block list as files: the whole list three times, the change from the one before, the manifest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

from compliance.blocklist.delta import applied, delta
from compliance.blocklist.errors import BlockListError
from compliance.blocklist.removals import tombstones, write_grounds
from compliance.embedded import connect
from compliance.files import sha256_of, sync_file, sync_folder
from compliance.language import worded

LIST, CSV, LINES, DELTA, MANIFEST = (
    "block_list.parquet",
    "block_list.csv",
    "block_list.jsonl",
    "delta.jsonl",
    "version.json",
)
GROUNDS = "grounds.parquet"
"""What the list is founded on, for the reasons of the removals to come (see `removals`); readers do not get it."""
FILES = (LIST, CSV, LINES, DELTA, GROUNDS)
VERSIONS, LATEST = "versions", "latest.json"
"""In the block list's folder: the folder of its versions, and what names the one in force."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version whose files are there."""

    folder: Path
    said: dict[str, Any]
    """The manifest: version, run_id, as_of, policy, made_at, entries, list_sha256, rules, measures, delta, files; and
    `scan`, run_id and as_of of the scan that has refreshed the run's list, or null."""

    @property
    def number(self) -> int:
        """Its number; a later version has a greater one."""
        return int(self.said["version"])

    @property
    def manifest_sha256(self) -> str:
        """What stands for the whole version: the manifest has the hash of every other file."""
        return sha256_of(self.folder / MANIFEST)

    def prove(self, manifest_sha256: str) -> None:
        """Raise BlockListError unless its manifest is the one that the ledger proves."""
        if self.manifest_sha256 != manifest_sha256:
            raise BlockListError(
                worded(
                    f"拦截名单第 {self.number} 版的 {MANIFEST} 与台账所记不符",
                    f"{MANIFEST} of version {self.number} of the block list is not what the ledger proves",
                ),
                remedy=worded(f"从备份放回 {self.folder}", f"put {self.folder} back from your backup"),
            )

    def is_whole(self, name: str) -> bool:
        """Whether one of its files is there, and what the manifest says."""
        path, told = self.folder / name, self.said["files"].get(name)
        return told is not None and path.is_file() and sha256_of(path) == told["sha256"]

    def prove_file(self, name: str) -> None:
        """Raise BlockListError unless one of its files is what the manifest says."""
        if not self.is_whole(name):
            path = self.folder / name
            raise BlockListError(
                worded(
                    f"拦截名单第 {self.number} 版的 {path} 缺失，或不是发布时的内容",
                    f"version {self.number} of the block list is damaged: {path} is missing or not what was published",
                ),
                remedy=worded(
                    f"从备份放回 {self.folder}；gate blocklist verify 可查是否完整",
                    f"put {self.folder} back from your backup; `gate blocklist verify` tells whether it is whole",
                ),
            )

    def damage(self) -> Iterator[str]:
        """Every file that is not what the manifest says."""
        for name, told in self.said["files"].items():
            path = self.folder / name
            if not path.is_file():
                yield f"{path} is missing"
            elif sha256_of(path) != told["sha256"]:
                yield f"{path} is not what was published"


def folder_name(number: int) -> str:
    """The folder of a version: names sort by number."""
    return f"{number:06}"


def numbers_in(versions: Path) -> Iterator[int]:
    """The versions whose folders are there; what somebody else keeps beside them is left alone."""
    for path in versions.iterdir():
        if re.fullmatch(r"[0-9]{6,}", path.name):
            yield int(path.name)


def version_in_force(folder: Path) -> Version | None:
    """The version in force of a block list's folder; None where nothing was published yet. Raises BlockListError."""
    number = latest_number(folder)
    return None if number is None else open_version(folder / VERSIONS, number)


def latest_number(folder: Path) -> int | None:
    """The number of the version in force; None where nothing was published yet. Raises BlockListError."""
    try:
        return int(json.loads((folder / LATEST).read_text(encoding="utf-8"))["version"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError) as error:
        raise BlockListError(
            worded(f"{folder / LATEST} 无法读取：{error!r}", f"{folder / LATEST} cannot be read: {error!r}"),
            remedy=worded(
                "删除它：下一次发布或 gate blocklist publish 会按台账重写",
                "remove it: the next publication, or `gate blocklist publish`, writes it anew from the ledger",
            ),
        ) from error


def open_version(versions: Path, number: int) -> Version:
    """A version by its number. Raises BlockListError where its files are not there."""
    folder = versions / folder_name(number)
    try:
        return Version(folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise BlockListError(
            worded(
                f"拦截名单第 {number} 版无法读取：{error}",
                f"version {number} of the block list cannot be read: {error}",
            ),
            remedy=worded(
                f"从备份放回 {folder}；gate blocklist verify 可查是否完整",
                f"put {folder} back from your backup; `gate blocklist verify` tells whether it is whole",
            ),
        ) from error


def write_version(staged: Path, run: Path, before: Version | None, said: dict[str, Any]) -> dict[str, Any]:
    """Write the files of a version into an empty folder and force them to disk; gives the manifest.

    `run` holds the files of the run that the list is of; `said` goes into the manifest as it is.
    """
    for name in (LIST, CSV):
        copyfile(run / name, staged / name)  # a second name would have the version change with the run's file
    _write_lines(staged)
    write_grounds(run, staged / LIST, staged / GROUNDS)
    change = _write_delta(staged, run, before, said)
    manifest = {
        **said,
        "previous": None if before is None else before.number,
        "entries": _count(staged / LINES),
        "list_sha256": sha256_of(staged / LINES),
        "delta": change,
        "files": {
            name: {"sha256": sha256_of(staged / name), "length": (staged / name).stat().st_size}
            for name in FILES
            if (staged / name).exists()
        },
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    (staged / MANIFEST).write_text(text, encoding="utf-8")
    for path in staged.iterdir():
        sync_file(path)
    sync_folder(staged)
    return manifest


def _write_lines(staged: Path) -> None:
    source, target = (str(staged / name).replace("'", "''") for name in (LIST, LINES))
    with connect() as con:
        con.execute(f"""
COPY (
    SELECT title_id, platform, decision, stage, rules, permit,
        strftime(first_listed_at, '%Y-%m-%dT%H:%M:%S.%f') AS first_listed_at
    FROM read_parquet('{source}') ORDER BY title_id
) TO '{target}' (FORMAT json)""")


def _write_delta(staged: Path, run: Path, before: Version | None, said: dict[str, Any]) -> dict[str, Any] | None:
    """The delta, if it gives the new list; None where nothing whole is before, or it does not: then the list is all."""
    if before is None or not all(before.is_whole(name) for name in (LINES, LIST, GROUNDS)):
        return None
    earlier = {"before": before.folder / LIST, "grounds": before.folder / GROUNDS}
    tombstone = tombstones(run, **earlier, now=staged / LIST, old=before.said, new=said)
    counts = {"put": 0, "drop": 0}
    with (
        (before.folder / LINES).open("rb") as old,
        (staged / LINES).open("rb") as new,
        (staged / DELTA).open("wb") as out,
    ):
        for line in delta(old, new, tombstone):
            counts["put" if line.startswith(b'{"op":"put"') else "drop"] += 1
            out.write(line)
    if not _gives_the_list(before.folder / LINES, staged / DELTA, staged / LINES):
        (staged / DELTA).unlink()
        return None
    return {"from": before.number, "from_sha256": before.said["list_sha256"], **counts}


def _gives_the_list(old: Path, changes: Path, new: Path) -> bool:
    with old.open("rb") as before, changes.open("rb") as change, new.open("rb") as after:
        return all(line == next(after, None) for line in applied(before, change)) and next(after, None) is None


def _count(lines: Path) -> int:
    with lines.open("rb") as file:
        return sum(1 for _ in file)
