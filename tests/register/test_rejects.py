"""Where rejected rows are written, and that the files they come from stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.errors import ConfigurationError
from compliance.register.errors import RegisterError
from tests.register.extracts import extract, held, landed, number, row, sqlite, take


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


def test_nor_over_another_file_of_the_extract(faulty: Path, tmp_path: Path) -> None:
    corrected = extract(tmp_path, row(2), name="a.rejected.csv")
    before, store = corrected.read_bytes(), sqlite(tmp_path)
    with pytest.raises(ConfigurationError, match="rejected rows cannot go to"):
        take(store, faulty, corrected, rejected=corrected)
    imported = take(store, faulty, corrected)
    assert (landed(imported), imported.rejected_file) == (
        {"imported": 2, "rejected": 1},
        tmp_path / "a.rejected-2.csv",
    )
    assert corrected.read_bytes() == before


@pytest.mark.parametrize("name", [None, "said.csv", "said.xlsx"])
def test_nor_over_rejected_rows_that_somebody_corrects(name: str | None, faulty: Path, tmp_path: Path) -> None:
    store, said = sqlite(tmp_path), tmp_path / name if name else None
    first = take(store, faulty, rejected=said).rejected_file
    assert first is not None
    first.write_text("corrected by hand")
    later = [take(store, faulty, rejected=said).rejected_file for _ in range(2)]
    assert later == [first.with_name(f"{first.stem}-{n}{first.suffix}") for n in (2, 3)]
    assert first.read_text() == "corrected by hand"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_torn_row_that_nobody_has_corrected_is_rejected_again(suffix: str, tmp_path: Path) -> None:
    store, rejected = sqlite(tmp_path), tmp_path / f"rejected.{suffix}"
    torn = [[*row(1, status="撤销", title="剧\n1"), "多出的一格"], [*row(2), "x"]]
    take(store, extract(tmp_path, row(3), *torn, row(4, status="？")), rejected=rejected)
    take(store, extract(tmp_path, row(1), row(2), name="other.csv"), partial=True)

    imported = take(store, rejected, partial=True)
    assert (imported.counts.rejected, imported.counts.suspended) == (3, 2)
    assert [status for _, status in held(store, tmp_path, "permit_number", "status")] == [
        "suspended", "suspended", "active",
    ]  # fmt: skip


def test_a_torn_row_is_imported_once_it_stands_in_its_columns(tmp_path: Path) -> None:
    store, rejected = sqlite(tmp_path), tmp_path / "rejected.csv"
    take(store, extract(tmp_path, row(3), [*row(1), "x"]), rejected=rejected)
    told = rejected.read_text(encoding="utf-8-sig")
    rejected.write_text(told.replace(",,,,,", f"{number(1)},剧1,,有效,2026-05-25,"), encoding="utf-8-sig")
    assert landed(take(store, rejected, partial=True)) == {"imported": 1, "kept": 1}


def test_where_rejected_rows_cannot_be_written_nothing_is_imported(faulty: Path, tmp_path: Path) -> None:
    (tmp_path / "share").write_text("a file where a folder should be")
    store = sqlite(tmp_path)
    for place in (tmp_path / "share" / "rejected.csv", Path("/proc/rejected.csv"), Path("/proc/rejected.xlsx")):
        with pytest.raises(RegisterError, match=r"cannot be written to .*; nothing was imported\n.*--rejected FILE"):
            take(store, faulty, rejected=place)
    assert not store.exists()
    assert landed(take(store, faulty, rejected=tmp_path / "rejected.csv")) == {"imported": 1, "rejected": 1}
