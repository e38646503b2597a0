"""The state that an audit left: single titles are judged by it, and by nothing older or newer than it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from compliance.engines.single.building import FORMAT, KEYS, MANIFEST
from compliance.engines.single.errors import AGAIN, StateError, damaged
from compliance.engines.single.evidence import Evidence, Row
from compliance.engines.single.numbers import parse_once
from compliance.engines.single.store import Rows
from compliance.errors import ConfigurationError
from compliance.files import sha256_of
from compliance.language import worded
from compliance.outputs import DUE, STATE
from compliance.permits import Permit, names_equal, resolve_issuers, shipped_issuers

_SHOWN = {
    "labels": ("channel", "text", "title_text", "confidence", "media_hash"),
    "episodes": ("media_hash", "ai_notice"),
    "placements": ("slot", "starts_at", "ends_at"),
}
"""What is read of a title's own rows."""


class State:
    """One state, open for reading. Safe to share between threads: it is only read."""

    def __init__(self, folder: Path, newer: State | None = None) -> None:
        """Open the state in a folder. `newer` is that of a few titles, which a scan has left since.

        Raises StateError where it is missing, damaged or of another format.
        """
        self.folder = folder
        self.newer = newer
        manifest = _manifest(folder)
        _prove(folder, manifest)
        try:
            rows = {name: Rows(folder, name, keys) for name, keys in KEYS.items()}
            self._platforms = {row["platform"]: row for row in rows["platforms"]}
            self.issuers = resolve_issuers(
                shipped_issuers(),
                [(row["short_name"], row["level"], row["operator"]) for row in rows["issuers"]],
                [(row["short_names"], row["operator"]) for row in self._platforms.values()],
            )
        except Exception as error:
            raise damaged(folder, error or type(error).__name__) from error
        counted = {name: len(found) for name, found in rows.items()}
        if counted != manifest["rows"]:
            raise damaged(
                folder,
                worded(
                    f"清单记 {manifest['rows']}，文件有 {counted}",
                    f"its manifest counts {manifest['rows']}, its files hold {counted}",
                ),
            )
        self.run_id: str = manifest["run_id"]
        self.as_of = date.fromisoformat(manifest["as_of"])
        self.judged_by: str | None = manifest["judged_by"]
        """Marks the program and policy that `cleared` titles were judged by."""
        self.asked = frozenset(manifest["asked"] or ())
        """The titles that a state of few titles is of; what else it has of titles are their neighbours' names."""
        self._titles, self._cleared = rows["titles"].by("title_id"), rows["cleared"].by("title_id")
        self._held = rows["held"].by("title_id") if len(rows["held"]) else None
        self._numbered = rows["titles"].by("permit", ("title_id", "name", "kind", "status"))
        self._register = rows["register"].by("permit")
        self._own = {name: rows[name].by("title_id", columns) for name, columns in _SHOWN.items()}
        self.extracts = {system: date.fromisoformat(on) for system, on in manifest["extracts"].items()}

    @property
    def run(self) -> str:
        """The run that is current: that of the scan, which names its audit, or the audit's."""
        return self.run_id if self.newer is None else self.newer.run_id

    def of(self, title_id: str) -> State:
        """The state by which a title is decided: the newer one, of a title that this was asked for."""
        return self.newer if self.newer is not None and title_id in self.newer.asked else self

    def title(self, title_id: str) -> Row | None:
        """The title's row of `titles`, whatever its kind and status; None where it has none that keeps the contract."""
        return self._titles.first(title_id)

    def held(self, title_id: str) -> Row | None:
        """Why a title is held without findings: title_id, on_air, reason; None where none of its rows is bad."""
        return self._held.first(title_id) if self._held is not None else None

    def cleared(self, title_id: str) -> Row | None:
        """title_id, stage, tier, regime, permit of a title at which the audit that left this state found nothing."""
        return self._cleared.first(title_id)

    def knows_platform(self, platform: str) -> bool:
        """Whether `platforms` has a sound row of that key."""
        return platform in self._platforms

    def register(self, number: str) -> list[Row]:
        """The register's rows of a canonical number."""
        return list(self._register.all(number))

    def own(self, relation: str, title_id: str) -> list[Row]:
        """A title's own rows of `labels`, `episodes` or `placements`."""
        return list(self._own[relation].all(title_id))

    def evidence(
        self,
        title: Row,
        owner: State | None = None,
        *,
        labels: Sequence[Row] | None = None,
        episodes: Sequence[Row] | None = None,
        placements: Sequence[Row] | None = None,
    ) -> Evidence:
        """All that bears on a title; rows given stand in place of the state's, or of those of the state `owner`.

        Raises KeyError for a platform that the state does not know.
        """
        parsed = parse_once(title["permit_number"])
        number = parsed.canonical if isinstance(parsed, Permit) else None
        title_id, own = title["title_id"], (owner or self).own
        return Evidence(
            platform=self._platforms[title["platform"]],
            issuers=self.issuers,
            register=self.register(number) if number is not None else (),
            namesakes=self._namesakes(title, number) if number is not None else (),
            extracts=self.extracts,
            labels=own("labels", title_id) if labels is None else labels,
            episodes=own("episodes", title_id) if episodes is None else episodes,
            placements=own("placements", title_id) if placements is None else placements,
        )

    def _namesakes(self, title: Row, number: str) -> tuple[str, ...]:
        """The names of other micro-dramas with this number, up to the first that differs: one is enough to know."""
        names: dict[str, None] = {}
        for other in self._others(title["title_id"], number):
            if other["name"] not in names:
                names[other["name"]] = None
                if not names_equal(other["name"], title["name"]):
                    break
        return tuple(names)

    def _others(self, title_id: str, number: str) -> Iterable[Row]:
        return (
            other
            for other in self._numbered.all(number)
            if other["kind"] == "micro_drama"
            and other["status"] != "offline"
            and other["title_id"] != title_id
            and self.held(other["title_id"]) is None
        )


