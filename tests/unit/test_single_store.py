"""Rows found by key: every row of a key, and no other, whatever the order, the batches and the checksums."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
import pyarrow as pa
import pytest

from compliance.engines.single.errors import StateError
from compliance.engines.single.store import Rows, write_rows

Keyed = tuple[str | None, int]


def written(folder: Path, rows: Sequence[Keyed], batch_rows: int = 4) -> Rows:
    table = pa.table({"key": pa.array([key for key, _ in rows], pa.string()), "value": [value for _, value in rows]})
    assert len(rows) == write_rows(table.to_reader(batch_rows), folder, "things", ["key"])
    return Rows(folder, "things", ["key"])


def values(rows: Rows, key: str) -> list[int]:
    found = [row["value"] for row in rows.by("key", ["value"]).all(key)]
    first = rows.by("key").first(key)
    assert first == ({"key": key, "value": found[0]} if found else None)
    return found


def test_a_key_finds_all_its_rows_in_the_order_written(tmp_path: Path) -> None:
    rows = written(tmp_path, [("甲", 1), ("乙", 2), ("甲", 3), ("甲", 4), ("甲", 5), ("甲", 6), ("乙", 7)])
    assert [1, 3, 4, 5, 6] == values(rows, "甲")
    assert [2, 7] == values(rows, "乙")
    assert [] == values(rows, "丙")


def test_a_row_without_a_key_is_kept_but_not_found(tmp_path: Path) -> None:
    rows = written(tmp_path, [(None, 1), (None, 2), ("甲", 3), (None, 4), ("", 5)])
    assert [3] == values(rows, "甲")
    assert [5] == values(rows, "")
    assert [1, 2, 3, 4, 5] == [row["value"] for row in rows]


def test_no_rows(tmp_path: Path) -> None:
    rows = written(tmp_path, [])
    assert (0, []) == (len(rows), values(rows, "甲"))


def test_keys_with_one_checksum_are_told_apart(tmp_path: Path) -> None:
    one, other = "plumless", "buckeroo"
    assert crc32(one.encode()) == crc32(other.encode())
    rows = written(tmp_path, [(one, 1), (other, 2), (one, 3)])
    assert ([1, 3], [2]) == (values(rows, one), values(rows, other))


def test_half_a_character_is_no_key(tmp_path: Path) -> None:
    rows = written(tmp_path, [("甲", 1), ("\ufffd", 2)])
    assert [] == values(rows, "\ud800")


@pytest.mark.parametrize("batch_rows", [1, 7, 1000])
def test_many_rows_in_any_batches(tmp_path: Path, batch_rows: int) -> None:
    keys = np.random.default_rng(1).integers(0, 300, 1000)
    rows = written(tmp_path, [(f"k{key}", place) for place, key in enumerate(keys)], batch_rows)
    for key in range(310):
        assert np.flatnonzero(keys == key).tolist() == values(rows, f"k{key}")


def test_a_missing_index_is_told(tmp_path: Path) -> None:
    written(tmp_path, [("甲", 1)])
    (tmp_path / "things.key.npy").unlink()
    with pytest.raises(OSError, match=r"things\.key\.npy"):
        Rows(tmp_path, "things", ["key"])


def test_a_file_cut_short_is_told(tmp_path: Path) -> None:
    written(tmp_path, [("甲", 1)])
    path = tmp_path / "things.arrow"
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ValueError, match="Arrow file"):
        Rows(tmp_path, "things", ["key"])


def test_places_that_no_row_has_are_damage(tmp_path: Path) -> None:
    written(tmp_path, [("甲", 1), ("乙", 2)])
    index = np.load(tmp_path / "things.key.npy")
    index[1] += 1_000
    np.save(tmp_path / "things.key.npy", index)
    finder = Rows(tmp_path, "things", ["key"]).by("key")
    for find in (finder.first, lambda key: list(finder.all(key))):
        with pytest.raises(StateError, match=r"things\.arrow is damaged"):
            find("甲")
