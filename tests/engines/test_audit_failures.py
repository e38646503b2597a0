"""A damaged file, a full disk, too little memory, a killed process, a dying database: the previous outputs stand."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compliance.cli.main import main
from compliance.engines import audit
from compliance.engines.duck.session import session
from tests.catalogs import table, write_catalog, write_relation
from tests.conftest import Maker
from tests.databases import engine_of, fill

# ruff: noqa: DTZ001 - instants are wall time in Asia/Shanghai

TITLES = 300
GATE = [sys.executable, "-c", "from compliance.cli.main import run; run()"]


def number(place: int) -> str:
    return f"（番茄）网微剧备字（2026）第{place + 1}号"


def catalog_in(folder: Path) -> Path:
    return write_catalog(
        folder,
        titles=[
            {
                "title_id": f"t{n}",
                "name": f"剧{n}",
                "permit_number": number(n),
                "online_at": datetime(2026, 9, 2, 0, n % 60),
            }
            for n in range(TITLES)
        ],
        register=[{"permit_number": number(n), "title_name": f"剧{n}", "alt_name": f"又名{n}"} for n in range(TITLES)],
        labels=[{"title_id": f"t{n}", "text": number(n), "title_text": f"剧{n}"} for n in range(TITLES)],
        episodes=[{"title_id": f"t{n}"} for n in range(TITLES)],
    )


def arguments(catalog: Path | str, out: Path, *more: str) -> list[str]:
    common = ["--out", str(out), "--as-of", "2026-11-23", "--no-reports", "--lang", "en"]
    return ["audit", "--catalog", str(catalog), *common, *more]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sound catalog, and in `out` what an audit left of it."""
    folder = tmp_path_factory.mktemp("sound")
    assert main(arguments(catalog_in(folder / "catalog"), folder / "out")) == 0
    return folder


@pytest.fixture
def catalog(sound: Path, tmp_path: Path) -> Path:
    """A copy of the sound catalog, to be damaged."""
    return shutil.copytree(sound / "catalog", tmp_path / "catalog")


@pytest.fixture
def out(sound: Path) -> Iterator[Path]:
    """The outputs of a run that went well; they must be the same after the test."""
    before = contents(sound / "out")
    yield sound / "out"
    assert contents(sound / "out") == before


def contents(out: Path) -> dict[str, bytes]:
    return {link.name: link.read_bytes() for link in out.iterdir() if link.is_symlink() and link.is_file()}


