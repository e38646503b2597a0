"""Which number each video should show: a CSV with the columns file and permit_number."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from compliance.errors import ConfigurationError
from compliance.labels.tasks import Task, resolved
from compliance.labels.working import VIDEO_SUFFIXES, videos_in
from compliance.language import worded

_NEEDED = ("file", "permit_number")
_LAST = 2**31 - 1
"""The highest episode number that a catalog can hold."""

_Row = Mapping[str, str | None]


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
            files.update(dict.fromkeys(map(resolved, found)))
        else:
            files[resolved(place)] = None
    if problems:
        raise ConfigurationError(worded("没有可读的视频", "there is no video to read"), problems=problems)
    return files


def read_expected(path: Path, places: Sequence[Path] = ()) -> Mapping[Path, Expectation]:
    """What the CSV says, by file. Columns title_id, episode_no and media_hash may stand in it too.

    Raises ConfigurationError naming the line of what is wrong.
    """
    said: dict[Path, Expectation] = {}
    cuts: dict[tuple[str, int, str | None], int] = {}
    problems = []
    for number, row in _lines(path):
        wrong = _wrong(row)
        if wrong is None:
            file, told = _resolved(row["file"] or "", path, places), _expectation(row)
            wrong = _wrong_after(number, row["file"] or "", told, file in said, cuts)
            said[file] = told
        if wrong is not None:
            chinese, english = wrong
            problems.append(worded(f"{path}:{number}：{chinese}", f"{path}:{number}: {english}"))
    if problems:
        many = worded(f"{path} 有 {len(problems)} 行有误", f"{path} has {len(problems)} wrong line(s)")
        raise ConfigurationError(many, problems=problems[:20])
    return said


def _lines(path: Path) -> list[tuple[int, _Row]]:
    """The rows with the numbers of their lines. Raises ConfigurationError."""
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
            return [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(
            worded(f"{path} 无法读取：{error}", f"{path} cannot be read: {error}"),
            remedy=worded(
                "指定 UTF-8 编码的 CSV（Excel 另存为“CSV UTF-8”）",
                "name a CSV file in UTF-8 (Excel saves one as “CSV UTF-8”)",
            ),
        ) from None


def _wrong(row: _Row) -> tuple[str, str] | None:
    """What is wrong with a line by itself, in Chinese and in English."""
    file, episode = row["file"] or "", _cell(row, "episode_no")
    if not file.strip():
        return "没有写 file", "no file"
    if "\0" in file:
        return "file 含 NUL 字符", "a NUL character in file"
    if episode and not (episode.isdecimal() and len(episode) <= len(str(_LAST)) and int(episode) <= _LAST):
        return (
            f"episode_no {episode} 不是整数，或大于 {_LAST}",
            f"episode_no {episode} is no whole number up to {_LAST}",
        )
    return None


def _wrong_after(
    number: int, file: str, told: Expectation, known: bool, cuts: dict[tuple[str, int, str | None], int]
) -> tuple[str, str] | None:
    """What is wrong with a line after those before it. `cuts` has their lines, and gets this one."""
    if known:
        return f"{file} 重复", f"{file} stands there twice"
    if told.title_id is None or told.episode_no is None:
        return None
    first = cuts.setdefault((told.title_id, told.episode_no, told.media_hash), number)
    if first == number:
        return None
    # Nothing tells the two videos apart, and one reading would replace the other's.
    return (
        f"{told.title_id} 第 {told.episode_no} 集已在第 {first} 行；两个版本都算的，各写 media_hash",
        f"{told.title_id}, episode {told.episode_no}, stands on line {first} already; where both cuts count, give each"
        " its media_hash",
    )


def _expectation(row: _Row) -> Expectation:
    episode = _cell(row, "episode_no")
    return Expectation(
        _cell(row, "permit_number"), _cell(row, "title_id"), int(episode) if episode else None, _cell(row, "media_hash")
    )


def _cell(row: _Row, name: str) -> str | None:
    return (row.get(name) or "").strip() or None


def _resolved(name: str, csv_file: Path, places: Sequence[Path]) -> Path:
    """Beside the CSV, or in a folder that is read, or in the working folder."""
    for folder in (csv_file.parent, *(place for place in places if place.is_dir()), Path()):
        if os.path.lexists(folder / name):
            return resolved(folder / name)
    return resolved(csv_file.parent / name)
