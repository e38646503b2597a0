"""What is about to go online is judged again, and its entries of the block list follow."""

# ruff: noqa: DTZ001, SIM300 - wall time in Asia/Shanghai; what is expected stands first

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from compliance import runs
from compliance.cli.main import main
from compliance.engines.single.deciding import Decider
from compliance.engines.single.state import open_state
from compliance.errors import CatalogError
from compliance.kept_runs import amended, find_run
from compliance.outputs import KEPT_RUNS, KEPT_SCANS, current_audit, current_run
from compliance.policy import load_policy
from compliance.prepublication import Outcome, Prepublication, prepublish
from compliance.rules.loading import load_rules
from compliance.verdicts.summary import Summary
from tests.catalogs import NUMBER, Row, write_catalog, write_relation

NOW = datetime(2026, 11, 23, 14, 30)
SOON = datetime(2026, 11, 24, 14, 29)


def due(title_id: str, **values: Any) -> Row:
    return {"title_id": title_id, "status": "scheduled", "online_at": SOON, "permit_number": None, **values}


def clear(title_id: str) -> Row:
    return {**due(title_id), "permit_number": NUMBER}


def labels(*title_ids: str) -> list[Row]:
    return [{"title_id": title_id} for title_id in title_ids]


def refreshed(folder: Path, within: timedelta = timedelta(hours=24)) -> Outcome:
    wanted = Prepublication(
        str(folder / "catalog"), folder / "out", load_policy(), now=NOW, within=within, memory="1GB"
    )
    return prepublish(wanted, progress=lambda _: None)


def audited(folder: Path, **options: Any) -> Summary:
    wanted = runs.Audit(
        str(folder / "catalog"), folder / "out", NOW.date(), load_policy(), reports=False, memory="1GB", **options
    )
    return runs.audit(wanted, progress=lambda _: None)


def listed(folder: Path) -> dict[str, dict[str, Any]]:
    rows = pq.read_table(folder / "out" / "block_list.parquet").to_pylist()
    return {row["title_id"]: row for row in rows}


def decided(folder: Path, *title_ids: str) -> dict[str, str]:
    """What the service and `gate check` answer."""
    decider = Decider(open_state(folder / "out"), load_rules(), load_policy(), NOW.date())
    return {name: decider.decide(name).decision for name in title_ids or ("goes bad", "gets well", "on air")}


def test_who_is_due(tmp_path: Path) -> None:
    write_catalog(
        tmp_path / "catalog",
        titles=[
            due("just before"),
            due("just at", online_at=SOON + timedelta(minutes=1)),
            due("late", online_at=datetime(2026, 11, 1)),
            due("draft with a day", status="draft"),
            due("draft without", status="draft", online_at=None),
            due("on air", status="online"),
            due("offline", status="offline"),
            due("film", kind="other"),
            due("broken", investment_yuan=-1),
            due("broken on air", investment_yuan=-1, status="online"),
        ],
    )
    outcome = refreshed(tmp_path)
    assert ["broken", "draft with a day", "just before", "late"] == [v.title_id for v in outcome.verdicts]
    assert {"allow": 0, "hold": 1, "block": 3} == outcome.counts()
    assert {"broken", "draft with a day", "just before", "late"} == set(listed(tmp_path))


