"""Last March's decisions, verified by somebody who trusts nobody: after April's audits, and after each lie."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from compliance import clock
from compliance.cli.main import main
from compliance.ledger.chain import entry_hash
from compliance.ledger.heads import HEAD
from compliance.ledger.store import ledger_in
from tests.catalogs import write_catalog
from tests.e2e.test_inspection_pack import check, unpacked

FEBRUARY, MARCH, APRIL = (
    [
        {"title_id": "t1", "permit_number": None},
        {"title_id": "=2+2", "permit_number": None},
        {"title_id": "t3", "permit_number": None, "status": status},
    ]
    for status in ("offline", "online", "offline")
)
DAYS = {"2026-02-27": FEBRUARY, "2026-03-02": FEBRUARY, "2026-03-31": MARCH, "2026-04-01": APRIL}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An out folder with audits of three months; t3 is judged on the last night of March alone."""
    home = tmp_path_factory.mktemp("months")
    for day, titles in DAYS.items():
        catalog = write_catalog(home / day, titles=titles)
        arguments = ["audit", "--catalog", str(catalog), "--out", str(home / "out"), "--as-of", day, "--no-publish"]
        assert main([*arguments, "--exit-zero"]) == 0
    return home / "out"


@pytest.fixture
def march(out: Path, tmp_path: Path) -> Path:
    """The pack of March, made in April."""
    return unpacked(out, tmp_path, "--month", "2026-03")


def rows(pack: Path, table: str) -> dict[str, str]:
    with (pack / "tables" / table).open(encoding="utf-8-sig", newline="") as file:
        return {row["title_id"]: row["decision"] for row in csv.DictReader(file)}


