"""The block list in force, as the service hands it out."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from compliance.blocklist.versions import LIST, Version, version_in_force


class Listing:
    """The entries of the version in force: proven and read once, and anew when their file is another."""

    def __init__(self, folder: Path) -> None:
        """`folder`: where the versions are published."""
        self._folder = folder
        self._read: tuple[object, pa.Table] | None = None

    def in_force(self) -> tuple[Version, pa.Table] | None:
        """The version and its entries by title id, kept for its other pages: of a long list there are hundreds.

        None where nothing was published yet. Raises BlockListError for a list that is not what was published.
        """
        version = version_in_force(self._folder)
        if version is None:
            return None
        path = version.folder / LIST
        mark, read = (version.said["files"][LIST]["sha256"], _changed(path)), self._read
        if read is None or read[0] != mark:
            version.prove_file(LIST)
            read = self._read = mark, pq.read_table(path).sort_by("title_id")
        return version, read[1]


def _changed(path: Path) -> object:
    """What is another once the file is, or was written to; None where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns
