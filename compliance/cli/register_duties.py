"""`gate register` beyond the extracts: uploads, reconciliation, own numbers, standing, dossiers, the number doctor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from compliance import clock
from compliance.cli import options
from compliance.cli.audit import NO_CATALOG, given
from compliance.cli.config import load_config
from compliance.cli.console import say, say_json, say_table
from compliance.cli.language import Message
from compliance.cli.register import EXPORTED, Database, app, database, wall_time
from compliance.cli.register_words import (
    ASSIGN_HELP,
    DOCTOR_HEADERS,
    DOCTOR_HELP,
    DOSSIERS_HELP,
    FEED,
    GAVE,
    HAD,
    ITEM_HEADERS,
    KINDS,
    LEFT_OUT,
    MISMATCH_HEADERS,
    NEEDS_FILE,
    NOTHING,
    OUT,
    PENDING,
    PROBLEMS,
    RECONCILE_HELP,
    RECORDED,
    REFUSES,
    STANDING_FILE,
    STANDING_HEADERS,
    STANDING_HELP,
    STATES,
    TITLES,
    UNHELPED,
    UNRECORDED,
    UPLOADS_HELP,
    WHAT,
    WHICH,
    WHY,
)
from compliance.errors import EXIT_CLEAR, EXIT_FOUND, EXIT_INCOMPLETE, ConfigurationError

if TYPE_CHECKING:
    from compliance.register.desk import Desk
    from compliance.register.standing import Standing
    from compliance.register.store import Store

_SHOWN = 10

SheetOut = Annotated[Path, typer.Option("--out", metavar="FILE", help=OUT())]


def _desk(catalog: str | None, at: str | None, as_of: object, mapping: Path | None) -> Desk:
    config = load_config()

    from compliance.register.desk import Desk

    return Desk(
        catalog=given(catalog, config.catalog, NO_CATALOG, option="--catalog", key="catalog"),
        store=database(at, config),
        policy=config.policy,
        as_of=as_of.date() if as_of else clock.today(),  # type: ignore[attr-defined]
        mapping=mapping or config.mapping,
        memory=config.memory or "2GB",
        threads=config.threads,
    )


def _some(titles: list[str] | tuple[str, ...]) -> str:
    return ", ".join(titles[:_SHOWN]) + (" …" if len(titles) > _SHOWN else "")


@app.command("export-uploads", help=UPLOADS_HELP())
def export_uploads(
    out: SheetOut,
    catalog: options.Catalog = None,
    at: Database = None,
    as_of: options.AsOf = None,
    mapping: options.Mapping = None,
    as_json: options.AsJson = False,
) -> int:
    """Write the list; exit 3 where a title cannot stand on it."""
    from compliance.register.uploads import export_uploads as export

    uploads = export(_desk(catalog, at, as_of, mapping), out)
    if as_json:
        say_json({"rows": uploads.rows, "file": str(out), "incomplete": list(uploads.incomplete)})
    else:
        say(EXPORTED(rows=uploads.rows, path=out))
        if uploads.incomplete:
            say(LEFT_OUT(n=len(uploads.incomplete), titles=_some(uploads.incomplete)))
    return EXIT_INCOMPLETE if uploads.incomplete else EXIT_CLEAR


@app.command("reconcile", help=RECONCILE_HELP())
def reconcile(
    catalog: options.Catalog = None,
    at: Database = None,
    as_of: options.AsOf = None,
    mapping: options.Mapping = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=OUT())] = None,
    as_json: options.AsJson = False,
) -> int:
    """Tell what does not go together; exit 1 where anything does not."""
    from compliance.register.sheets import write_sheet
    from compliance.register.uploads import reconcile as compare

    found = compare(_desk(catalog, at, as_of, mapping))
    rows = [asdict(mismatch) for mismatch in found]
    if out is not None:
        headers = list(rows[0]) if rows else ["kind"]
        write_sheet(out, headers, [list(row.values()) for row in rows])
    if as_json:
        say_json(rows)
    else:
        for kind, count in Counter(mismatch.kind for mismatch in found).items():
            say(f"{KINDS[kind]()}: {count:,}")
        say_table(
            [header() for header in MISMATCH_HEADERS],
            [(KINDS[one.kind](), one.number, one.title_id, one.name, f"{one.days:,}") for one in found],
            numbers=(4,),
        )
    return EXIT_FOUND if found else EXIT_CLEAR


@app.command("assign", help=ASSIGN_HELP())
def assign(
    titles: Annotated[list[str] | None, typer.Argument(help=TITLES())] = None,
    pending: Annotated[bool, typer.Option("--pending", help=PENDING())] = False,
    catalog: options.Catalog = None,
    at: Database = None,
    as_of: options.AsOf = None,
    mapping: options.Mapping = None,
    as_json: options.AsJson = False,
) -> int:
    """Give numbers, print them and record them in the ledger; exit 3 where a title that was named gets none."""
    if bool(titles) == pending:
        raise ConfigurationError(WHICH())

    from compliance.register.assigning import assign_titles

    desk = _desk(catalog, at, as_of, mapping)
    done = assign_titles(desk, None if pending else titles, now=wall_time())
    if as_json:
        say_json({"assigned": [asdict(one) for one in done.assigned], "refused": [asdict(one) for one in done.refused]})
    else:
        for given_ in done.assigned:
            say((GAVE if given_.new else HAD)(title_id=given_.title_id, number=given_.number))
        for refused in done.refused:
            say(REFUSES(title_id=refused.title_id, why=WHY[refused.why]()))
        if not done.assigned and not done.refused:
            say(NOTHING())
    _record(desk.store, quiet=as_json)
    return EXIT_INCOMPLETE if done.refused else EXIT_CLEAR


def _record(store: Store, *, quiet: bool) -> None:
    """Record in the ledger what was given, after it was printed: it is given whether the ledger answers or not."""
    config = load_config()
    if config.ledger.folder is None and config.out is None:
        if not quiet:
            say(UNRECORDED())
        return

    from compliance.cli.ledgers import ledger_for
    from compliance.register.recording import record_numbers

    ledger = ledger_for(config, None)
    recorded = record_numbers(ledger, store)
    if recorded and not quiet:
        say(RECORDED(n=recorded, place=ledger.place))


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

        with at_desk(_desk(catalog, at, as_of, mapping)) as con:
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
    from compliance.register.dossiers import ITEMS, missing_counts, write_dossiers
    from compliance.register.dossiers import dossiers as gather

    found = gather(_desk(catalog, at, as_of, mapping))
    if out is not None:
        write_dossiers(found, out)
    counts = missing_counts(found)
    if as_json:
        titles = [
            {"title_id": one.title_id, "missing": list(one.missing), "synopsis_characters": one.synopsis_characters}
            for one in found
        ]
        say_json({"titles": titles, "missing": counts, "complete": sum(not one.missing for one in found)})
    else:
        rows = [(ITEMS[item], f"{count:,}") for item, count in counts.items()]
        say_table([header() for header in ITEM_HEADERS], rows, numbers=(1,))
    return EXIT_FOUND if any(one.missing for one in found) else EXIT_CLEAR


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

    found, unhelped = suggest(_desk(catalog, at, as_of, mapping), titles or None)
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
        say(UNHELPED(n=len(unhelped), titles=_some(unhelped)))


def _word(words: Mapping[str, Message], key: str) -> str:
    """The word for it; a material's own name is its word."""
    return words[key]() if key in words else key


def _tick(yes: bool) -> str:
    return "✓" if yes else ""
