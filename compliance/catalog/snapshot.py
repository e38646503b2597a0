"""A catalog that is fetched once, however often it is checked: two audits of one database see the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from compliance.catalog.parquet import attach_files
from compliance.catalog.schema import RELATIONS
from compliance.catalog.sources import Catalog, Part


class Snapshot(Catalog):
    """Another catalog, with what comes out of a database kept in a folder. A folder of Parquet files stays in place."""

    def __init__(self, of: Catalog, folder: Path) -> None:
        self.where = of.where
        self._of, self._folder = of, folder
        self._present: frozenset[str] | None = None
        self._parts: dict[str, Sequence[Part]] = {}

    @contextmanager
    def one_state(self) -> Iterator[frozenset[str]]:
        """The other catalog's, the first time."""
        if self._present is None:
            with self._of.one_state() as self._present:
                yield self._present
            self.changed = self._of.changed
        else:
            yield self._present

    def present(self) -> frozenset[str]:
        """The relations that were there the first time."""
        if self._present is None:
            self._present = self._of.present()
        return self._present

    def attach(self, con: duckdb.DuckDBPyConnection, relation: str, *, staging: Path) -> Sequence[Part]:  # noqa: ARG002 - it has one of its own
        """The relation, fetched the first time."""
        if relation not in self._parts:
            self._parts[relation] = self._of.attach(con, relation, staging=self._folder)
            return self._parts[relation]
        files = {staged: [Path(file) for part in self._parts[relation] if part.staged == staged for file in part.files]
                 for staged in (False, True)}  # fmt: skip
        return [
            part
            for staged, found in files.items()
            for part in attach_files(con, RELATIONS[relation], found, staged=staged)
        ]
