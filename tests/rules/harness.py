"""The cases of the rules as catalogs: read from `cases/*.toml`, completed, and set side by side where they can be.

Cases share a catalog if they are judged on the same day by the same settings, with equal issuers and extracts.
Within it each has titles, numbers and register rows of its own.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from compliance.catalog.schema import RELATIONS, Type
from compliance.permits import Permit, parse

HERE = Path(__file__).parent
SERIAL = "847205"
"""Stands in a case for a serial of its own."""
SYSTEMS = ("key", "ordinary", "other")
KEYS = {
    "name", "as_of", "title", "other_titles", "platform", "other_platforms", "register", "labels", "episodes",
    "placements", "issuers", "extracts", "settings", "outcome", "action",
}  # fmt: skip

Row = dict[str, Any]
Relations = Mapping[str, list[Row]]

_ANCHORS = {
    "key": "（总局）网微剧审字（2026）第999999901号",
    "ordinary": "（京）网微剧备字（2026）第999999902号",
    "other": "（番茄）网微剧备字（2026）第999999903号",
}
"""A number of no title for each filing system, whose row carries the day of the system's newest extract."""


@dataclass(frozen=True, slots=True)
class Case:
    """One title in its surroundings, and what a rule must say of it."""

    rule: str
    name: str
    title_id: str
    as_of: date
    outcome: str
    action: str | None
    settings: Mapping[str, Any]
    extracts: Mapping[str, Any]
    relations: Relations
    """The rows of this case; those of `platforms` and `issuers` may be shared with other cases."""

    @property
    def surroundings(self) -> str:
        """Equal for cases that can stand in one catalog."""
        known = {(row["short_names"], row["operator"]) for row in self.relations["platforms"]}
        shared = (sorted(known, key=repr), self.relations["issuers"])
        return repr((self.as_of, sorted(self.settings.items()), sorted(self.extracts.items()), shared))


@dataclass(frozen=True, slots=True)
class Catalog:
    """Cases side by side."""

    as_of: date
    settings: Mapping[str, Any]
    relations: Relations
    cases: tuple[Case, ...]


def load_cases(folder: Path = HERE / "cases") -> list[Case]:
    """All cases, in the order of the files and of the cases in them."""
    defaults = _defaults()
    cases: list[Case] = []
    for path in sorted(folder.glob("*.toml")):
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        for number, case in enumerate(written["case"], start=1):
            if unknown := set(case) - KEYS:
                raise KeyError(f"{path.name}, {case.get('name')}: unknown keys {sorted(unknown)}")
            cases.append(_complete(case, defaults, path.stem, f"{path.stem}-{number}", str(600_000 + len(cases))))
    return cases


def flawless_title(title_id: str) -> Case:
    """The case that differs from the defaults in nothing."""
    return _complete({"name": "", "outcome": "pass"}, _defaults(), "", title_id, SERIAL)


