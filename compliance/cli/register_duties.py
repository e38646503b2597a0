"""`gate register` beyond the extracts: uploads, reconciliation, own numbers, standing, dossiers, the number doctor."""

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
from compliance.cli.language import Message
from compliance.cli.register import EXPORTED, Database, app, database, wall_time
from compliance.errors import EXIT_CLEAR, EXIT_FOUND, EXIT_INCOMPLETE, ConfigurationError

if TYPE_CHECKING:
    from compliance.register.desk import Desk
    from compliance.register.standing import Standing

UPLOADS_HELP = Message(
    "写出“其他微短剧”端口的上报名单：已审核、已编号、尚未入库的剧目。",
    "Write the upload list for the port 其他微短剧: titles reviewed and numbered, but not in the register yet.",
)
RECONCILE_HELP = Message(
    "对账：已编号未上报、已上报未播出、先播后报，各多少天（总局令第16号第三十三条（二））。",
    "Reconcile: numbered but not reported, reported but not shown, shown before reported, for how many days"
    " (Order 16 art. 33(2)).",
)
ASSIGN_HELP = Message(
    "给三类剧目编本平台的号：按发证主体和年份取下一个序号，不重不漏。",
    "Give tier-3 titles the platform's next own numbers: no serial twice, none left out.",
)
STANDING_HELP = Message(
    "平台自身的许可与登记：编号、有效期、续办时间、材料。",
    "The platform's own licence and registration: numbers, validity, renewal, materials.",
)
DOSSIERS_HELP = Message(
    "存量剧目备案材料的九项是否齐全。", "Whether the nine items of legacy titles' dossiers are complete."
)
DOCTOR_HELP = Message(
    "为写错或查无的备案号推荐登记库中可能的行，供人核对。",
    "Suggest register rows that malformed or unregistered numbers may have meant, for a person to look at.",
)
OUT = Message("写到哪个文件（.csv、.xlsx）", "file to write (.csv or .xlsx)")
TITLES = Message("剧目", "titles")
PENDING = Message("全部已审核而无号的三类剧目", "all reviewed tier-3 titles without a number")
WHICH = Message("指定剧目，或用 --pending", "name titles, or give --pending, not both")
STANDING_FILE = Message(
    "平台自存的 TOML；默认用片库的 platforms", "TOML kept by the platform; default: the catalog's platforms"
)
FEED = Message("把结果写成片库的 platforms.parquet", "write the relation platforms.parquet of the catalog")
NEEDS_FILE = Message("--out 需要 --file", "--out needs --file")
LEFT_OUT = Message(
    "{n:,} 部没有制作机构，未列入：{titles}", "{n:,} titles have no producer and are not on the list: {titles}"
)
UNHELPED = Message("{n:,} 部的号码没有可推荐的：{titles}", "nothing resembles the numbers of {n:,} titles: {titles}")
NOTHING = Message("没有需要处理的", "nothing to do")
KINDS = {
    "numbered_not_reported": Message("已编号未上报", "numbered, not reported"),
    "reported_not_shown": Message("已上报未播出", "reported, not shown"),
    "shown_before_reported": Message("先播后报", "shown before reported"),
}
WHY = {
    "unknown_title": Message("片库中没有可编号的这部剧", "the catalog has no such title to number"),
    "has_number": Message("已有备案号", "has a number"),
    "tier_unknown": Message("类别无法判定", "its tier is unknown"),
    "tier_1": Message("属一类，须取得许可", "is of tier 1: it needs a licence"),
    "tier_2": Message("属二类，须向主管部门备案", "is of tier 2: it is filed with the regulator"),
    "not_reviewed": Message("尚未审核", "is not reviewed yet"),
    "no_short_name": Message("平台没有简称", "its platform has no short name"),
    "platform_unqualified": Message(
        "平台自身没有有效的许可或登记", "its platform holds no valid licence or registration"
    ),
}
STATES = {
    "valid": Message("有效", "valid"),
    "ending": Message("即将到期", "ending soon"),
    "ended": Message("已到期", "ended"),
    "absent": Message("没有", "absent"),
    "malformed": Message("编号格式不对", "malformed"),
}
GAVE = Message("{title_id}  {number}", "{title_id}  {number}")
HAD = Message("{title_id}  {number}（早先已编）", "{title_id}  {number} (given before)")
REFUSES = Message("{title_id}  不编号：{why}", "{title_id}  no number: {why}")
MISMATCH_HEADERS = tuple(
    Message(*pair)
    for pair in (("情形", "what"), ("备案号", "number"), ("剧目", "title"), ("名称", "name"), ("天数", "days"))
)
STANDING_HEADERS = tuple(
    Message(*pair)
    for pair in (
        ("平台", "platform"), ("事项", "what"), ("编号", "number"), ("有效至", "valid until"),
        ("剩余天数", "days left"), ("状态", "state"), ("续办", "act on"),
    )
)  # fmt: skip
DOCTOR_HEADERS = tuple(
    Message(*pair)
    for pair in (
        ("剧目", "title"), ("所填", "written"), ("问题", "problem"), ("可能是", "perhaps"), ("节目名称", "title name"),
        ("同名", "same title"), ("同制作机构", "same producer"),
    )
)  # fmt: skip
ITEM_HEADERS = (Message("项目", "item"), Message("缺少的剧目数", "titles that lack it"))
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
    """Give numbers and print them; exit 3 where a title that was named gets none."""
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
    return EXIT_INCOMPLETE if done.refused else EXIT_CLEAR


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
            (one.platform, one.what, one.number, one.valid_until, one.days_left, STATES[one.state](), one.act_on)
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
                one.problem,
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


def _tick(yes: bool) -> str:
    return "✓" if yes else ""
