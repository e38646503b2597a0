"""`gate blocklist show|diff|approve|publish|pull|rotate|verify`: the versions of the block list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from compliance.cli.audit import NO_OUT, given
from compliance.cli.config import load_config
from compliance.cli.console import say, say_json, say_table
from compliance.cli.language import Message
from compliance.cli.options import AsJson, Out
from compliance.cli.publishing import publication_json, publisher_for, say_publication
from compliance.errors import EXIT_CLEAR, EXIT_HELD, EXIT_INCOMPLETE, ConfigurationError

if TYPE_CHECKING:
    from compliance.blocklist.publication import Publisher
    from compliance.blocklist.versions import Version

APP_HELP = Message("拦截名单的版本", "versions of the block list")
SHOW_HELP = Message("列出各版本，或一个版本的内容", "the versions there are, or one of them")
DIFF_HELP = Message("两个版本之间的增减及原因", "what came and went between two versions, and why")
APPROVE_HELP = Message("批准被熔断的版本", "put a version in force that the guard holds")
PUBLISH_HELP = Message("发布最近一次审核的名单", "publish the list of the last run")
VERIFY_HELP = Message("验证各版本与发布时一致", "prove that every version is what was published")
VERSION = Message("版本号", "number of the version")
FROM = Message("较早的版本；默认为前一版", "earlier version; default: the one before")
PULL_HELP = Message(
    "跟随别处发布的名单：验证签名、期限与版本，只留下可证实的名单",
    "follow a list that is published elsewhere: signatures, expiry and order are proven before it is taken",
)
ROTATE_HELP = Message("换用新的签名密钥；读者自动跟随", "bring in a new signing key; readers follow by themselves")
SOURCE = Message("名单所在的 URL 或文件夹", "URL or folder of the published list")
TO = Message("存放名单的文件夹", "folder to keep the list in")
ROOT = Message(
    "信任的起点：发布方的 metadata/1.root.json，首次必须给出",
    "where trust begins: the publisher's metadata/1.root.json, needed the first time",
)
FORM = Message("还要哪些格式：parquet、csv（jsonl 总有）", "further forms: parquet, csv (jsonl is always there)")
ROOT_KEY = Message("换根密钥，而非日常签名的密钥", "the root's key, not one of those that sign daily")
NO_FORM = Message(
    "没有 {form} 这种格式；可选 jsonl、parquet、csv", "there is no form {form}; there are jsonl, parquet, csv"
)
NO_ROOT = Message("读不到 {path}：{error}", "{path} cannot be read: {error}")
PULLED = Message(
    "第 {version} 版，{entries:,} 条，{made_at} 发布，距今 {age}：{folder}",
    "version {version}, {entries:,} entries, made at {made_at}, {age} ago: {folder}",
)
PULLED_AHEAD = Message(
    "第 {version} 版，{entries:,} 条，{made_at} 发布，晚于现在：发布方或本机的时钟不对，名单的新旧无从得知；"
    "仍可据以拦截，不得据以放行：{folder}",
    "version {version}, {entries:,} entries, made at {made_at}, which is still to come: the publisher's clock or this"
    " one is wrong, and nobody can tell how old the list is; its blocks still block, release nothing by it: {folder}",
)
ROTATED = Message("已换用新密钥", "a new key signs from now on")
BY = Message("批准人", "who approves it")
REASON = Message("理由", "why")
NO_VERSION = Message("还没有发布过拦截名单", "no block list was published yet")
NO_VERSION_REMEDY = Message("先运行 gate audit", "run gate audit first")
STATES = {
    "in_force": Message("生效", "in force"),
    "superseded": Message("已被取代", "superseded"),
    "passed_over": Message("未曾生效", "never in force"),
    "held": Message("待批准", "held"),
}
LOST = Message("{state}，文件缺失或损坏", "{state}, files lost or damaged")
HEADERS = (
    Message("版本", "version"),
    Message("审核日", "as of"),
    Message("发布", "made at"),
    Message("条数", "entries"),
    Message("状态", "state"),
    Message("审核", "run"),
)
CHANGES = (Message("变化", "change"), Message("剧目", "title"), Message("规则或原因", "rules or reason"))
ADDED, CHANGED, REMOVED = Message("新增", "added"), Message("变更", "changed"), Message("移除", "removed")
WHOLE = Message(
    "{versions} 个版本完好，生效的是第 {in_force} 版", "{versions} versions are whole; {in_force} is in force"
)
DAMAGED = Message("有 {count} 处与发布时不符：", "{count} files are not what was published:")

app = typer.Typer(help=APP_HELP(), no_args_is_help=True, add_completion=False)

Number = Annotated[int, typer.Argument(help=VERSION(), min=1)]


@app.command("show", help=SHOW_HELP())
def show(
    version: Annotated[int | None, typer.Argument(help=VERSION(), min=1)] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Print the versions, or the manifest of one."""
    publisher = publisher_for(load_config(), out)
    states = publisher.line.states()
    if version is not None:
        say_json({**_opened(publisher, version).said, "state": states[version]})
        return
    if not states:
        raise ConfigurationError(NO_VERSION(), remedy=NO_VERSION_REMEDY())

    rows = [(_said(publisher, number), state) for number, state in states.items()]
    if as_json:
        names = ("version", "run_id", "as_of", "made_at", "entries", "list_sha256")
        say_json([{**{name: said.get(name) for name in names}, "state": state} for said, state in rows])
        return
    say_table([header() for header in HEADERS], [_row(said, state) for said, state in rows], numbers=(0, 3))