def catalogs(cases: Sequence[Case]) -> list[Catalog]:
    """The cases in as few catalogs as they fit into."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.surroundings, []).append(case)
    return [_together(group) for group in groups.values()]


def _defaults() -> Row:
    return tomllib.loads((HERE / "defaults.toml").read_text(encoding="utf-8"))


def _complete(written: Row, defaults: Row, rule: str, title_id: str, serial: str) -> Case:
    as_of = written.get("as_of", defaults["as_of"])
    extracts = dict.fromkeys(SYSTEMS, as_of) | written.get("extracts", {})
    title = {**defaults["title"], **written.get("title", {}), "title_id": title_id}
    platform = {**defaults["platform"], **_own_platform(written.get("platform"), title_id)}
    others = [{**defaults["title"], **other} for other in _rows(written.get("other_titles", []))]
    titles = [title, *({**other, "title_id": f"{title_id}-{place}"} for place, other in enumerate(others, start=1))]
    number = title["permit_number"]
    filing = {**defaults["register"], "permit_number": number, "title_name": title["name"]}
    label = {**defaults["labels"], "text": number, "title_text": title["name"]}
    register = _rows(written.get("register", {} if number.strip() else []))
    relations = {
        "titles": [{**row, "platform": platform["platform"], "updated_at": as_of} for row in titles],
        "register": [_dated({**filing, **row}, extracts) for row in register],
        "platforms": [
            platform,
            *({**defaults["platform"], **row} for row in _rows(written.get("other_platforms", []))),
        ],
        "issuers": [{**defaults["issuers"], **row} for row in _rows(written.get("issuers", []))],
        "labels": [{**label, "read_at": as_of, **row} for row in _rows(written.get("labels", {}))],
        "episodes": [
            {**defaults["episodes"], "episode_no": place, **row}
            for place, row in enumerate(_rows(written.get("episodes", [])), start=1)
        ],
        "placements": [
            {**defaults["placements"], "placement_id": f"{title_id}-{place}", **row}
            for place, row in enumerate(_rows(written.get("placements", [])), start=1)
        ],
    }
    for relation in ("labels", "episodes", "placements"):
        relations[relation] = [{**row, "title_id": title_id} for row in relations[relation]]
    return Case(
        rule=rule,
        name=written["name"],
        title_id=title_id,
        as_of=as_of,
        outcome=written["outcome"],
        action=written.get("action", "hold" if written["outcome"] == "unknown" else None),
        settings=written.get("settings", {}),
        extracts=extracts,
        relations={name: [_typed(name, row, serial) for row in rows] for name, rows in relations.items()},
    )


def _own_platform(written: Row | None, title_id: str) -> Row:
    """What a case says of its platform; that platform is its own, and bears the title's id."""
    return {} if written is None else {"platform": title_id, **written}


def _rows(written: Row | list[Row]) -> list[Row]:
    return [written] if isinstance(written, dict) else written


def _dated(row: Row, extracts: Mapping[str, Any]) -> Row:
    """A register row is as old as its system's extract, unless it says so itself."""
    return {"updated_at": extracts[row["system"]], **row}


def _typed(relation: str, row: Row, serial: str) -> Row:
    """The row with every column of the schema, of the schema's types."""
    columns = {column.name: column for column in RELATIONS[relation].columns}
    if unknown := set(row) - set(columns):
        raise KeyError(f"{relation} has no column {sorted(unknown)}")
    return {name: _value(row[name], column.type, serial) for name, column in columns.items()}


def _value(written: Any, kind: Type, serial: str) -> Any:
    if written == "":
        return None
    if kind is Type.TEXT:
        return written.replace(SERIAL, serial)
    if kind is Type.INSTANT and not isinstance(written, datetime):
        return datetime.combine(written, time())
    return written


def _together(cases: Sequence[Case]) -> Catalog:
    first = cases[0]
    _each_has_its_own_numbers(cases)
    relations = {
        name: [row for case in cases for row in case.relations[name]]
        for name in ("titles", "register", "labels", "episodes", "placements")
    }
    relations["register"] += _anchors(first)
    platforms = {row["platform"]: row for case in cases for row in case.relations["platforms"]}
    relations |= {"platforms": list(platforms.values()), "issuers": first.relations["issuers"]}
    return Catalog(first.as_of, first.settings, relations, tuple(cases))


def _anchors(case: Case) -> list[Row]:
    blank = {column.name: None for column in RELATIONS["register"].columns}
    return [
        {
            **blank,
            "permit_number": number,
            "title_name": "无此剧",
            "status": "active",
            "system": system,
            "updated_at": datetime.combine(case.extracts[system], time()),
        }
        for system, number in _ANCHORS.items()
        if case.extracts[system]
    ]


def _each_has_its_own_numbers(cases: Sequence[Case]) -> None:
    owners = Counter(number for case in cases for number in _numbers(case))
    if shared := [number for number, count in owners.items() if count > 1]:
        wrong = [f"{case.rule}: {case.name}" for case in cases if _numbers(case) & set(shared)]
        raise ValueError(f"cases share the numbers {shared}: {wrong}")


def _numbers(case: Case) -> set[str]:
    """The numbers of the case's titles and register rows, in canonical form."""
    texts = [row["permit_number"] for name in ("titles", "register") for row in case.relations[name]]
    return {permit.canonical for permit in map(parse, texts) if isinstance(permit, Permit)}
