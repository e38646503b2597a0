"""Where rejected rows are written, and that the files they come from stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.errors import ConfigurationError
from compliance.register.errors import RegisterError
from tests.register.extracts import extract, landed, row, sqlite, take


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """An extract of which a row is rejected."""
    return extract(tmp_path, row(1), row(2, status="？"))


@pytest.mark.parametrize("name", ["a.csv", "../{folder}/a.csv", "link.csv", "hard.csv"])
def test_rejected_rows_are_never_written_over_the_extract(name: str, faulty: Path, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(faulty)
    (tmp_path / "hard.csv").hardlink_to(faulty)
    before, store = faulty.read_bytes(), sqlite(tmp_path)
    with pytest.raises(ConfigurationError, match=r"one of the files to import; nothing.*\n.*--rejected FILE"):
        take(store, faulty, rejected=tmp_path / name.format(folder=tmp_path.name))
    assert (faulty.read_bytes(), store.exists()) == (before, False)


def test_nor_over_another_file_of_the_extract_by_default(faulty: Path, tmp_path: Path) -> None:
    corrected = extract(tmp_path, row(2), name="a.rejected.csv")
    before, store = corrected.read_bytes(), sqlite(tmp_path)
    with pytest.raises(ConfigurationError, match="rejected rows cannot go to"):
        take(store, faulty, corrected)
    assert corrected.read_bytes() == before
    assert landed(take(store, faulty, corrected, rejected=tmp_path / "other.csv")) == {"imported": 2, "rejected": 1}


def test_where_rejected_rows_cannot_be_written_nothing_is_imported(faulty: Path, tmp_path: Path) -> None:
    (tmp_path / "share").write_text("a file where a folder should be")
    store = sqlite(tmp_path)
    for place in (tmp_path / "share" / "rejected.csv", Path("/proc/rejected.csv"), Path("/proc/rejected.xlsx")):
        with pytest.raises(RegisterError, match=r"cannot be written to .*; nothing was imported\n.*--rejected FILE"):
            take(store, faulty, rejected=place)
    assert not store.exists()
    assert landed(take(store, faulty, rejected=tmp_path / "rejected.csv")) == {"imported": 1, "rejected": 1}
