"""Which number each video should show: a CSV with the columns file and permit_number."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from compliance.errors import ConfigurationError
from compliance.labels.tasks import Task
from compliance.labels.working import VIDEO_SUFFIXES, videos_in
from compliance.language import worded

_NEEDED = ("file", "permit_number")


@dataclass(frozen=True, slots=True)
class Expectation:
    """A line of the file."""

    permit_number: str | None
    title_id: str | None
    episode_no: int | None
    media_hash: str | None


def tasks_for(places: Sequence[Path], expected: Path | None, *, notices: bool) -> list[Task]:
    """A task for each video named or in a folder named.

    Raises ConfigurationError where a place is not there, holds no video, or the CSV tells of a file that is not read.
    """
    files = _files(places)
    said = {} if expected is None else read_expected(expected, places)
    stray = sorted(str(path) for path in said if path not in files)
    if stray:
        raise ConfigurationError(
            worded(
                f"{expected} 列出的 {len(stray)} 个文件不在要读的 {len(files)} 个之中",
                f"{expected} names {len(stray)} file(s) that are not among the {len(files)} to be read",
            ),
            problems=[*stray[:10], *(["…"] if len(stray) > 10 else [])],
            remedy=worded(
                "路径从 CSV 所在文件夹或所读的文件夹算起",
                "paths start at the CSV's own folder, or at the folder that is read",
            ),
        )
    nothing = Expectation(None, None, None, None)
    tasks = []
    for path in files:
        told = said.get(path, nothing)
        tasks.append(
            Task(path, told.permit_number, told.title_id, told.episode_no, told.media_hash, notice_wanted=notices)
        )
    return tasks


def _files(places: Sequence[Path]) -> dict[Path, None]:
    files: dict[Path, None] = {}
    problems = []
    for place in places:
        if place.is_dir():
            found = videos_in(place)
            if not found:
                kinds = " ".join(sorted(VIDEO_SUFFIXES))
                problems.append(worded(f"{place}：没有这些后缀的文件：{kinds}", f"{place}: no file ends in {kinds}"))
            files.update(dict.fromkeys(path.resolve() for path in found))
        else:
            files[place.resolve()] = None
    if problems:
        raise ConfigurationError(worded("没有可读的视频", "there is no video to read"), problems=problems)
    return files


def read_expected(path: Path, places: Sequence[Path] = ()) -> Mapping[Path, Expectation]:
    """What the CSV says, by file. Columns title_id, episode_no and media_hash may stand in it too.

    Raises ConfigurationError naming the line of what is wrong.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            missing = [name for name in _NEEDED if name not in (reader.fieldnames or [])]
            if missing:
                names = ", ".join(missing)
                raise ConfigurationError(
                    worded(f"{path} 缺少列：{names}", f"{path} has no column {names}"),
                    remedy=worded("首行为 file,permit_number", "its columns are file,permit_number"),
                )
            lines = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(
            worded(f"{path} 无法读取：{error}", f"{path} cannot be read: {error}"),
            remedy=worded(
                "指定 UTF-8 编码的 CSV（Excel 另存为“CSV UTF-8”）",
                "name a CSV file in UTF-8 (Excel saves one as “CSV UTF-8”)",
            ),
        ) from None
    said: dict[Path, Expectation] = {}
    cuts: dict[tuple[str, int, str | None], int] = {}
    problems = []
    for number, row in lines:
        file = _resolved(row["file"] or "", path, places)
        episode = (row.get("episode_no") or "").strip()
        if not (row["file"] or "").strip():
            problems.append(worded(f"{path}:{number}：没有写 file", f"{path}:{number}: no file"))
        elif file in said:
            twice = row["file"]
            problems.append(worded(f"{path}:{number}：{twice} 重复", f"{path}:{number}: {twice} stands there twice"))
        elif episode and not episode.isdecimal():
            problems.append(
                worded(
                    f"{path}:{number}：episode_no {episode} 不是整数",
                    f"{path}:{number}: episode_no {episode} is no whole number",
                )
            )
        else:
            told = Expectation(
                (row["permit_number"] or "").strip() or None,
                (row.get("title_id") or "").strip() or None,
                int(episode) if episode else None,
                (row.get("media_hash") or "").strip() or None,
            )
            said[file] = told
            if told.title_id is not None and told.episode_no is not None:
                cut = (told.title_id, told.episode_no, told.media_hash)
                if (first := cuts.setdefault(cut, number)) != number:
                    problems.append(_two_cuts(path, number, first, told))
    if problems:
        wrong = worded(f"{path} 有 {len(problems)} 行有误", f"{path} has {len(problems)} wrong line(s)")
        raise ConfigurationError(wrong, problems=problems[:20])
    return said


def _two_cuts(path: Path, number: int, first: int, told: Expectation) -> str:
    """Of two videos that nothing tells apart, one reading would replace the other's."""
    return worded(
        f"{path}:{number}：{told.title_id} 第 {told.episode_no} 集已在第 {first} 行；两个版本都算的，各写 media_hash",
        f"{path}:{number}: {told.title_id}, episode {told.episode_no}, stands on line {first} already; where both cuts"
        " count, give each its media_hash",
    )


def _resolved(name: str, csv_file: Path, places: Sequence[Path]) -> Path:
    """Beside the CSV, or in a folder that is read, or in the working folder."""
    for folder in (csv_file.parent, *(place for place in places if place.is_dir()), Path()):
        if os.path.exists(folder / name):  # noqa: PTH110 - Path.exists raises for a name that is too long
            return (folder / name).resolve()
    return (csv_file.parent / name).resolve()
