"""`gate labels`: evidence of labels from the videos themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from compliance import clock
from compliance.cli import options
from compliance.cli.config import Config, load_config
from compliance.cli.console import Progress, progress, say
from compliance.cli.evidence import OUTCOMES, kept_json, kept_text, locate_for, store_for, workers_for
from compliance.cli.language import Message
from compliance.cli.singles import say_line
from compliance.errors import EXIT_CLEAR, EXIT_FOUND, EXIT_INCOMPLETE, ConfigurationError

if TYPE_CHECKING:
    from compliance.labels.reading import Totals
    from compliance.labels.store import Evidence
    from compliance.labels.tasks import Kept, Task

APP_HELP = Message("读取视频片头标注，留存证据", "read labels from the videos themselves, and keep the evidence")
READ_HELP = Message(
    "读取视频中的编号并与应有编号比较。中断后再运行即接着读，已读的不再读。",
    "Read the number shown in videos and compare it with the one expected. Interrupted, it goes on where it was.",
)
EXPORT_HELP = Message(
    "把证据写成片库的 labels 关系（.parquet 或 .csv）。",
    "Write the evidence as a catalog's relation labels (.parquet or .csv).",
)
VIDEOS = Message("视频文件或文件夹", "video files, or folders of them")
PENDING = Message(
    "读取片库中尚无有效证据的各集，紧急的在前",
    "read the catalog's episodes that have no fresh evidence, the most urgent first",
)
EXPECTED = Message(
    "CSV：file、permit_number 两列，可另有 title_id、episode_no、media_hash",
    "CSV with the columns file and permit_number; title_id, episode_no, media_hash may stand in it too",
)
EVIDENCE = Message(
    "证据文件夹；默认取自配置 labels.evidence，否则为输出文件夹中的 labels，再否则为 label-evidence",
    "folder of the evidence; default: labels.evidence of the configuration, else labels in the out folder, else"
    " label-evidence",
)
NOTICES = Message("同时全程查找 AI 生成提示", "look for the AI notice through the whole plan, too")
WORKERS = Message("进程数；默认每个处理器一个", "processes; default: one a processor")
MOST = Message("本次最多读取几集", "read so many episodes at most")
EXIT_ZERO = Message("有待审时也返回 0", "exit 0 also where something is held")
TO = Message("写到哪个文件", "the file to write")
WHAT = Message("没有说明读什么", "nothing says what to read")
WHAT_REMEDY = Message(
    "给出视频或文件夹，或 --pending；两者只能选一", "name videos or folders, or give --pending, not both"
)
NO_CATALOG = Message("没有指定片库", "no catalog is given")
CATALOG_REMEDY = Message("用 --catalog 指定，或写入配置", "give --catalog, or set catalog in gate.toml")
NOTHING_PENDING = Message("各集都已有有效证据", "every episode has fresh evidence")
NOWHERE = Message(
    "{count:,} 集没有视频，或视频先前未能读取且未更换，未读取",
    "of {count:,} episode(s) no video is known, or one that could not be read and is the same as then: not read",
)
NO_STORE = Message("{folder} 中没有证据", "there is no evidence in {folder}")
STORE_REMEDY = Message("先运行 gate labels read", "run gate labels read first")
AT_WORK = Message(
    "已读 {done:,}/{total:,}，每小时 {rate:,.0f}，剩余 {left}",
    "{done:,} of {total:,} read, {rate:,.0f} an hour, {left} left",
)
TOTAL = Message(
    "{total:,} 个视频：{outcomes}（其中 {resumed:,} 个先前已读）",
    "{total:,} videos: {outcomes} ({resumed:,} read before)",
)
EVIDENCE_AT = Message("证据在 {folder}", "the evidence is in {folder}")
EXPORTED = Message("{rows:,} 行写入 {path}", "{rows:,} rows written to {path}")

app = typer.Typer(help=APP_HELP(), no_args_is_help=True, add_completion=False)

EvidenceFolder = Annotated[Path | None, typer.Option("--evidence", metavar="DIR", help=EVIDENCE())]


@app.command("read", help=READ_HELP())
def read(
    videos: Annotated[list[Path] | None, typer.Argument(metavar="VIDEO… | DIR", help=VIDEOS())] = None,
    pending: Annotated[bool, typer.Option("--pending", help=PENDING())] = False,
    expected: Annotated[Path | None, typer.Option("--expected", metavar="CSV", help=EXPECTED())] = None,
    catalog: options.Catalog = None,
    as_of: options.AsOf = None,
    evidence: EvidenceFolder = None,
    notices: Annotated[bool, typer.Option("--ai-notice", help=NOTICES())] = False,
    workers: Annotated[int | None, typer.Option("--workers", min=1, metavar="N", help=WORKERS())] = None,
    most: Annotated[int | None, typer.Option("--most", min=1, metavar="N", help=MOST())] = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help=EXIT_ZERO())] = False,
    as_json: options.AsJson = False,
) -> int:
    """Exit 0 where every number is verified, 1 where something is held, 3 where something could not be read."""
    if bool(videos) == pending or (pending and expected is not None):
        raise ConfigurationError(WHAT(), remedy=WHAT_REMEDY())
    config = load_config()

    from compliance.labels.models import require

    require()  # before what follows, which loads those libraries
    from compliance.labels.expecting import tasks_for
    from compliance.labels.reading import read_tasks

    store = store_for(config, evidence)
    with store.writing(), progress() as tell:
        if pending:
            day = as_of.date() if as_of else clock.today()
            tasks, nowhere = pending_tasks(config, store, catalog or config.catalog, day, most)
        else:
            tasks, nowhere = tasks_for(videos or [], expected, notices=notices)[:most], 0
        totals = read_tasks(
            store,
            tasks,
            workers=workers or workers_for(config),
            limit_s=config.labels.seconds,
            on_kept=lambda kept: _tell(kept, store, as_json=as_json),
            on_way=_reporter(tell),
        )
    if not as_json:
        _sum_up(totals, nowhere, store)
    code = exit_code(totals, nowhere)
    return EXIT_CLEAR if exit_zero and code == EXIT_FOUND else code


@app.command("export", help=EXPORT_HELP())
def export(
    to: Annotated[Path, typer.Argument(metavar="FILE", help=TO())],
    evidence: EvidenceFolder = None,
) -> int:
    """Write the rows and say how many."""
    from compliance.labels.exporting import export_labels

    store = store_for(load_config(), evidence)
    if not store.exists():
        raise ConfigurationError(NO_STORE(folder=store.folder), remedy=STORE_REMEDY())
    say(EXPORTED(rows=export_labels(store, to), path=to))
    return EXIT_CLEAR


def pending_tasks(
    config: Config, store: Evidence, catalog: str | None, day: date, most: int | None
) -> tuple[Sequence[Task], int]:
    """What is pending in the catalog, and how many episodes have no video, or none that can be read.

    Raises ConfigurationError.
    """
    from compliance.labels.pending import pending

    if catalog is None:
        raise ConfigurationError(NO_CATALOG(), remedy=CATALOG_REMEDY())
    found = pending(
        catalog, store, locate_for(config), as_of=day, mapping=config.mapping, memory=config.memory or "3GB",
        most=most, proven_by=config.labels.hash,
    )  # fmt: skip
    return found.tasks, found.nowhere


def exit_code(totals: Totals, nowhere: int) -> int:
    """0 all verified, 1 something is held, 3 something could not be read."""
    from compliance.labels.deciding import Outcome

    if totals.outcomes[Outcome.FAILED] or nowhere:
        return EXIT_INCOMPLETE
    return EXIT_CLEAR if totals.outcomes[Outcome.VERIFIED] == totals.total else EXIT_FOUND


def _tell(kept: Kept, store: Evidence, *, as_json: bool) -> None:
    if as_json:
        say_line(kept_json(kept, store))
        return
    say(kept_text(kept, store))


def _reporter(tell: Progress) -> Callable[[int, int, float], None]:
    def report(done: int, total: int, seconds: float) -> None:
        rate = done / seconds if seconds > 0 else 0.0
        left = timedelta(seconds=round((total - done) / rate)) if rate else "?"
        tell(AT_WORK(done=done, total=total, rate=rate * 3600, left=left))

    return report


def _sum_up(totals: Totals, nowhere: int, store: Evidence) -> None:
    if totals.total == 0 and not nowhere:
        say(NOTHING_PENDING())
        return
    counts = Counter({str(outcome): count for outcome, count in totals.outcomes.items()})
    outcomes = " · ".join(f"{message()} {counts[name]:,}" for name, message in OUTCOMES.items() if counts[name])
    say(TOTAL(total=totals.total, outcomes=outcomes or "0", resumed=totals.resumed))
    if nowhere:
        say(NOWHERE(count=nowhere))
    say(EVIDENCE_AT(folder=store.folder))