def open_state(place: Path) -> State:
    """The state in an audit's out folder, or in the folder itself, with that of a scan since, where there was one.

    Raises ConfigurationError where there is no such folder, StateError where it holds no state that can be read.
    """
    if not place.is_dir():
        raise ConfigurationError(
            worded(f"{place} 不是文件夹", f"{place} is no folder"),
            remedy=worded("指定 gate audit --out 写出的文件夹", "name the folder that `gate audit --out` wrote to"),
        )
    inside = place / STATE
    folder = (inside if inside.is_dir() else place).resolve()
    newer = folder.parent / DUE
    return State(folder, State(newer) if folder.name == STATE and newer.is_dir() else None)


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StateError(
            worded(f"{folder} 中没有状态", f"{folder} holds no state"),
            remedy=worded(
                "`gate audit --state --out DIR` 会在 DIR 中留下状态", "`gate audit --state --out DIR` leaves one in DIR"
            ),
        ) from None
    except (OSError, ValueError) as error:
        raise damaged(folder / MANIFEST, error) from error
    if manifest.get("format") != FORMAT:
        raise StateError(
            worded(
                f"状态 {folder} 的格式是 {manifest.get('format')!r}，本程序读 {FORMAT}",
                f"the state {folder} has format {manifest.get('format')!r}, this program reads {FORMAT}",
            ),
            remedy=AGAIN(),
        )
    return dict(manifest)


def _prove(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Raises StateError where a file is not as large as it was written, or a small one holds anything else."""
    for name, (size, digest) in manifest["files"].items():
        path = folder / name
        found = path.stat().st_size if path.is_file() else None
        if found != size or (digest is not None and sha256_of(path) != digest):
            raise damaged(path, worded("不是写出时的内容", "it is not what was written"))
