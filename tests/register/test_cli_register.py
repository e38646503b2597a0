"""`gate register` from the command line, and a catalog audited by the register that it imported."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from compliance.cli.main import main
from compliance.cli.session import SESSION
from tests.catalogs import write_catalog
from tests.register.extracts import HEADER, number, row, write_csv


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a configuration and a catalog without a register."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    SESSION.config = None
    (tmp_path / "gate.toml").write_text('catalog = "catalog"\nout = "out"\n', encoding="utf-8")
    write_catalog(
        tmp_path / "catalog",
        titles=[
            {"title_id": "good", "name": "剧1", "producer": "某某影视", "permit_number": number(1)},
            {"title_id": "revoked", "name": "剧2", "permit_number": number(2)},
            {"title_id": "unregistered", "name": "剧4", "permit_number": number(4)},
            {"title_id": "due", "name": "剧5", "permit_number": None, "status": "scheduled"},
        ],
        register=None,
        labels=[
            {"title_id": "good", "text": number(1), "title_text": "剧1"},
            {"title_id": "revoked", "text": number(2), "title_text": "剧2"},
            {"title_id": "unregistered", "text": number(4), "title_text": "剧4"},
            {"title_id": "due", "text": "", "title_text": "剧5"},
        ],
        episodes=[{"title_id": name} for name in ("good", "revoked", "unregistered", "due")],
    )
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    """What a command prints as JSON."""
    capsys.readouterr()
    assert main(["register", *arguments, "--json"]) == code, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def extract(house: Path, *rows: list[Any]) -> str:
    return str(write_csv(house / "extract.csv", [HEADER, *rows]))


def test_import_counts_and_exit_codes(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = extract(house, row(1), row(2, status="撤销"), row(3, number="无"))
    counts = told(capsys, "import", file, "--system", "other", code=3)

    assert {name: counts[name] for name in ("imported", "updated", "unchanged", "ended", "rejected", "rows")} == {
        "imported": 2, "updated": 0, "unchanged": 0, "ended": 0, "rejected": 1, "rows": 3,
    }  # fmt: skip
    assert Path(counts["rejected_file"]).is_file()
    assert [line["state"] for line in told(capsys, "status", code=1)] == ["absent", "absent", "fresh"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["import", "none.csv", "--system", "other"], 3, "cannot be read"),
        (["import", "extract.csv"], 3, "give --system"),
        (["import", "extract.csv", "--system", "wrong"], 2, "there is no system wrong"),
        (["import", "extract.csv", "--system", "other", "--column", "x"], 2, "write FIELD=HEADER"),
        (["import", "extract.csv", "--system", "other", "--extracted-on", "2020-01-01"], 3, "--accept-stale"),
        (["import", "extract.csv", "--system", "other", "--database", "mysql://h/d"], 2, "cannot live in mysql"),
        (["export", "--out", "register.parquet"], 3, "holds no register"),
        (["status"], 3, "holds no register"),
        (["doctor"], 3, "holds no register"),
        (["reconcile"], 3, "holds no register of other"),
        (["export-uploads", "--out", "uploads.csv"], 3, "holds no register of other"),
        (["export", "--out", "register.txt"], 2, "not .parquet, .csv or .xlsx"),
        (["assign"], 2, "give --pending"),
        (["standing", "--out", "platforms.parquet"], 2, "--out needs --file"),
    ],
)
def test_mistakes_are_told(
    house: Path, arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    extract(house, row(1))
    assert main(["register", *arguments]) == code
    assert says in capsys.readouterr().err


def test_a_guard_is_overruled_by_its_option(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (house / "gate.toml").open("a") as configuration:
        configuration.write("[settings.register_misplaced_share]\nvalue = 0.5\n")
    assert main(["register", "import", str(extract(house, row(1))), "--system", "key"]) == 3
    assert "--accept-misplaced" in capsys.readouterr().err
    imported = told(capsys, "import", extract(house, row(1)), "--system", "key", "--accept-misplaced")
    assert imported["overruled"] == ["misplaced"]
    assert ["other 1" in note for note in imported["notes"]] == [True]


@pytest.mark.parametrize("command", [["export-uploads", "--out", "u.csv"], ["reconcile"], ["doctor"], ["status"]])
def test_a_database_that_is_not_there_is_no_empty_register(
    house: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "import", extract(house, row(1)), "--system", "other")
    assert main(["register", *command, "--database", "sqlite:///mistyped.sqlite"]) == 3
    said = capsys.readouterr()
    assert "mistyped.sqlite holds no register" in said.err
    assert "see that --database is right" in said.err
    assert (said.out, (house / "u.csv").exists(), (house / "mistyped.sqlite").exists()) == ("", False, False)


@pytest.mark.parametrize(
    ("investment", "code", "why", "says"),
    [
        (3_000_000, 1, "tier_1", "1 titles are of tier 1, need a licence, and are not on the list: costly"),
        (None, 3, "tier_unknown", "the tier of 1 titles cannot be derived"),
    ],
)
def test_uploads_tell_who_is_left_out_for_the_tier(
    house: Path, investment: int | None, code: int, why: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    costly = {"title_id": "costly", "permit_number": number(7), "investment_yuan": investment, "status": "scheduled"}
    write_catalog(house / "costly", titles=[costly], register=None, labels=None, episodes=None)
    told(capsys, "import", extract(house, row(1)), "--system", "other")
    upload = ["export-uploads", "--catalog", "costly", "--out", "u.csv"]
    assert told(capsys, *upload, code=code)["left_out"] == {why: ["costly"]}
    assert main(["register", *upload]) == code
    assert says in capsys.readouterr().out


def test_import_audit_export_import(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = extract(house, row(1), row(2, status="撤销"))
    told(capsys, "import", file, "--system", "other")
    assert main(["register", "export", "--out", "catalog/register.parquet"]) == 0
    assert main(["audit", "--no-reports"]) == 1, capsys.readouterr().err

    rules = json.loads((house / "out" / "summary.json").read_text())["rules"]
    failed = {rule: counts["fail"] for rule, counts in rules.items() if counts["fail"]}
    assert (failed["permit-inactive"], failed["permit-unregistered"], failed["permit-missing"]) == (1, 1, 1)
    assert "permit-title-mismatch" not in failed

    exported = (house / "catalog" / "register.parquet").read_bytes()
    other = ["--database", "sqlite:///other.sqlite"]
    assert told(capsys, "import", "catalog/register.parquet", *other)["imported"] == 2
    assert main(["register", "export", "--out", "again.parquet", *other]) == 0
    assert (house / "again.parquet").read_bytes() == exported


@pytest.mark.parametrize("word", ["已停办", ""])
def test_a_title_is_blocked_once_the_new_row_of_its_number_is_rejected(
    house: Path, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "import", extract(house, row(1), row(2)), "--system", "other")
    counts = told(capsys, "import", extract(house, row(1, status=word), row(2)), "--system", "other", code=3)
    assert [counts[name] for name in ("updated", "unchanged", "rejected", "ended", "kept")] == [0, 1, 1, 0, 1]
    assert ["1 rows count as suspended" in note for note in counts["notes"]] == [True]
    assert main(["register", "export", "--out", "catalog/register.parquet"]) == 0
    assert main(["audit", "--no-reports"]) == 1, capsys.readouterr().err
    assert json.loads((house / "out" / "summary.json").read_text())["rules"]["permit-inactive"]["fail"] == 1


@pytest.mark.parametrize(("language", "says"), [("zh", "1 行不再算有效"), ("en", "1 rows count as suspended")])
def test_the_console_tells_what_is_suspended_and_what_to_correct(
    house: Path, language: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "import", extract(house, row(1), row(2)), "--system", "other")
    file = extract(house, row(1, status="已停办"), row(2))
    assert main(["register", "import", file, "--system", "other", "--lang", language]) == 3
    shown = capsys.readouterr().out.replace("\n", "")
    assert [text in shown for text in (says, "extract.rejected.csv", "--partial")] == [True] * 3


def test_a_stale_register_makes_its_rules_unknown(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(
        capsys, "import", extract(house, row(1)), "--system", "other", "--extracted-on", "2026-01-01", "--accept-stale"
    )
    assert main(["register", "export", "--out", "catalog/register.parquet"]) == 0
    assert main(["audit", "--no-reports"]) == 1, capsys.readouterr().err
    rules = json.loads((house / "out" / "summary.json").read_text())["rules"]
    counts = rules["permit-unregistered"]
    assert (counts["fail"], counts["unknown"]) == (0, 3)


def test_duties_at_the_desk(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "import", extract(house, row(1), row(40)), "--system", "other")
    given = told(capsys, "assign", "--pending")["assigned"]
    assert [(one["title_id"], one["new"]) for one in given] == [("due", True)]
    assert told(capsys, "assign", "good", code=3)["refused"] == [{"title_id": "good", "why": "has_number"}]
    assert told(capsys, "export-uploads", "--out", "uploads.csv")["rows"] == 3
    assert "剧5" in (house / "uploads.csv").read_text(encoding="utf-8-sig")
    kinds = {one["kind"] for one in told(capsys, "reconcile", code=1)}
    assert kinds == {"numbered_not_reported", "shown_before_reported", "reported_not_shown"}
    suggested = {one["title_id"]: one["number"] for one in told(capsys, "doctor")["suggestions"]}
    assert suggested["unregistered"] == number(1) or suggested["unregistered"] == number(40)
    assert told(capsys, "dossiers")["complete"] == 0
    assert [line["state"] for line in told(capsys, "standing")] == ["valid", "absent"]


def legacy(house: Path, count: int) -> None:
    """A catalog `old` of legacy titles without a number, of which the last lacks its producer and a long synopsis."""
    dossier = {
        "title_name": "旧剧", "episode_duration_s": 90, "episode_count": 80, "producer": "某某影视", "creators": "张三",
        "synopsis": "事" * 500, "review_opinion": "通过", "cost_breakdown": "演员 40%", "platform_commitment": "已签",
    }  # fmt: skip
    names = [f"old{serial:02}" for serial in range(count)]
    titles = [
        {"title_id": name, "name": f"旧剧{name}", "permit_number": None, "online_at": datetime(2024, 5, 31, 23)}  # noqa: DTZ001 - wall time
        for name in names
    ]
    dossiers = [{"title_id": names[-1], **dossier, "producer": None, "synopsis": "短"}]
    write_catalog(house / "old", titles=titles, register=None, labels=None, episodes=None, dossiers=dossiers)


def test_dossiers_tell_which_titles_lack_what(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    legacy(house, 22)
    listed = told(capsys, "dossiers", "--catalog", "old", code=1)["titles"]
    assert [(one["title_id"], one["name"]) for one in listed] == [(f"old{n:02}", f"旧剧old{n:02}") for n in range(22)]
    assert listed[-1]["missing"] == ["producer", "synopsis"]

    assert main(["register", "dossiers", "--catalog", "old", "--lang", "en"]) == 1
    shown = capsys.readouterr().out
    assert "22 legacy titles are to be filed; the dossiers of 0 are complete" in shown
    assert ["old19" in shown, "old20" in shown, "2 more lack something" in shown] == [True, False, True]


def test_dossiers_name_their_items_in_the_language_asked_for(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    legacy(house, 1)
    for language, items in (("en", "producer, synopsis of 500 characters"), ("zh", "制作机构、500字以上内容概要")):
        assert main(["register", "dossiers", "--catalog", "old", "--lang", language]) == 1
        assert items in capsys.readouterr().out


@pytest.mark.parametrize("language", ["zh", "en"])
def test_people_are_told_in_their_language(house: Path, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = extract(house, row(1), row(40), row(3, number="无"))
    for arguments in (
        ["import", file, "--system", "other"], ["status"], ["assign", "--pending"], ["assign", "good"],
        ["export-uploads", "--out", "u.xlsx"], ["reconcile", "--out", "r.csv"], ["standing"], ["doctor"],
        ["dossiers", "--out", "d.xlsx"],
    ):  # fmt: skip
        assert main(["register", *arguments, "--lang", language]) in (0, 1, 3)
    shown = capsys.readouterr()
    assert shown.err == ""
    assert ("新增" in shown.out, "imported" in shown.out) == (language == "zh", language == "en")