def damage(file: Path, column: str) -> None:
    """Overwrite the second half of the column's pages."""
    metadata = pq.read_metadata(file)
    chunk = metadata.row_group(0).column(metadata.schema.names.index(column))
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    size = chunk.total_compressed_size
    content = bytearray(file.read_bytes())
    content[start + size // 2 : start + size] = b"\xff" * (size - size // 2)
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("relation", "column"),
    [
        ("titles", "title_id"),
        ("register", "alt_name"),
        ("labels", "title_text"),
    ],
)
def test_a_damaged_page_is_told_by_its_column(
    relation: str, column: str, catalog: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(catalog / f"{relation}.parquet", column)
    assert main(arguments(catalog, out)) == 3
    told = capsys.readouterr().err
    assert f"{relation}.{column} cannot be read" in told or f"{relation} of {catalog} cannot be read" in told
    assert "unexpected" not in told


def test_text_that_is_not_utf_8_is_told_by_its_column(
    catalog: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register = table("register", [{}, {"permit_number": number(1)}])
    wrong = pa.array([b"\xe5\xbd", b"\xff\xfe"], pa.binary()).view(pa.string())
    place = register.column_names.index("alt_name")
    pq.write_table(register.set_column(place, "alt_name", wrong), catalog / "register.parquet")
    assert main(arguments(catalog, out)) == 3
    assert "register.alt_name cannot be read" in capsys.readouterr().err


def test_too_little_memory_is_told_with_what_to_do(
    catalog: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(catalog, out, "--memory", "1MB")) == 3
    told = capsys.readouterr().err
    assert "does not fit into the memory" in told
    assert "give more with --memory" in told


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, with room for one run and no more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=900k", "none", folder]).returncode:
        pytest.skip("not run: this user may not mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_told_and_the_previous_outputs_stand(
    catalog: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = small_disk / "out"
    assert main(arguments(catalog, disk)) == 0
    before = contents(disk)
    (small_disk / "filler").write_bytes(b"\0" * (free_on(small_disk) - 16_384))
    assert main(arguments(catalog, disk)) == 3
    told = capsys.readouterr().err
    assert "the disk is full" in told
    assert contents(disk) == before
    (small_disk / "filler").unlink()
    assert main(arguments(catalog, disk)) == 0


def free_on(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def test_a_killed_run_leaves_the_previous_outputs_and_does_not_hinder_the_next(catalog: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert main(arguments(catalog, folder)) == 0
    before = contents(folder)
    with subprocess.Popen([*GATE, *arguments(catalog, folder)], stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        next(line for line in run.stderr if line.strip() == "judging")
        run.send_signal(signal.SIGKILL)
    assert run.returncode == -signal.SIGKILL
    assert contents(folder) == before
    assert main(arguments(catalog, folder)) == 0
    assert [path.name for path in (folder / ".runs").glob(".staging-*")] == []


def test_a_database_that_dies_in_mid_read_leaves_the_previous_outputs(
    postgresql: Maker, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = fill(postgresql(), {"titles": [{"title_id": "t1"}], "register": [{}], "platforms": [{"platform": "fanqie"}]})
    with engine_of(url).begin() as connection:
        connection.exec_driver_sql("ALTER TABLE titles RENAME TO kept")
        connection.exec_driver_sql(
            "CREATE VIEW titles AS SELECT kept.title_id || n AS title_id, platform,"
            " CASE WHEN n = 200000 THEN pg_terminate_backend(pg_backend_pid())::text ELSE name END AS name,"
            " kind, form, producer, uploader, investment_yuan, subjects, promoted, voluntary_tier, declared_tier,"
            " episode_count, longest_episode_s, status, online_at, taken_down_at, reshown_at, reviewed_at,"
            " permit_number, updated_at FROM kept, generate_series(1, 300000) AS n"
        )
    assert main(arguments(url, out)) == 3
    told = capsys.readouterr().err
    assert "titles of postgresql+psycopg://" in told
    assert "terminat" in told


def test_the_engine_draws_no_bars_of_its_own(tmp_path: Path) -> None:
    with session(tmp_path, memory="1GB", threads=1) as con:
        assert con.execute("SELECT current_setting('enable_progress_bar')").fetchall() == [(False,)]


def test_what_duckdb_says_of_a_signal_in_a_query_is_an_interruption(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), session(tmp_path / "spill", memory="500MB", threads=1):
        raise RuntimeError("Query interrupted")
    with pytest.raises(RuntimeError, match="another"), session(tmp_path / "spill", memory="500MB", threads=1):
        raise RuntimeError("another")


def test_a_file_replaced_while_it_is_judged(
    catalog: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What would have been set aside by the check must not slip in behind it."""
    gather = audit.gathering.gather_facts

    def replaced_before(*given: Any) -> None:
        titles = pq.read_table(catalog / "titles.parquet").to_pylist()
        titles[0]["investment_yuan"] = -5
        write_relation(catalog / "next", "titles", titles).replace(catalog / "titles.parquet")
        gather(*given)

    monkeypatch.setattr(audit.gathering, "gather_facts", replaced_before)
    assert main(arguments(catalog, out.parent / "out")) == 3
    told = capsys.readouterr().err
    assert "1 file(s) of the catalog changed while they were read; nothing was published" in told
    assert str(catalog / "titles.parquet") in told
