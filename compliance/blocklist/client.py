"""A reader of the block list: follows a repository by its signatures and keeps the last list that was proven.

DEST/current/block_list.jsonl, version.json    the list, whole; `current` is swapped as a whole, and always there
DEST/metadata/                                 what was trusted so far: an older state is refused
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tuf.api.exceptions import DownloadError, DownloadHTTPError, ExpiredMetadataError, RepositoryError
from tuf.ngclient import FetcherInterface, TargetFile, Updater

from compliance import clock
from compliance.blocklist.delta import applied
from compliance.blocklist.errors import BlockListError
from compliance.blocklist.versions import CSV, LINES, LIST, MANIFEST
from compliance.files import locked, sha256_of, sync_file, sync_folder
from compliance.language import worded

_CHUNK = 1 << 20
_PATIENCE_S = 120.0
_SKEW = timedelta(minutes=5)
"""By so much the clocks of publisher and reader may differ."""
FORMS = {"jsonl": LINES, "parquet": LIST, "csv": CSV}


@dataclass(frozen=True, slots=True)
class Pulled:
    """The list that a reader has now."""

    folder: Path
    version: int
    entries: int
    made_at: datetime
    """Wall time in Asia/Shanghai."""
    by_delta: bool
    """The list was made of the one before and what has changed."""

    @property
    def age(self) -> timedelta | None:
        """How old the list is: nothing should be released by an old one, while its blocks still block.

        None where it was made at a time to come: one of the clocks is wrong, and nobody can tell.
        """
        age = clock.wall_time() - self.made_at
        return None if age < -_SKEW else max(age, timedelta())


def pull(source: str, dest: Path, *, root: bytes | None = None, forms: tuple[str, ...] = ()) -> Pulled:
    """Bring the list in `dest` up to that of a repository (a URL or a folder).

    `root` is the repository's first root, needed once where nothing is trusted yet. Raises BlockListError where the
    repository cannot be reached or does not prove what it says; then the list pulled before stays.
    """
    with _explained(source, dest), locked(dest / ".lock", patience_s=_PATIENCE_S):
        before = _kept(dest)
        updater, downloads = _updater(source, dest, root)
        updater.refresh()
        told = _target(updater, downloads, MANIFEST).read_bytes()
        manifest = json.loads(told)
        if before is not None and (before.folder / MANIFEST).read_bytes() == told and _has(before.folder, told, forms):
            return before
        for left in dest.glob(".staging*"):  # by a process that was killed
            shutil.rmtree(left)
        staged = dest / ".staging"
        staged.mkdir()
        by_delta = _write_lines(updater, downloads, before, manifest, staged / LINES)
        for form in forms:
            if form != "jsonl":
                shutil.copyfile(_target(updater, downloads, FORMS[form]), staged / FORMS[form])
        shutil.copyfile(downloads / MANIFEST, staged / MANIFEST)
        _swap(dest, staged, manifest["version"])
        shutil.rmtree(downloads)
        now = pulled(dest)
    if now is None:
        raise BlockListError(
            worded(f"{dest} 无法读回", f"{dest} cannot be read back"),
            remedy=worded("看是否有别的程序在写入", "see whether another process writes to it"),
        )
    return Pulled(now.folder, now.version, now.entries, now.made_at, by_delta)


def pulled(dest: Path) -> Pulled | None:
    """The list that was pulled last; None where none ever was.

    Raises BlockListError where it is not whole any more: whoever reads it then does not know what is listed.
    """
    folder = dest / "current"
    if not folder.is_symlink() and not folder.exists():
        return None
    try:
        folder = folder.resolve(strict=True)
        text = (folder / MANIFEST).read_bytes()
        said = json.loads(text)
        kept = Pulled(folder, said["version"], said["entries"], datetime.fromisoformat(said["made_at"]), by_delta=False)
        whole = _has(folder, text, ())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _not_whole(dest, str(error)) from error
    if not whole:
        raise _not_whole(dest, f"{folder / LINES}")
    return kept


def _kept(dest: Path) -> Pulled | None:
    """The list that was pulled last, if it is whole: what is not is pulled anew, and whole."""
    try:
        return pulled(dest)
    except BlockListError:
        return None


def _not_whole(dest: Path, problem: str) -> BlockListError:
    return BlockListError(
        worded(
            f"{dest} 中的名单已不完整：什么在名单上无从得知，不得据以放行",
            f"the list in {dest} is not whole any more: nobody can tell what is listed, release nothing by it",
        ),
        problems=[problem],
        remedy=worded("再次运行 gate blocklist pull", "run `gate blocklist pull` again"),
    )


def _updater(source: str, dest: Path, root: bytes | None) -> tuple[Updater, Path]:
    metadata, downloads = dest / "metadata", dest / ".downloads"
    for folder in (metadata, downloads):
        folder.mkdir(parents=True, exist_ok=True)
    if root is None and not (metadata / "root.json").exists():
        raise BlockListError(
            worded(f"{dest} 中还没有可信任的根", f"nothing is trusted yet in {dest}"),
            remedy=worded(
                "经可信渠道取得仓库的 1.root.json，用 --root 指定",
                "get the repository's 1.root.json by a way you trust, and name it with --root",
            ),
        )
    local = "://" not in source
    base = Path(source).resolve().as_uri() if local else source.rstrip("/")
    known = (metadata / "root.json").exists()
    updater = Updater(
        str(metadata),
        f"{base}/metadata/",
        str(downloads),
        f"{base}/targets/",
        fetcher=_FolderFetcher() if local else None,
        bootstrap=None if known else root,
    )
    return updater, downloads


def _target(updater: Updater, downloads: Path, name: str) -> Path:
    told: TargetFile | None = updater.get_targetinfo(name)
    if told is None:
        raise BlockListError(worded(f"仓库中没有 {name}", f"the repository offers no {name}"))
    place = downloads / name.replace("/", "-")
    updater.download_target(told, str(place))
    return place


def _write_lines(
    updater: Updater, downloads: Path, before: Pulled | None, manifest: dict[str, Any], target: Path
) -> bool:
    """The list's lines, by the deltas where they give just the list's hash, else as a whole."""
    if before is not None and _by_deltas(updater, downloads, before, manifest, target):
        return True
    shutil.copyfile(_target(updater, downloads, LINES), target)
    return False


def _by_deltas(updater: Updater, downloads: Path, before: Pulled, manifest: dict[str, Any], target: Path) -> bool:
    numbers = range(before.version + 1, manifest["version"] + 1)
    names = [f"deltas/{number:06}.jsonl" for number in numbers]
    offered = [name for name in names if updater.get_targetinfo(name) is not None]
    if names[-1:] != offered[-1:] or not (before.folder / LINES).exists():
        return False
    digest = hashlib.sha256()
    changes = [_target(updater, downloads, name) for name in offered]
    try:
        with (before.folder / LINES).open("rb") as old, target.open("wb") as out:
            lines: Iterator[bytes] = iter(old)
            for path in changes:
                lines = applied(lines, path.read_bytes().splitlines(keepends=True))
            for line in lines:
                digest.update(line)
                out.write(line)
    except ValueError:
        return False
    return bool(digest.hexdigest() == manifest["list_sha256"])


def _has(folder: Path, manifest: bytes, forms: tuple[str, ...]) -> bool:
    """Whether the list is there in these forms and as lines, each as the manifest says."""
    files = json.loads(manifest)["files"]
    names = {LINES, *(FORMS[form] for form in forms)}
    return all((folder / name).is_file() and sha256_of(folder / name) == files[name]["sha256"] for name in names)


def _swap(dest: Path, staged: Path, version: int) -> None:
    """Make the staged list the current one. The one before stays for those who have just begun to read it."""
    for path in staged.iterdir():
        sync_file(path)
    sync_folder(staged)
    lists = dest / "lists"
    lists.mkdir(exist_ok=True)
    before = (dest / "current").resolve().name
    complete = next(place for place in _places(lists, version) if not place.exists())
    staged.rename(complete)
    following = dest / ".next"
    following.unlink(missing_ok=True)
    following.symlink_to(Path("lists") / complete.name)
    following.replace(dest / "current")
    sync_folder(dest)
    for other in lists.iterdir():
        if other.name not in (complete.name, before):
            shutil.rmtree(other, ignore_errors=True)


def _places(lists: Path, version: int) -> Iterator[Path]:
    """Folders for a version: it may be pulled again, in other forms, while somebody reads it."""
    yield lists / f"{version:06}"
    yield from (lists / f"{version:06}-{again}" for again in count(2))


class _FolderFetcher(FetcherInterface):
    """Reads a repository in a folder as if it were served."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = Path(unquote(urlsplit(url).path))
        if not path.is_file():
            raise DownloadHTTPError(f"{path} is not there", 404)
        try:
            with path.open("rb") as file:
                chunks = list(iter(lambda: file.read(_CHUNK), b""))
        except OSError as error:  # of the source: any other is of the reader's own folder
            raise DownloadError(str(error)) from error
        return iter(chunks)