@app.command("diff", help=DIFF_HELP())
def diff(
    version: Number,
    earlier: Annotated[int | None, typer.Option("--from", help=FROM(), min=0)] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Print every entry that came, went or changed between two versions."""
    publisher = publisher_for(load_config(), out)
    new = _opened(publisher, version)
    number = new.said["previous"] if earlier is None else earlier
    lines = list(_differences(publisher, new, number))
    if as_json:
        say_json(lines)
        return
    words = {"added": ADDED, "changed": CHANGED, "removed": REMOVED}
    rows = [
        (words[line["change"]](), line["title_id"], line.get("reason") or ";".join(line["rules"])) for line in lines
    ]
    say_table([header() for header in CHANGES], rows)


@app.command("approve", help=APPROVE_HELP())
def approve(
    version: Number,
    by: Annotated[str, typer.Option("--by", help=BY())],
    reason: Annotated[str, typer.Option("--reason", help=REASON())],
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Release exactly the files that were held."""
    publication = publisher_for(load_config(), out).approve(version, by=by, reason=reason)
    say_json(publication_json(publication)) if as_json else say_publication(publication)


@app.command("publish", help=PUBLISH_HELP())
def publish(out: Out = None, as_json: AsJson = False) -> int:
    """Propose the list of the last run, or of the prepublication after it. Exit 4 where the guard holds it."""
    config = load_config()

    from compliance import runs

    place = given(out, config.out, NO_OUT, option="--out", key="out")
    publication = runs.publish(publisher_for(config, out), place, config.policy)
    say_json(publication_json(publication)) if as_json else say_publication(publication)
    return EXIT_HELD if publication.held else EXIT_CLEAR


@app.command("pull", help=PULL_HELP())
def pull(
    source: Annotated[str, typer.Argument(metavar="URL|DIR", help=SOURCE())],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help=TO())],
    root: Annotated[Path | None, typer.Option("--root", metavar="FILE", help=ROOT())] = None,
    form: Annotated[list[str] | None, typer.Option("--form", help=FORM())] = None,
    as_json: AsJson = False,
) -> int:
    """Bring the list in a folder up to date. Exit 3 where the source is refused; the list there then stays.

    Exit 3, too, where the list is dated in the future: it is taken, and nothing is to be released by it.
    """
    from compliance.blocklist import client

    forms = tuple(form or ())
    for asked in forms:
        if asked not in client.FORMS:
            raise ConfigurationError(NO_FORM(form=asked))
    now = client.pull(source, to, root=None if root is None else _root(root), forms=forms)
    age = now.age
    if as_json:
        age_s = None if age is None else round(age.total_seconds())
        said = {"version": now.version, "entries": now.entries, "made_at": str(now.made_at), "age_s": age_s}
        say_json({**said, "folder": str(now.folder), "by_delta": now.by_delta})
    else:
        says, shown = (PULLED_AHEAD if age is None else PULLED), str(age).partition(".")[0]
        say(says(version=now.version, entries=now.entries, made_at=now.made_at, age=shown, folder=now.folder))
    return EXIT_INCOMPLETE if age is None else EXIT_CLEAR


