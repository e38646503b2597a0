"""What was left with a run for its report: the guard's readings, and a forecast."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from compliance.reports.files import FORECAST, read_json
from compliance.reports.foreseen import Foreseen, ForeseenTitle
from compliance.reports.lines import Found, GuardLine
from compliance.rules.model import Bilingual

LISTED_FORESEEN = 20


def guard_lines(folder: Path) -> tuple[GuardLine, ...]:
    """The readings, those beyond their bound first, then the nearest to it; none where no list is published."""
    path = folder / "guard.json"
    if not path.is_file():
        return ()
    readings = read_json(path)["readings"]
    lines = []
    for reading in readings:
        name, _, column = reading["name"].partition(" ")
        numbers = (reading["value"], reading["bound"], reading["count"], reading["held"], reading.get("least", 0))
        lines.append(GuardLine(name, column, *numbers))
    return tuple(sorted(lines, key=lambda line: (not line.held, line.bound - line.value, line.name, line.column)))


def foreseen(folder: Path) -> tuple[Foreseen, ...]:
    """The steps of the forecast that `gate policy forecast --keep` left; none without one."""
    if not (folder / FORECAST).is_file():
        return ()
    said = read_json(folder / FORECAST)
    return tuple(
        Foreseen(
            date.fromisoformat(zh["from"]),
            date.fromisoformat(zh["to"]),
            [Bilingual(*texts) for texts in zip(zh["law"], en["law"], strict=True)],
            zh["changed"],
            zh["decisions"],
            zh["regimes"],
            [_foreseen_title(title) for title in zh["titles"][:LISTED_FORESEEN]],
        )
        for zh, en in zip(said["zh"], said["en"], strict=True)
    )


def _foreseen_title(title: Mapping[str, Any]) -> ForeseenTitle:
    nothing: dict[str, Any] = {"decision": "", "rules": [], "unknown": [], "regime": None, "tier": None}
    before, after = (side or nothing for side in (title["before"], title["after"]))
    found, finds = (_found(side) for side in (before, after))
    return ForeseenTitle(
        title["title_id"],
        title["name"] or "",
        title["platform"] or "",
        title["first_screen"],
        before["decision"],
        after["decision"],
        tuple(sorted(finds - found)),
        tuple(sorted(found - finds)),
        tuple(((acting["rule"], acting["outcome"]), acting["how"]) for acting in title.get("acting", ())),
        any(before[name] != after[name] for name in ("regime", "tier")),
    )


def _found(side: Mapping[str, Any]) -> set[Found]:
    failed: set[Found] = {(rule, "fail") for rule in side["rules"]}
    return failed | {(rule, "unknown") for rule in side.get("unknown", ())}
