"""`gate check`: may these titles go out? The answer that the nightly audit would give."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from compliance.cli import options
from compliance.cli.language import Message, language
from compliance.cli.singles import STALE, Catalog, State, decider, exit_code_of, say_line, say_verdict
from compliance.errors import EXIT_CLEAR, EXIT_FOUND, ConfigurationError

if TYPE_CHECKING:
    from compliance.engines.single.deciding import Decider
    from compliance.engines.single.judging import Verdict

HELP = Message(
    "判定单个剧目：依据最近一次审核的状态，或直接从片库读取。",
    "Decide single titles, by the state that the last audit left or straight from a catalog.",
)
TITLE_IDS = Message("剧目编号", "ids of the titles")
NUMBER = Message("只核对一个备案号（按原样输入）", "look at a bare number, as typed")
JSONL = Message(
    "每行一个剧目的 JSON 文件（titles 各列，可带 labels、episodes、placements；只有 title_id 的查库判定）；"
    "- 为标准输入",
    "file with one title a line: JSON with the columns of titles, and labels, episodes, placements if any;"
    " a line with title_id alone is looked up; - is standard input",
)
EXIT_ZERO = Message("有拦截或待审时也返回 0", "exit 0 also where titles are blocked or held")
ONE_KIND = Message(
    "剧目编号、--number、--jsonl 三者选其一", "give ids of titles, or --number, or --jsonl: one of the three"
)
UNREADABLE = Message("{path} 无法读取：{error}", "{path} cannot be read: {error}")
LINE = Message("第 {line} 行", "line {line}")
NOTHING = Message("{path} 中没有剧目", "{path} holds no title")

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def check(
    title_ids: Annotated[list[str] | None, typer.Argument(metavar="[TITLE_ID]...", help=TITLE_IDS())] = None,
    number: Annotated[str | None, typer.Option("--number", metavar="TEXT", help=NUMBER())] = None,
    jsonl: Annotated[Path | None, typer.Option("--jsonl", metavar="FILE", help=JSONL())] = None,
    state: State = None,
    catalog: Catalog = None,
    mapping: options.Mapping = None,
    as_of: options.AsOf = None,
    as_json: options.AsJson = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help=EXIT_ZERO())] = False,
) -> int:
    """Print one verdict a title, in the order asked, and return the exit code of the contract (section 3)."""
    if sum(bool(given) for given in (title_ids, number is not None, jsonl)) != 1:
        raise ConfigurationError(ONE_KIND())
    lines = _lines(jsonl) if jsonl else {}
    rows = list(lines.values()) or [{"title_id": title_id} for title_id in title_ids or ()]

    from compliance.permits import Permit, parse

    typed = [number] if number is not None else [row.get("permit_number") for row in rows if isinstance(row, dict)]
    parsed = (parse(text) for text in typed if isinstance(text, str))
    with decider(
        state,
        catalog,
        as_of,
        mapping=mapping,
        title_ids=[row["title_id"] for row in rows if isinstance(row, dict) and _is_utf8(row.get("title_id"))],
        numbers=[permit.canonical for permit in parsed if isinstance(permit, Permit)],
    ) as deciding:
        if deciding.stale:
            sys.stderr.write(STALE(state=deciding.state.as_of, as_of=deciding.as_of) + "\n")
        verdicts = [deciding.decide_number(number)] if number is not None else _decided(deciding, rows, list(lines))
        code = _say_all(verdicts, as_json=as_json)
    return EXIT_CLEAR if exit_zero and code == EXIT_FOUND else code


def _decided(deciding: Decider, rows: Sequence[object], lines: Sequence[int]) -> Iterator[Verdict]:
    """`lines`: where in the file each row stands, if they come from one: a row that is broken is told by its line."""
    for place, row in enumerate(rows):
        if isinstance(row, dict) and list(row) == ["title_id"] and isinstance(row["title_id"], str):
            yield deciding.decide(row["title_id"])
            continue
        verdict = deciding.decide_row(row)
        if lines and verdict.reason == "broken_row":
            line = LINE(line=lines[place])
            verdict = replace(verdict, detail=f"{line}: {verdict.detail}" if verdict.detail else line)
        yield verdict


def _say_all(verdicts: Iterable[Verdict], *, as_json: bool) -> int:
    from compliance.engines.single.wording import verdict_json

    code = EXIT_CLEAR
    for verdict in verdicts:
        if as_json:
            say_line(verdict_json(verdict, language()))
        else:
            say_verdict(verdict)
        code = max(code, exit_code_of(verdict))
    return code


def _lines(path: Path) -> dict[int, object]:
    """The values of a file by line. A line that is no JSON stays text: it is then held as a broken row, and no other
    is lost."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(UNREADABLE(path=path, error=error)) from None
    lines = {number: _value(line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()}
    if not lines:
        raise ConfigurationError(NOTHING(path=path))
    return lines


def _value(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return line


def _is_utf8(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
