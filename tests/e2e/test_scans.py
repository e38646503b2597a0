"""What a scan finds between two nights reaches whoever releases titles, and disturbs nothing that the night left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import time_machine

from compliance.blocklist.versions import LIST, version_in_force
from compliance.cli.main import main
from compliance.outputs import SCANNED, current_audit, current_run
from compliance.sample import write_sample
from compliance.verdicts.waivers import seen
from jobs.clockwork.database import Database
from tests.catalogs import NUMBER, Row, write_catalog, write_relation
from tests.clockworks import alerts, at
from tests.e2e.test_inspection_pack import check, unpacked

TITLES = ("goes bad", "stays well")
LABELS: list[Row] = [{"title_id": title_id} for title_id in TITLES]
MORNING, QUARTER = "2026-11-23T10:00", "2026-11-23T10:15"


def scheduled(title_id: str, number: str | None) -> Row:
    online_at = datetime(2026, 11, 23, 20)  # noqa: DTZ001 - wall time
    return {"title_id": title_id, "status": "scheduled", "online_at": online_at, "permit_number": number}


def set_numbers(place: Path, **numbers: str | None) -> None:
    titles = [scheduled(title_id, numbers.get(title_id.replace(" ", "_"), NUMBER)) for title_id in TITLES]
    write_relation(place / "catalog", "titles", titles)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder after a night in which nothing was found."""
    write_catalog(tmp_path / "catalog", titles=[scheduled(title_id, NUMBER) for title_id in TITLES], labels=LABELS)
    (tmp_path / "gate.toml").write_text('catalog = "catalog"\nout = "out"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    with time_machine.travel(at("2026-11-23 10:40"), tick=True):
        assert gate("run", "nightly-audit", "--scheduled-for", "2026-11-23T02:30") == 0
        yield tmp_path


def gate(*arguments: object) -> int:
    return main([*map(str, arguments), "--lang", "en"])


def decided(capsys: pytest.CaptureFixture[str], *title_ids: str) -> list[str]:
    capsys.readouterr()
    gate("check", *title_ids, "--json")
    return [json.loads(line)["decision"] for line in capsys.readouterr().out.splitlines()]


def in_force(place: Path) -> tuple[int, list[str], dict[str, Any] | None]:
    """Number, titles, and by which scan."""
    version = version_in_force(place / "out" / "blocklist")
    assert version is not None
    listed = [json.loads(line)["title_id"] for line in (version.folder / "block_list.jsonl").open(encoding="utf-8")]
    assert (version.folder / LIST).is_file()
    return version.number, listed, version.said["scan"]


def told(place: Path) -> list[str]:
    return alerts(Database(f"sqlite:///{place / 'out' / 'ledger' / 'jobs.sqlite'}"))


def test_what_a_scan_blocks_is_in_force_and_decided_at_once(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert decided(capsys, *TITLES) == ["allow", "allow"]
    set_numbers(place, goes_bad=None)
    assert gate("run", "prepublication-scan", "--scheduled-for", MORNING) == 1
    assert decided(capsys, *TITLES) == ["block", "allow"]
    number, listed, scan = in_force(place)
    assert (number, listed) == (2, ["goes bad"])
    assert scan is not None
    assert scan["as_of"] == "2026-11-23"
    assert "1 title(s) newly listed as block" in " ".join(told(place))


def test_a_scan_that_changes_nothing_publishes_and_tells_nothing(place: Path) -> None:
    set_numbers(place, goes_bad=None)
    assert gate("run", "prepublication-scan", "--scheduled-for", MORNING) == 1
    before = told(place)
    assert gate("run", "prepublication-scan", "--scheduled-for", QUARTER) == 1
    assert (in_force(place)[0], told(place)) == (2, before)


def test_a_title_that_was_mended_leaves_the_list_by_a_scan(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_numbers(place, goes_bad=None)
    assert gate("run", "prepublication-scan", "--scheduled-for", MORNING) == 1
    set_numbers(place)
    assert gate("run", "prepublication-scan", "--scheduled-for", QUARTER) == 0
    assert (in_force(place)[:2], decided(capsys, *TITLES)) == ((3, []), ["allow", "allow"])
    assert gate("blocklist", "diff", 3) == 0
    assert "cured" in capsys.readouterr().out


def test_a_held_list_is_decided_by_but_not_proposed_again(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (place / "gate.toml").open("a") as file:
        file.write("[guard]\nadded = 0\nleast_count = 0\n")
    set_numbers(place, goes_bad=None)
    assert gate("run", "prepublication-scan", "--scheduled-for", MORNING) == 4
    assert (in_force(place)[:2], decided(capsys, *TITLES)) == ((1, []), ["block", "allow"])
    before = told(place)
    assert "block list 2 is held until approved" in " ".join(before)
    assert gate("run", "prepublication-scan", "--scheduled-for", QUARTER) == 4
    assert told(place) == before
    assert gate("blocklist", "approve", 2, "--by", "Wang", "--reason", "seen") == 0
    assert in_force(place)[:2] == (2, ["goes bad"])
    assert gate("run", "prepublication-scan", "--scheduled-for", "2026-11-23T10:30") == 1


def test_a_scan_as_of_another_day_does_not_come_into_force(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate("prepublish", "--as-of", "2026-08-31", "--within", "365d") == 0
    capsys.readouterr()
    assert gate("blocklist", "publish") == 4
    assert "other_day: judged as of a day 84 day(s) before" in capsys.readouterr().out
    assert in_force(place)[0] == 1


def test_the_night_can_still_be_proven_and_reported(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_numbers(place, goes_bad=None)
    assert gate("run", "prepublication-scan", "--scheduled-for", MORNING) == 1
    audit = current_audit(place / "out")
    assert audit is not None
    assert gate("report", audit.name) == 0
    assert check(unpacked(place / "out", place)) == (0, "everything holds")
    assert gate("verify") == 0
    assert gate("blocklist", "verify") == 0


def test_before_the_first_audit_there_is_a_list_but_none_to_put_in_force(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = place / "elsewhere"
    set_numbers(place, goes_bad=None)
    assert gate("prepublish", "--out", elsewhere) == 1
    assert (elsewhere / "block_list.csv").exists()
    for command in (("blocklist", "publish", "--out"), ("report",)):
        capsys.readouterr()
        assert gate(*command, elsewhere) == 2
        assert "→" in capsys.readouterr().err


def waive(rule: str) -> int:
    days = ("--until", "2026-12-01", "--reason", "the number is being filed", "--ticket", "OPS-7")
    return gate("waive", "add", "--title", "goes bad", "--rule", rule, *days, "--by", "Li", "--approved-by", "Wang")


def test_what_a_scan_blocks_can_be_waived_before_the_next_night(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_numbers(place, goes_bad=None)
    assert gate("run", "prepublication-scan", "--scheduled-for", MORNING) == 1
    assert [waive(rule) for rule in ("permit-missing", "label-differs")] == [0, 0]
    assert gate("run", "prepublication-scan", "--scheduled-for", QUARTER) == 0
    assert (in_force(place)[1], decided(capsys, "goes bad")) == ([], ["allow"])
    with time_machine.travel(at("2026-11-24 02:40"), tick=True):
        assert gate("audit") == 0
        assert decided(capsys, "goes bad") == ["allow"]
    assert pq.read_table(place / "out" / "waived.parquet")["title_id"].to_pylist() == ["goes bad"] * 2


def test_what_a_scan_no_longer_finds_cannot_be_waived(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_numbers(place, goes_bad=None)
    with time_machine.travel(at("2026-11-24 02:40"), tick=True):
        assert gate("audit") == 1
        set_numbers(place)
        assert gate("prepublish") == 0
        capsys.readouterr()
        assert waive("permit-missing") == 2
    assert "nothing to waive" in capsys.readouterr().err


def test_a_scan_sees_of_each_finding_what_an_audit_sees(tmp_path: Path) -> None:
    """Whom a waiver of the one lets go, the other lets go."""
    catalog, out = tmp_path / "catalog", tmp_path / "out"
    write_sample(catalog, 5_000, as_of=date(2026, 11, 23))
    arguments = ("--catalog", catalog, "--out", out, "--as-of", "2026-11-23", "--exit-zero")
    assert gate("audit", *arguments, "--no-reports", "--no-publish") == 0
    assert gate("prepublish", *arguments, "--within", "3650d") == 0
    of_audit = pq.read_table(out / "findings.parquet", columns=["title_id", "rule", "evidence"]).to_pylist()
    seen_by_audit = {(row["title_id"], row["rule"]): seen(json.loads(row["evidence"])) for row in of_audit}
    of_scan = pq.read_table(out / "current" / SCANNED, columns=["title_id", "findings"]).to_pylist()
    found = [(row["title_id"], finding) for row in of_scan for finding in json.loads(row["findings"])]
    assert len({finding["rule"] for _, finding in found}) > 10
    for title_id, finding in found:
        assert seen(finding["evidence"]) == seen_by_audit[title_id, finding["rule"]]


def interrupted() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("where", "command"),
    [
        ("compliance.cli.prepublish.say", ("prepublish",)),
        ("compliance.cli.demo.say_summary", ("demo", "--titles", 50, "--out", "out of the demo")),
        ("compliance.runs.catch_up", ("demo", "--titles", 50, "--out", "out of the demo")),
    ],
)
def test_who_interrupts_late_hears_what_stands(
    where: str,
    command: tuple[object, ...],
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = place / ("out" if command == ("prepublish",) else "out of the demo")
    monkeypatch.setattr(where, lambda *arguments, **_: current_run(out) and interrupted())
    assert gate(*command) == 130
    run = current_run(out)
    assert run is not None
    assert f"interrupted: the outputs of {run.name} stand in {out.name}\n" in capsys.readouterr().err
