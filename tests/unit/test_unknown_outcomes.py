"""Where the register is stale, titles are held and nobody is accused: not in words, not in the sheet, not by mail."""

# ruff: noqa: SIM300 - what is expected stands first

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from compliance import runs
from compliance.cli.main import main
from compliance.outputs import current_run
from compliance.policy import load_policy
from compliance.reports.notices import write_notices
from compliance.rules.loading import load_rules
from tests.catalogs import write_catalog

AS_OF = date(2026, 11, 23)
STALE = datetime(2026, 11, 1)  # noqa: DTZ001 - wall time in Asia/Shanghai
REGISTER_RULES = {
    "permit-unregistered", "permit-inactive", "permit-title-mismatch", "permit-producer-mismatch",
    "permit-after-online",
}  # fmt: skip
FAULTY = {"title_id": "faulty", "producer": "乙公司", "permit_number": None, "name": "另一部"}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two titles: one at which only the platform's own register is stale, one that lacks its number, too."""
    folder = tmp_path_factory.mktemp("stale")
    catalog = write_catalog(folder / "catalog", titles=[{"title_id": "t1"}, FAULTY], register=[{"updated_at": STALE}])
    wanted = runs.Audit(str(catalog), folder / "out", AS_OF, load_policy(), memory="1GB", state=True, language="en")
    runs.audit(wanted, progress=lambda _: None)
    return folder / "out"


def test_the_words_of_a_finding_say_what_is_not_known(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == main(["check", "t1", "--state", str(out), "--as-of", str(AS_OF), "--lang", "en"])
    shown = capsys.readouterr().out
    assert 5 == shown.count("the register is stale or absent: nobody can tell whether")
    assert 5 == shown.count("→ import a new extract of the filing system, and judge again")
    assert "the register shows the number as not active" not in shown


def test_so_do_the_remedies_in_json_and_each_rule_explained(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ["t1", "--state", str(out), "--as-of", str(AS_OF), "--lang", "zh", "--json"]
    assert 1 == main(["check", *told])
    checked = json.loads(capsys.readouterr().out)
    assert {"导入相应备案系统的最新导出，再重审"} == {finding["remedy"] for finding in checked["findings"]}
    assert 1 == main(["explain", *told])
    rules = json.loads(capsys.readouterr().out)["rules"]
    assert REGISTER_RULES == {rule["rule"] for rule in rules if "登记库过期或缺失" in rule["title"]}


def test_a_producer_is_written_to_only_about_what_is_proven(out: Path, tmp_path: Path) -> None:
    run = current_run(out)
    assert run is not None
    assert 1 == write_notices(run, tmp_path, load_rules(), "en")
    (mail,) = tmp_path.glob("*.txt")
    text = mail.read_text(encoding="utf-8")
    assert "乙公司" in text
    assert "35号三.2" in text
    assert "nobody can tell" not in text


def test_the_correction_sheet_holds_what_can_be_corrected(out: Path) -> None:
    sheet = pd.read_excel(out / "report.xlsx", sheet_name="Corrections", engine="calamine")
    assert ["faulty"] == sheet.iloc[:, 0].tolist()


def test_the_page_tells_unknown_outcomes_from_failures(out: Path) -> None:
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "the register is stale or absent: nobody can tell whether the number is active" in page


def test_every_rule_that_may_be_unknown_says_so_in_words_of_its_own() -> None:
    unsure = [rule for rule in load_rules() if rule.unknown_when is not None]
    assert 11 == len(unsure)
    assert all(
        "无法判定" in rule.says("unknown").zh and "nobody can tell" in rule.says("unknown").en for rule in unsure
    )
    assert all(
        rule.says("unknown") != rule.says("fail") and rule.cure("unknown") != rule.cure("fail") for rule in unsure
    )
