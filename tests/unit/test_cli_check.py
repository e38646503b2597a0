"""`gate check` and `gate explain`: one verdict a title, in words or as JSON, and the contract's exit codes."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from compliance import runs
from compliance.cli.main import main
from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from tests.catalogs import NUMBER, write_catalog

FOREIGN = "（抖音）网微剧备字（2026）第5号"


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("check")
    write_catalog(
        folder / "catalog",
        titles=[
            {"title_id": "t1"},
            {"title_id": "foreign", "permit_number": FOREIGN},
            {
                "title_id": "warned",
                "declared_tier": 3,
                "investment_yuan": 2_000_000,
                "permit_number": "V11004342001101",
            },
            {
                "title_id": "reviewed late",
                "online_at": datetime(2026, 3, 1, 10, 0, 0, 500_000),  # noqa: DTZ001 - wall time
                "reviewed_at": datetime(2026, 3, 1, 10, 0, 0, 501_000),  # noqa: DTZ001 - wall time
            },
            {"title_id": "broken", "investment_yuan": -1},
        ],
    )
    wanted = runs.Audit(
        str(folder / "catalog"), folder / "out", date(2026, 11, 23), load_policy(), reports=False, memory="1GB"
    )
    runs.audit(wanted, progress=lambda _: None)
    return folder


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def gate(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and JSON lines."""
    code = main([*map(str, arguments), "--json", "--as-of", "2026-11-23"])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_object_of_the_contract(audited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, (allowed, blocked) = gate("check", "t1", "foreign", "--state", audited / "out", capsys=capsys)
    assert 1 == code
    assert {
        "title_id": "t1",
        "decision": "allow",
        "stage": "on_air",
        "tier": 3,
        "regime": "nrta-2026-01",
        "permit": NUMBER,
        "findings": [],
    } == allowed
    found = {finding["rule"]: finding for finding in blocked["findings"]}
    assert ["rule", "outcome", "action", "clause", "evidence", "remedy"] == list(found["other-platform-number"])
    assert ("fail", "block", "抖音") == (
        found["other-platform-number"]["outcome"],
        found["other-platform-number"]["action"],
        found["other-platform-number"]["evidence"]["issuer"],
    )


@pytest.mark.parametrize(
    ("title_ids", "code"),
    [(["t1"], 0), (["t1", "foreign"], 1), (["nobody"], 1), (["foreign", "broken"], 3), (["broken", "foreign"], 3)],
)
def test_exit_codes(title_ids: list[str], code: int, audited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert code == gate("check", *title_ids, "--state", audited / "out", capsys=capsys)[0]
    zero = gate("check", *title_ids, "--exit-zero", "--state", audited / "out", capsys=capsys)[0]
    assert (0 if code == 1 else code) == zero


def test_state_and_catalog_give_the_same(audited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = ["t1", "foreign", "broken", "warned", "nobody"]
    by_state = gate("check", *ids, "--state", audited / "out", capsys=capsys)
    by_catalog = gate("check", *ids, "--catalog", audited / "catalog", capsys=capsys)
    assert 5 == len(by_state[1])
    assert by_state == by_catalog


def test_verdicts_are_those_of_the_audit(audited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import pyarrow.parquet as pq

    for row in pq.read_table(audited / "out" / "verdicts.parquet").to_pylist():
        _, (verdict,) = gate("check", row["title_id"], "--state", audited / "out", capsys=capsys)
        failed = [finding["rule"] for finding in verdict["findings"] if finding["outcome"] == "fail"]
        for name in ("decision", "stage", "tier", "regime", "permit"):
            assert row[name] == verdict[name], (row["title_id"], name)
        assert row["rules"] == failed
    for row in pq.read_table(audited / "out" / "findings.parquet").to_pylist():
        _, (verdict,) = gate("check", row["title_id"], "--state", audited / "out", capsys=capsys)
        (finding,) = (finding for finding in verdict["findings"] if finding["rule"] == row["rule"])
        assert (row["outcome"], row["action"], row["clause"], json.loads(row["evidence"])) == (
            finding["outcome"],
            finding["action"],
            finding["clause"],
            finding["evidence"],
        )


def test_rows_and_ids_line_by_line(audited: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = {
        "title_id": "new",
        "platform": "fanqie",
        "name": "另一部",
        "kind": "micro_drama",
        "form": "live_action",
        "uploader": "institution",
        "promoted": False,
        "episode_count": 2,
        "longest_episode_s": 60,
        "status": "draft",
    }
    lines = [json.dumps({"title_id": "t1"}), json.dumps(new), "", "{broken", "[" * 100_000, '{"title_id": "t1"}']
    path = tmp_path / "titles.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    for source in ("--state", "--catalog"):
        place = audited / ("out" if source == "--state" else "catalog")
        code, verdicts = gate("check", "--jsonl", path, source, place, capsys=capsys)
        assert 3 == code
        assert [("allow", None), ("block", None), ("hold", "broken_row"), ("hold", "broken_row"), ("allow", None)] == [
            (verdict["decision"], verdict.get("reason")) for verdict in verdicts
        ]
        assert ["line 4", "line 5"] == [verdict["detail"].split(": ")[1] for verdict in verdicts if "detail" in verdict]


@pytest.mark.parametrize(("number", "code", "decision"), [(NUMBER, 0, "allow"), (FOREIGN, 1, "block"), ("", 1, "hold")])
def test_a_bare_number(
    number: str, code: int, decision: str, audited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for source, place in (("--state", "out"), ("--catalog", "catalog")):
        shown, (verdict,) = gate("check", "--number", number, source, audited / place, capsys=capsys)
        assert (code, None, decision) == (shown, verdict["title_id"], verdict["decision"])


def test_an_old_state_is_told_and_releases_nothing(audited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == main(["check", "t1", "--state", str(audited / "out"), "--as-of", "2026-11-25", "--lang", "zh"])
    shown = capsys.readouterr()
    assert "t1  待审" in shown.out
    assert "审核状态是 2026-11-23 的，判定日为 2026-11-25，一律不放行" in shown.err


def test_in_words(audited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == main(["check", "foreign", "--state", str(audited / "out"), "--as-of", "2026-11-23", "--lang", "zh"])
    shown = capsys.readouterr().out
    assert f"foreign  拦截  (在播 · 第 3 类 · nrta-2026-01 · {FOREIGN})" in shown
    assert "other-platform-number  拦截" in shown
    assert "[广电办发〔2024〕35号三.2" in shown


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "one of the three"),
        (["t1", "--number", "x"], "one of the three"),
        (["t1"], "no audit to decide by is given"),
        (["t1", "--state", "nowhere"], "nowhere is no folder"),
        (["t1", "--state", ".", "--catalog", "."], "not both"),
        (["--jsonl", "nothing.jsonl", "--state", "."], "nothing.jsonl cannot be read"),
        (["--jsonl", "empty.jsonl", "--state", "."], "empty.jsonl holds no title"),
    ],
)
def test_wrong_usage(arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.jsonl").write_text("\n \n", encoding="utf-8")
    assert 2 == main(["check", *arguments])
    assert says in capsys.readouterr().err


def test_a_folder_without_a_state_is_incomplete(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 3 == main(["check", "t1", "--state", str(tmp_path)])
    assert "holds no state" in capsys.readouterr().err


def test_explain_has_every_rule(audited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, (explained,) = gate("explain", "foreign", "--state", audited / "out", capsys=capsys)
    rules = {rule["rule"]: rule for rule in explained["rules"]}
    assert (1, {rule.id for rule in load_rules()}) == (code, set(rules))
    assert ("fail", "抖音") == (
        rules["other-platform-number"]["outcome"],
        rules["other-platform-number"]["values"]["issuer"],
    )
    assert "pass" == rules["issuer-unknown"]["outcome"]
    assert "not_applicable" == rules["ai-notice-missing"]["outcome"]
    assert 1 == main(["explain", "foreign", "--state", str(audited / "out"), "--as-of", "2026-11-23"])
    shown = capsys.readouterr().out
    assert all(rule in shown for rule in rules)


@pytest.mark.parametrize(("title_id", "code"), [("t1", 0), ("warned", 1), ("foreign", 1), ("nobody", 1), ("broken", 3)])
def test_explain_ends_as_check_does(audited: Path, title_id: str, code: int) -> None:
    where = ["--state", str(audited / "out"), "--as-of", "2026-11-23"]
    assert (code, code) == (main(["check", title_id, *where]), main(["explain", title_id, *where]))