def sealed(pack: Path) -> None:
    """Make the manifest fit, as somebody who lies would."""
    names = sorted(str(path.relative_to(pack)) for path in pack.rglob("*") if path.is_file())
    lines = [f"{hashlib.sha256((pack / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (pack / "SHA256SUMS").write_text("".join(line for line in lines if "SHA256SUMS" not in line), encoding="utf-8")


def replaced(file: str, before: str, after: str) -> Callable[[Path], None]:
    def hand(pack: Path) -> None:
        text = (pack / file).read_text(encoding="utf-8")
        assert before in text
        (pack / file).write_text(text.replace(before, after, 1), encoding="utf-8")

    return hand


def removed(pattern: str) -> Callable[[Path], None]:
    def hand(pack: Path) -> None:
        (found,) = pack.glob(pattern)
        found.unlink()

    return hand


def test_the_pack_has_each_verdict_at_the_end_of_the_month(march: Path) -> None:
    assert rows(march, "verdicts.csv") == {"t1": "block", "'=2+2": "block", "t3": "block"}
    assert check(march) == (0, "everything holds")
    assert not (march / "run").exists()  # the run that was named is April's
    assert [run["as_of"] for run in json.loads((march / "runs.json").read_text())] == ["2026-03-02", "2026-03-31"]


def test_a_title_that_did_not_change_is_proven_as_the_readme_says(march: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(march)
    (query,) = [line for line in Path("README.txt").read_text(encoding="utf-8").splitlines() if "SELECT" in line]
    proven = json.loads(Path("scope.json").read_text(encoding="utf-8"))["proven_runs"]
    run = [one for one in proven if Path(f"ledger/verdicts/{one}.parquet").exists()][-1]
    (row,) = duckdb.sql(query.replace("RUN", run).replace("'ID'", "'t1'")).fetchall()
    assert row[:2] == ("t1", "block")


def test_a_month_whose_run_is_named_has_its_outputs_too(out: Path, tmp_path: Path) -> None:
    april = unpacked(out, tmp_path, "--month", "2026-04")
    assert (april / "run" / "findings.parquet").is_file()
    assert rows(april, "verdicts.csv") == {"t1": "block", "'=2+2": "block"}
    assert check(april) == (0, "everything holds")


@pytest.mark.parametrize(
    ("hand", "says"),
    [
        (replaced("tables/verdicts.csv", "t3,block", "t3,allow"), "another verdict of title t3"),
        (replaced("ledger/changes.jsonl", "block", "allow"), "are not what was written"),
        (replaced("ledger/changes.jsonl", '["', '["x'), "does not know"),
        (replaced("runs.json", "2026-03-31", "2026-03-30"), "runs.json is not"),
        (replaced("waivers.json", "[]", '[{"waiver_id": "W1"}]'), "waivers.json is not"),
        (replaced("ledger/changes.jsonl", "t3", "t4"), "are not what was written"),
        (removed("ledger/verdicts/*Z-????????.parquet"), "ledger/verdicts/"),
        (removed("ledger/changes.jsonl"), "cannot be read"),
    ],
)
def test_a_lie_is_found_though_the_manifest_was_made_to_fit(
    march: Path, hand: Callable[[Path], None], says: str
) -> None:
    hand(march)
    sealed(march)
    code, said = check(march)
    assert code == 1
    assert says in said


@pytest.mark.parametrize("name", ["findings.parquet", "waived.parquet"])
def test_an_output_that_was_left_out_is_missed(out: Path, tmp_path: Path, name: str) -> None:
    pack = unpacked(out, tmp_path)
    (pack / "run" / name).unlink()
    sealed(pack)
    code, said = check(pack)
    assert (code, said) == (1, f"run/{name}, which the ledger proves, is missing")


def test_an_entry_that_nobody_signed_is_found(out: Path, tmp_path: Path) -> None:
    """Anybody can go on with a chain of hashes; its end is what the key has signed."""
    pack = unpacked(out, tmp_path)
    entries = [json.loads(line) for line in (pack / "ledger/entries.jsonl").read_text(encoding="utf-8").splitlines()]
    last = entries[-1]
    forged = {"seq": last["seq"] + 1, "at": last["at"], "kind": "proposal", "body": "{}", "previous": last["hash"]}
    forged["hash"] = entry_hash(**forged)
    lines = [json.dumps(entry, ensure_ascii=False) + "\n" for entry in [*entries, forged]]
    (pack / "ledger/entries.jsonl").write_text("".join(lines), encoding="utf-8")
    sealed(pack)
    assert check(pack) == (1, "the signed head is not the last entry")


def test_a_file_that_was_slipped_in_is_found(out: Path, tmp_path: Path) -> None:
    pack = unpacked(out, tmp_path)
    (pack / "tables" / "more.csv").write_text("title_id\n", encoding="utf-8")
    assert check(pack) == (1, "tables/more.csv is not in the manifest")


def test_the_pack_s_head_is_its_last_entry_s_though_the_file_beside_lags(out: Path, tmp_path: Path) -> None:
    """A process killed just after its commit leaves the file one behind; the pack must not leave the end unsigned."""
    ledger = ledger_in(out)
    before = (ledger.folder / HEAD).read_bytes()
    people = ["--reason", "R", "--ticket", "T-1", "--by", "Li", "--approved-by", "Zhang", "--out", str(out)]
    until = clock.today().isoformat()
    assert main(["waive", "add", "--platform", "fanqie", "--rule", "label-stale", "--until", until, *people]) == 0
    (ledger.folder / HEAD).write_bytes(before)
    pack = unpacked(out, tmp_path)
    assert check(pack) == (0, "everything holds")


def test_a_pack_that_cannot_be_made_leaves_the_one_before(
    out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "pack.zip"
    archive.write_text("the one before")
    whole = _first_whole(out)
    content = whole.read_bytes()
    whole.unlink()
    try:
        arguments = ["report", str(out), "--to", str(tmp_path / "r"), "--pack", str(archive), "--month", "2026-03"]
        assert main([*arguments, "--lang", "en"]) == 3
    finally:
        whole.write_bytes(content)
    assert "is missing" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir() if "pack" in path.name] == ["pack.zip"]
    assert archive.read_text() == "the one before"


def test_a_pack_that_cannot_be_written_is_told(out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["report", str(out), "--to", str(tmp_path / "r"), "--pack", str(tmp_path / "no" / "such" / "x.zip")]
    assert main([*arguments, "--lang", "en"]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_month_of_which_no_ledger_tells_is_refused(
    out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run by its own folder has no ledger: its pack would be of the run, and pass for the month's."""
    alone = tmp_path / "alone"
    alone.mkdir()
    for path in (out / "current").resolve().iterdir():
        if path.is_file():
            (alone / path.name).write_bytes(path.read_bytes())
    arguments = ["report", str(alone), "--to", str(tmp_path / "r"), "--pack", str(tmp_path / "x.zip")]
    assert main([*arguments, "--month", "2026-04", "--lang", "en"]) == 2
    assert "no audit was recorded of 2026-04" in capsys.readouterr().err


def _first_whole(out: Path) -> Path:
    """The verdicts that everything starts from."""
    ledger = ledger_in(out)
    first = next(entry.said["run_id"] for entry in ledger.entries("run"))
    return ledger.folder / "verdicts" / f"{first}.parquet"
