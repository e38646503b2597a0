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
from compliance.errors import CatalogError
from compliance.policy import load_policy
from compliance.prepublication import Outcome, Prepublication, prepublish
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


def audited(folder: Path) -> None:
    wanted = runs.Audit(str(folder / "catalog"), folder / "out", NOW.date(), load_policy(), reports=False, memory="1GB")
    runs.audit(wanted, progress=lambda _: None)


def listed(folder: Path) -> dict[str, dict[str, Any]]:
    rows = pq.read_table(folder / "out" / "block_list.parquet").to_pylist()
    return {row["title_id"]: row for row in rows}


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
    assert NOW == after["gone bad"]["first_listed_at"]
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