@app.command("rotate", help=ROTATE_HELP())
def rotate(root: Annotated[bool, typer.Option("--root-key", help=ROOT_KEY())] = False, out: Out = None) -> None:
    """Sign with a new key; the one before counts until the next rotation."""
    publisher_for(load_config(), out).rotate(root=root)
    say(ROTATED())


@app.command("verify", help=VERIFY_HELP())
def verify(out: Out = None, as_json: AsJson = False) -> int:
    """Exit 0 where every version is what the ledger says, 3 where one is not."""
    publisher = publisher_for(load_config(), out)

    from compliance.blocklist.verification import verify_versions

    known, problems = publisher.line.proposed(), verify_versions(publisher)
    in_force = publisher.in_force()
    number = None if in_force is None else in_force.number
    if as_json:
        say_json({"whole": not problems, "versions": len(known), "in_force": number, "problems": problems})
    elif not problems:
        say(WHOLE(versions=len(known), in_force=number))
    else:
        say(DAMAGED(count=len(problems)))
        for problem in problems:
            say(f"  {problem}")
    return EXIT_INCOMPLETE if problems else EXIT_CLEAR


def _root(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(NO_ROOT(path=path, error=error)) from None


def _said(publisher: Publisher, number: int) -> dict[str, Any]:
    """What a version says of itself; where its files are lost, what the ledger says of it."""
    from compliance.blocklist.errors import BlockListError
    from compliance.blocklist.versions import open_version

    try:
        return open_version(publisher.versions, number).said
    except BlockListError:
        return publisher.line.known(number)


def _row(said: dict[str, Any], state: str) -> tuple[object, ...]:
    shown = STATES[state]()
    if "entries" not in said:
        return said["version"], "–", "–", "–", LOST(state=shown), said["run_id"]
    return said["version"], said["as_of"], said["made_at"], f"{said['entries']:,}", shown, said["run_id"]


def _opened(publisher: Publisher, number: int) -> Version:
    from compliance.blocklist.versions import open_version

    publisher.line.known(number)
    return open_version(publisher.versions, number)


def _differences(publisher: Publisher, new: Version, number: int | None) -> Iterator[dict[str, Any]]:
    from compliance.blocklist.versions import DELTA, LINES

    old: dict[str, Any] = {}
    if number:
        old = {row["title_id"]: row for row in _rows(_opened(publisher, number).folder / LINES)}
    why: dict[str, Any] = {}
    if number is not None and number == new.said["previous"] and (new.folder / DELTA).exists():
        why = {line["title_id"]: line for line in _rows(new.folder / DELTA) if line["op"] == "drop"}
    for row in _rows(new.folder / LINES):
        before = old.pop(row["title_id"], None)
        if before != row:
            yield {"change": "added" if before is None else "changed", **row}
    for title_id, row in old.items():
        told = why.get(title_id, {})
        shown = {"rules": row["rules"], "reason": told.get("reason"), "evidence": told.get("evidence")}
        yield {"change": "removed", "title_id": title_id, **shown}


def _rows(lines: Path) -> Iterator[dict[str, Any]]:
    with lines.open(encoding="utf-8") as file:
        yield from map(json.loads, file)
