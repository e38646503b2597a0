"""The archive of an inspection pack: every file stands in its manifest, and a pack that is not complete is none."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.reports.book import starts_formula

MANIFEST = "SHA256SUMS"
_BLOCK = 1 << 20


class Pack:
    """An archive being written; every file goes into its manifest."""

    def __init__(self, path: Path) -> None:
        self._archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._sums: dict[str, str] = {}

    def text(self, name: str, text: str) -> None:
        """Add a text in UTF-8."""
        self._sums[name] = hashlib.sha256(text.encode()).hexdigest()
        self._archive.writestr(name, text.encode())

    def values(self, name: str, values: object) -> None:
        """Add values as JSON."""
        self.text(name, json.dumps(values, ensure_ascii=False, indent=2, default=str) + "\n")

    def file(self, name: str, path: Path) -> None:
        """Add a file as it is; of a folder of part files, each of them."""
        if path.is_dir():
            for part in sorted(path.iterdir()):
                self.file(f"{name}/{part.name}", part)
            return
        with path.open("rb") as source:
            self._written(name, iter(lambda: source.read(_BLOCK), b""))

    def lines(self, name: str, lines: Iterator[str]) -> None:
        """Add a text of as many lines as there are."""
        self._written(name, (f"{line}\n".encode() for line in lines))

    def table(self, name: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
        """Add rows as CSV that a spreadsheet opens; a cell that it would run as a formula begins with an apostrophe."""
        self._written(name, _csv(columns, rows))

    def close(self) -> None:
        """Write the manifest and close the archive."""
        lines = [f"{digest}  {name}\n" for name, digest in sorted(self._sums.items())]
        self._archive.writestr(MANIFEST, "".join(lines))
        self.leave()

    def leave(self) -> None:
        """Close the archive as it is."""
        self._archive.close()

    def _written(self, name: str, blocks: Iterator[bytes]) -> None:
        digest = hashlib.sha256()
        with self._archive.open(name, "w", force_zip64=True) as target:
            for block in blocks:
                digest.update(block)
                target.write(block)
        self._sums[name] = digest.hexdigest()


@contextlib.contextmanager
def packing(path: Path) -> Iterator[Pack]:
    """An archive that is there once the block ends without an error; until then, what was at its place stays.

    Raises ConfigurationError where nothing can be written there.
    """
    beside = path.with_name(f".{path.name}.next")
    try:
        pack = Pack(beside)
    except OSError as error:
        raise _refusal(path, error) from error
    try:
        yield pack
        pack.close()
        beside.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError, ValueError):  # what went wrong first is what is told
            pack.leave()
        beside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _refusal(path, error) from error
        raise


def _refusal(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        worded(f"检查包 {path} 无法写入：{error}", f"the inspection pack {path} cannot be written: {error}"),
        remedy=worded("换一个可写、有空间的位置", "name a place that can be written to and has room"),
    )


def _csv(columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _line(columns)
    for row in rows:
        yield _line([_cell(value) for value in row])


def _line(cells: Sequence[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "replace")


def _cell(value: object) -> object:
    if isinstance(value, list):
        return ";".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and starts_formula(value) else value