def test_entries_follow_and_others_stay(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog"
    titles = [due("mended"), due("still bad"), clear("gone bad"), due("far off", online_at=datetime(2027, 1, 1))]
    write_catalog(catalog, titles=titles, labels=labels("mended", "gone bad"))
    audited(tmp_path)
    before = listed(tmp_path)
    assert {"mended", "still bad", "far off"} == set(before)

    write_relation(catalog, "titles", [clear("mended"), due("still bad"), due("gone bad"), *titles[3:]])
    outcome = refreshed(tmp_path)
    after = listed(tmp_path)
    assert {"still bad", "gone bad", "far off"} == set(after)
    assert before["still bad"]["first_listed_at"] == after["still bad"]["first_listed_at"]
    assert after["gone bad"]["first_listed_at"] > before["still bad"]["first_listed_at"]
    assert before["far off"] == after["far off"]
    assert ("block", "prepublish", ["label-differs", "permit-missing"], "fanqie") == tuple(
        after["gone bad"][name] for name in ("decision", "stage", "rules", "platform")
    )
    csv = (tmp_path / "out" / "block_list.csv").read_text(encoding="utf-8").splitlines()
    assert "title_id,platform,decision,stage,rules,permit,first_listed_at" == csv[0]
    assert sorted(after) == [line.split(",")[0] for line in csv[1:]]
    summary = json.loads((tmp_path / "out" / "prepublish.json").read_text(encoding="utf-8"))
    assert ({"judged": 3, "allow": 1, "hold": 0, "block": 2}, outcome.run_id) == (summary["counts"], summary["run_id"])


def test_the_other_files_of_the_audit_stay(tmp_path: Path) -> None:
    write_catalog(tmp_path / "catalog", titles=[clear("t1"), due("t2")])
    audited(tmp_path)
    out = tmp_path / "out"
    kept = {path.relative_to(out): path.read_bytes() for path in out.glob("*.parquet") if "block_list" not in path.name}
    manifest = (out / "state" / "manifest.json").read_bytes()
    refreshed(tmp_path)
    assert kept == {path: (out / path).read_bytes() for path in kept}
    assert manifest == (out / "state" / "manifest.json").read_bytes()
    audited(tmp_path)
    assert not (out / "prepublish.json").exists()


def test_the_audits_own_folder_stays_what_it_was(tmp_path: Path) -> None:
    catalog, out = tmp_path / "catalog", tmp_path / "out"
    write_catalog(catalog, titles=[due("mended")], labels=labels("mended"))
    audited(tmp_path)
    audit = current_run(out)
    assert audit is not None
    own = {path.name: path.read_bytes() for path in audit.glob("*.*")}
    write_relation(catalog, "titles", [clear("mended")])
    for _ in range(KEPT_RUNS + 1):
        refreshed(tmp_path)
        assert not listed(tmp_path)
    assert own == {path.name: path.read_bytes() for path in audit.glob("*.*")}
    assert audit == current_audit(out)
    assert KEPT_SCANS + 1 == len([folder for folder in (out / ".runs").iterdir() if folder.is_dir()])
    run_id = json.loads((out / "summary.json").read_text(encoding="utf-8"))["run_id"]
    assert [audit] * 3 == [find_run(named, out).folder for named in (run_id, str(out), str(current_run(out)))]


def test_an_incremental_audit_carries_from_the_audit_and_not_from_a_scan(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog"
    write_catalog(catalog, titles=[clear("t1")], labels=labels("t1"), register=[{"status": "suspended"}])
    audited(tmp_path, incremental=True)
    before = (catalog / "register.parquet").read_bytes()
    write_relation(catalog, "register", [{}])
    refreshed(tmp_path)
    assert not listed(tmp_path)
    (catalog / "register.parquet").write_bytes(before)
    assert audited(tmp_path, incremental=True).carried_from is not None
    assert ["permit-inactive"] == listed(tmp_path)["t1"]["rules"]


def test_what_is_added_to_the_audit_is_seen_in_the_out_folder(tmp_path: Path) -> None:
    write_catalog(tmp_path / "catalog", titles=[due("t1")])
    audited(tmp_path)
    refreshed(tmp_path)
    out = tmp_path / "out"
    with amended(find_run(str(out), out)) as folder:
        (folder / "report.pdf").write_bytes(b"anew")
    assert b"anew" == (out / "report.pdf").read_bytes()
    refreshed(tmp_path)
    assert b"anew" == (out / "report.pdf").read_bytes()


def test_what_a_scan_judged_is_decided_by_its_state(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog"
    titles = [clear("goes bad"), due("gets well"), {"title_id": "on air"}]
    write_catalog(catalog, titles=titles, labels=labels("goes bad", "gets well", "on air"))
    audited(tmp_path)
    assert {"goes bad": "allow", "gets well": "block", "on air": "allow"} == decided(tmp_path)
    write_relation(catalog, "titles", [due("goes bad"), clear("gets well"), {**titles[2], "permit_number": None}])
    outcome = refreshed(tmp_path)
    assert {"goes bad": "block", "gets well": "allow", "on air": "allow"} == decided(tmp_path)
    assert outcome.run_id == open_state(tmp_path / "out").run


@pytest.mark.parametrize(
    ("later", "decision", "stays_listed"),
    [
        ({"online_at": datetime(2027, 1, 1)}, "block", True),
        ({"status": "online", "online_at": datetime(2026, 11, 23, 14)}, "block", True),
        ({"status": "offline"}, "hold", True),
        ({"online_at": datetime(2027, 1, 1), "permit_number": NUMBER}, "allow", False),
    ],
)
def test_what_a_scan_judged_is_followed_until_the_next_audit(
    later: dict[str, Any], decision: str, stays_listed: bool, tmp_path: Path
) -> None:
    catalog = tmp_path / "catalog"
    write_catalog(catalog, titles=[clear("t1")], labels=labels("t1"))
    audited(tmp_path)
    write_relation(catalog, "titles", [due("t1")])
    refreshed(tmp_path)
    write_relation(catalog, "titles", [{**due("t1"), **later}])
    refreshed(tmp_path)
    assert ({"t1": decision}, stays_listed) == (decided(tmp_path, "t1"), "t1" in listed(tmp_path))
    audited(tmp_path)
    assert ("t1" in listed(tmp_path)) == (decision == "block")


def test_a_title_that_has_vanished_is_one_that_nobody_judged(tmp_path: Path) -> None:
    catalog = tmp_path / "catalog"
    write_catalog(catalog, titles=[clear("t1"), clear("t2")], labels=labels("t1", "t2"))
    audited(tmp_path)
    refreshed(tmp_path)
    write_relation(catalog, "titles", [clear("t2")])
    outcome = refreshed(tmp_path)
    assert ["t2"] == [verdict.title_id for verdict in outcome.verdicts]
    assert {"t1": "hold", "t2": "allow"} == decided(tmp_path, "t1", "t2")


def test_a_catalog_that_cannot_be_judged_leaves_the_list_as_it_was(tmp_path: Path) -> None:
    write_catalog(tmp_path / "catalog", titles=[due("t1")])
    refreshed(tmp_path)
    before = listed(tmp_path)
    (tmp_path / "catalog" / "register.parquet").unlink()
    with pytest.raises(CatalogError, match="breaks the contract"):
        refreshed(tmp_path)
    assert before == listed(tmp_path)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    write_catalog(tmp_path / "catalog", titles=[due("t1"), clear("t2")], labels=labels("t2"))
    place = ["--catalog", "catalog", "--out", "out", "--as-of", "2026-11-23"]
    assert 0 == main(["prepublish", *place])
    assert 1 == main(["prepublish", *place, "--within", "2d"])
    shown = capsys.readouterr().out
    assert "t1  block" in shown
    assert "2 titles to go online before 2026-11-25 00:00:00: 1 allowed · 0 held · 1 blocked" in shown
    assert 0 == main(["prepublish", *place, "--within", "2d", "--exit-zero", "--json"])
    assert ["block", "allow"] == [json.loads(line)["decision"] for line in capsys.readouterr().out.splitlines()]
    assert 2 == main(["prepublish", *place, "--within", "soon"])
    assert "--within soon is not understood" in capsys.readouterr().err
