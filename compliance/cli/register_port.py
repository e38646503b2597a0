"""`gate register` at the port 其他微短剧: what to upload, what differs from the reports, own numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from compliance import clock
from compliance.cli import options
from compliance.cli.audit import NO_CATALOG, given
from compliance.cli.config import load_config
from compliance.cli.console import say, say_json, say_table
from compliance.cli.register import EXPORTED, Database, app, database
from compliance.cli.register_words import (
    ASSIGN_HELP,
    GAVE,
    HAD,
    KINDS,
    LEFT_OUT,
    MISMATCH_HEADERS,
    NO_EXTRACT,
    NOTHING,
    OFF_LIST,
    OUT,
    PENDING,
    RECONCILE_HELP,
    RECORDED,
    REFUSES,
    TITLES,
    UNRECORDED,
    UPLOADS_HELP,
    WHICH,
    WHY,
)
from compliance.errors import EXIT_CLEAR, EXIT_FOUND, EXIT_INCOMPLETE, ConfigurationError

if TYPE_CHECKING:
    from datetime import datetime

    from compliance.ledger.store import Ledger
    from compliance.register.desk import Desk

_SHOWN = 10

SheetOut = Annotated[Path, typer.Option("--out", metavar="FILE", help=OUT())]


def desk_at(catalog: str | None, at: str | None, as_of: datetime | None, mapping: Path | None) -> Desk:
    """The catalog, day and register that a command is about. Raises ConfigurationError."""
    config = load_config()

    from compliance.register.desk import Desk

    return Desk(
        catalog=given(catalog, config.catalog, NO_CATALOG, option="--catalog", key="catalog"),
        store=database(at, config),
        policy=config.policy,
        as_of=as_of.date() if as_of else clock.today(),
        mapping=mapping or config.mapping,
        memory=config.memory or "2GB",
        threads=config.threads,
    )


def some(titles: list[str] | tuple[str, ...]) -> str:
    """The first titles, with a sign that there are more."""
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
    """Write the list; exit 3 where nobody can tell whether a title belongs on it, or it lacks what the port asks for.

    Exit 1 where all others are of a tier for which the platform's own number is no document.
    """
    from compliance.register.uploads import export_uploads as export

    uploads = export(desk_at(catalog, at, as_of, mapping), out)
    if as_json:
        say_json(asdict(uploads) | {"file": str(out)})
    else:
        if not uploads.port_held:
            say(NO_EXTRACT())
        say(EXPORTED(rows=uploads.rows, path=out))
        if uploads.incomplete:
            say(LEFT_OUT(n=len(uploads.incomplete), titles=some(uploads.incomplete)))
        for why, titles in uploads.left_out.items():
            say(OFF_LIST[why](n=len(titles), titles=some(titles)))
    if uploads.incomplete or "tier_unknown" in uploads.left_out:
        return EXIT_INCOMPLETE
    return EXIT_FOUND if uploads.left_out else EXIT_CLEAR


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

    found = compare(desk_at(catalog, at, as_of, mapping))
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
    from compliance.register.recording import ensure_recorded, record_numbers

    desk, ledger = desk_at(catalog, at, as_of, mapping), _ledger()
    if ledger is not None:
        ensure_recorded(ledger, desk.store)
    done = assign_titles(desk, None if pending else titles, now=clock.wall_time())
    if as_json:
        say_json({"assigned": [asdict(one) for one in done.assigned], "refused": [asdict(one) for one in done.refused]})
    else:
        for given_ in done.assigned:
            say((GAVE if given_.new else HAD)(title_id=given_.title_id, number=given_.number))
        for refused in done.refused:
            say(REFUSES(title_id=refused.title_id, why=WHY[refused.why]()))
        if not done.assigned and not done.refused:
            say(NOTHING())
    # Recorded after it was printed: it is given whether the ledger still answers or not.
    if ledger is None:
        told = UNRECORDED()
    else:
        recorded = record_numbers(ledger, desk.store)
        told = RECORDED(n=recorded, place=ledger.place) if recorded else ""
    if told and not as_json:
        say(told)
    return EXIT_INCOMPLETE if done.refused else EXIT_CLEAR


def _ledger() -> Ledger | None:
    """The configured ledger, which may not be there yet."""
    config = load_config()
    if config.ledger.folder is None and config.out is None:
        return None

    from compliance.cli.ledgers import ledger_for

    return ledger_for(config, None)
