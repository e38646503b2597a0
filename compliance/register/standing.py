"""The platform's own standing: audiovisual licence, registration, their ends, and the materials (Order 16 art. 29)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from compliance.language import Message, nearest, worded
from compliance.mistakes import Mistake, mistakes_in, refusal, written_as, wrong_kind
from compliance.permits import split_short_names
from compliance.register.vocabulary import MATERIALS
from compliance.toml_files import read_toml

State = Literal["valid", "ending", "ended", "absent", "malformed"]

_WRONG = Message("有 {count} 处错误", "{count} mistake(s)")
_FLAG_OR_DAY = Message(" true、false 或不加引号的日期", "true, false or a day without quotes, such as 2024-06-30")
_REMEDY = Message("改正这些行：docs/register.md 说明写法", "mend these lines: docs/register.md tells how to write them")

_AV_LICENCE = re.compile(r"[0-9]{7}")
"""信息网络传播视听节目许可证: seven digits."""


def _material(value: object) -> object:
    if type(value) not in (bool, date):
        raise ValueError(wrong_kind(value, _FLAG_OR_DAY))
    return value


Material = Annotated[bool | date, BeforeValidator(_material)]
"""There or not, or there until a day."""


_ShortName = Annotated[str, written_as("[^,，、]+", Message("不含逗号的一个简称", "as one name, without commas"))]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Document(_Model):
    """A licence or registration of the platform."""

    number: str = Field(min_length=1)
    valid_until: date | None = None
    """Last valid day; None: no end is known."""
    renew_from: date | None = None
    """The first day on which the renewal can be asked for."""


class Platform(_Model):
    """One platform as its compliance officer keeps it."""

    name: str
    short_names: tuple[_ShortName, ...] = Field(default=(), strict=False)
    operator: str | None = None
    av_licence: Document | None = None
    registration: Document | None = None
    materials: Mapping[str, Material] = Field(default_factory=dict)
    """By name of the checklist."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the check."""

    platform: str
    what: str
    """`av_licence`, `registration`, or a material of the checklist."""
    number: str | None
    valid_until: date | None
    days_left: int | None
    state: State
    act_on: date | None
    """When to ask for the renewal."""


def read_standing(path: Path) -> dict[str, Platform]:
    """The platforms of a TOML file: a table for each by its key in the relation.

    Raises ConfigurationError with file and line of all mistakes.
    """
    file = read_toml(path)
    platforms: dict[str, Platform] = {}
    mistakes: list[Mistake] = []
    for name, values in file.data.items():
        try:
            platforms[name] = Platform.model_validate(values)
        except ValidationError as error:
            mistakes += mistakes_in(error, Platform, beneath=(name,))
        else:
            mistakes += [
                Mistake((name, "materials", material), _no_such_material(material))
                for material in platforms[name].materials
                if material not in MATERIALS
            ]
    if mistakes:
        raise refusal(_WRONG, mistakes, file, remedy=_REMEDY)
    return platforms


def _no_such_material(name: str) -> str:
    hint = nearest(name, MATERIALS) or worded(f"；清单为 {'、'.join(MATERIALS)}", f"; it has {', '.join(MATERIALS)}")
    return worded(f"不在材料清单上{hint}", f"is not on the checklist{hint}")


def of_catalog(con: duckdb.DuckDBPyConnection) -> dict[str, Platform]:
    """The same as far as the relation `platforms` tells it: one end for both documents, and no materials."""
    rows = con.execute(
        "SELECT platform, name, short_names, operator, nullif(av_licence, ''), nullif(registration_no, ''), valid_until"
        " FROM platforms ORDER BY platform"
    ).fetchall()
    return {
        platform: Platform(
            name=name,
            short_names=split_short_names(short_names),
            operator=operator,
            av_licence=Document(number=licence, valid_until=until) if licence else None,
            registration=Document(number=registration, valid_until=until) if registration else None,
        )
        for platform, name, short_names, operator, licence, registration, until in rows
    }


def check_standing(platforms: Mapping[str, Platform], *, as_of: date, warn_days: int) -> list[Standing]:
    """Every document, and every material of the checklist where the platform keeps one."""
    lines = []
    for platform, kept in platforms.items():
        for what, document in (("av_licence", kept.av_licence), ("registration", kept.registration)):
            lines.append(_of_document(platform, what, document, as_of, warn_days))
        if kept.materials:
            lines += [
                _of_material(platform, name, kept.materials.get(name, False), as_of, warn_days) for name in MATERIALS
            ]
    return lines


def is_qualified(lines: Sequence[Standing]) -> bool:
    """Whether the lines of one platform have a licence or a registration that holds."""
    return any(line.what in ("av_licence", "registration") and line.state in ("valid", "ending") for line in lines)


def write_platforms(platforms: Mapping[str, Platform], out: Path, as_of: date) -> Path:
    """The relation `platforms`, by which the rule platform-unqualified judges.

    A document that has ended is left out where the other one holds; `valid_until` is the last day on which one holds.
    A malformed one proves nothing and is left out in any case.
    """
    rows = []
    for platform, kept in platforms.items():
        documents = {"av_licence": kept.av_licence, "registration_no": kept.registration}
        given = {name: d for name, d in documents.items() if d is not None and not _is_malformed(name, d)}
        holding = {n: d for n, d in given.items() if d.valid_until is None or d.valid_until >= as_of} or given
        ends = [document.valid_until for document in holding.values()]
        rows.append(
            {
                "platform": platform,
                "name": kept.name,
                "short_names": ",".join(kept.short_names) or None,
                "operator": kept.operator,
                **{name: holding[name].number if name in holding else None for name in documents},
                "valid_until": None if None in ends or not ends else max(end for end in ends if end),
            }
        )
    text = pa.string()
    schema = pa.schema(
        [(name, text) for name in ("platform", "name", "short_names", "operator", "av_licence", "registration_no")]
        + [("valid_until", pa.date32())]
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.unfinished")
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), unfinished)
    return unfinished.replace(out)


def _is_malformed(what: str, document: Document) -> bool:
    return what == "av_licence" and not _AV_LICENCE.fullmatch(document.number)


def _of_document(platform: str, what: str, document: Document | None, as_of: date, warn_days: int) -> Standing:
    if document is None:
        return Standing(platform, what, None, None, None, "absent", None)
    until = document.valid_until
    state = _state(until, as_of, warn_days)
    if _is_malformed(what, document):
        state = "malformed"
    act_on = document.renew_from or (until - timedelta(days=warn_days) if until else None)
    return Standing(platform, what, document.number, until, (until - as_of).days if until else None, state, act_on)


def _of_material(platform: str, name: str, kept: bool | date, as_of: date, warn_days: int) -> Standing:
    if isinstance(kept, date):
        days = (kept - as_of).days
        return Standing(
            platform, name, None, kept, days, _state(kept, as_of, warn_days), kept - timedelta(days=warn_days)
        )
    return Standing(platform, name, None, None, None, "valid" if kept else "absent", None)


def _state(until: date | None, as_of: date, warn_days: int) -> State:
    if until is None:
        return "valid"
    if until < as_of:
        return "ended"
    return "ending" if (until - as_of).days <= warn_days else "valid"