def _still_has(dest: Path) -> str:
    try:
        before = pulled(dest)
    except BlockListError as error:
        return error.message
    if before is None:
        return worded("此前没有拉取过名单", "no list was pulled before")
    return worded(
        f"仍用 {before.made_at} 的第 {before.version} 版：其中的拦截继续有效，但不得据以放行",
        f"version {before.version} of {before.made_at} stays: its blocks still block, release nothing by it",
    )


@contextmanager
def _explained(source: str, dest: Path) -> Iterator[None]:
    """Say why the repository was refused, and what the reader still has."""
    try:
        yield
    except (RepositoryError, DownloadError, OSError, ValueError) as error:
        has = _still_has(dest)
        if isinstance(error, OSError) and not isinstance(error, RepositoryError | DownloadError):
            raise BlockListError(
                worded(f"{dest} 无法写入；{has}", f"{dest} cannot be written; {has}"),
                problems=[str(error)],
                remedy=worded("换一个可写、有空间的文件夹", "name a folder that can be written to and has room"),
            ) from error
        what = (
            worded("已冻结或长期无人维护", "is frozen or long unattended")
            if isinstance(error, ExpiredMetadataError)
            else worded("无法读取", "cannot be read")
            if isinstance(error, DownloadError) and not isinstance(error, RepositoryError)
            else worded("被拒绝", "is refused")
        )
        raise BlockListError(
            worded(f"{source} {what}；{has}", f"{source} {what}; {has}"),
            problems=[f"{type(error).__name__}: {error}"],
            remedy=worded(
                "询问名单的发布方；未经询问不要信任别的根",
                "ask whoever publishes the list; trust no other root without asking",
            ),
        ) from error
