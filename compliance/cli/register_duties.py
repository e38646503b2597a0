"""`gate register` beyond extracts and port: the platform's standing, legacy titles' dossiers, the number doctor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from compliance import clock
from compliance.cli import options
from compliance.cli.config import load_config
from compliance.cli.console import say, say_json, say_table
from compliance.cli.language import Message
from compliance.cli.register import Database, app
from compliance.cli.register_port import desk_at, some
from compliance.cli.register_words import (
    DOCTOR_HEADERS,
    DOCTOR_HELP,
    DOSSIERS_HELP,
    DUE,
    FEED,
    ITEM_HEADERS,
    ITEMS,
    LACKING_HEADERS,
    MORE_LACKING,
    NEEDS_FILE,
    OUT,
    PROBLEMS,
    STANDING_FILE,
    STANDING_HEADERS,
    STANDING_HELP,
    STATES,
    TITLES,
    UNHELPED,
    WHAT,
)
from compliance.errors import EXIT_CLEAR, EXIT_FOUND, ConfigurationError
from compliance.language import worded

if TYPE_CHECKING:
    from compliance.register.dossiers import Dossier
    from compliance.register.standing import Standing

_SHOWN = 20
"""Titles that are listed as text."""


@app.command("standing", help=STANDING_HELP())
def standing(
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help=STANDING_FILE())] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=FEED())] = None,
    catalog: options.Catalog = None,
    at: Database = None,
    as_of: options.AsOf = None,
    mapping: options.Mapping = None,
    as_json: options.AsJson = False,
) -> int:
    """Tell the standing of every platform; exit 1 where one has neither licence nor registration that holds."""
    if out is not None and file is None:
        raise ConfigurationError(NEEDS_FILE())
    config = load_config()

    from compliance.register.standing import check_standing, is_qualified, of_catalog, read_standing, write_platforms

    day = as_of.date() if as_of else clock.today()
    if file is not None:
        platforms = read_standing(file)
    else:
        from compliance.register.desk import at_desk

        with at_desk(desk_at(catalog, at, as_of, mapping)) as con:
            platforms = of_catalog(con)
    lines = check_standing(platforms, as_of=day, warn_days=int(config.policy.number("standing_warn_days")))
    if out is not None:
        write_platforms(platforms, out, day)
    _tell_standing(lines, as_json=as_json)
    qualified = all(is_qualified([line for line in lines if line.platform == name]) for name in platforms)
    return EXIT_CLEAR if qualified else EXIT_FOUND


def _tell_standing(lines: list[Standing], *, as_json: bool) -> None:
    if as_json:
        say_json([asdict(line) for line in lines])
        return
    say_table(
        [header() for header in STANDING_HEADERS],
        [
            (
                one.platform,
                _word(WHAT, one.what),
                one.number,
                one.valid_until,
                one.days_left,
                STATES[one.state](),
                one.act_on,
            )
            for one in lines
        ],
        numbers=(4,),
    )


@app.command("dossiers", help=DOSSIERS_HELP())
def dossiers(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=OUT())] = None,
    catalog: options.Catalog = None,
    at: Database = None,
    as_of: options.AsOf = None,
    mapping: options.Mapping = None,
    as_json: options.AsJson = False,
) -> int:
    """Tell which items are missing and write the sheets; exit 1 where a dossier is not complete."""
    from compliance.register.dossiers import dossiers as gather
    from compliance.register.dossiers import missing_counts, write_dossiers

    found = gather(desk_at(catalog, at, as_of, mapping))
    if out is not None:
        write_dossiers(found, out)
    counts = missing_counts(found)
    lacking = [one for one in found if one.missing]
    complete = len(found) - len(lacking)
    if as_json:
        titles = [
            {
                "title_id": one.title_id,
                "name": one.name,
                "missing": list(one.missing),
                "synopsis_characters": one.synopsis_characters,
            }
            for one in found
        ]
        say_json({"titles": titles, "missing": counts, "complete": complete})
    else:
        say(DUE(due=len(found), complete=complete))
        rows = [(ITEMS[item](), f"{count:,}") for item, count in counts.items()]
        say_table([header() for header in ITEM_HEADERS], rows, numbers=(1,))
        _tell_lacking(lacking)
    return EXIT_FOUND if lacking else EXIT_CLEAR


def _tell_lacking(lacking: list[Dossier]) -> None:
    """The first titles with what their dossiers lack, and how many more there are."""
    if not lacking:
        return
    say()
    say_table(
        [header() for header in LACKING_HEADERS],
        [
            (one.title_id, one.name, worded("、", ", ").join(ITEMS[item]() for item in one.missing))
            for one in lacking[:_SHOWN]
        ],
    )
    if len(lacking) > _SHOWN:
        say(MORE_LACKING(n=len(lacking) - _SHOWN))


@app.command("doctor", help=DOCTOR_HELP())
def doctor(
    titles: Annotated[list[str] | None, typer.Argument(help=TITLES())] = None,
    catalog: options.Catalog = None,
    at: Database = None,
    as_of: options.AsOf = None,
    mapping: options.Mapping = None,
    as_json: options.AsJson = False,
) -> None:
    """Print suggestions. They change no verdict."""
    from compliance.register.suggesting import suggest

    found, unhelped = suggest(desk_at(catalog, at, as_of, mapping), titles or None)
    if as_json:
        say_json({"suggestions": [asdict(one) for one in found], "none": unhelped})
        return
    say_table(
        [header() for header in DOCTOR_HEADERS],
        [
            (
                one.title_id,
                one.permit_raw,
                _word(PROBLEMS, one.problem),
                one.number,
                one.title_name,
                _tick(one.same_title),
                _tick(one.same_producer),
            )
            for one in found
        ],
    )
    if unhelped:
        say(UNHELPED(n=len(unhelped), titles=some(unhelped)))


def _word(words: Mapping[str, Message], key: str) -> str:
    """The word for it; a material's own name is its word."""
    return words[key]() if key in words else key


def _tick(yes: bool) -> str:
    return "✓" if yes else ""
