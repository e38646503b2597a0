"""`gate policy forecast` and `gate policy diff` on the sample: the change of regime, and an edited policy."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import python_calamine

from compliance.cli.main import main
from compliance.forecasting import Acting, Snapshot, forecast
from compliance.policy import load_policy
from compliance.reports import paper
from compliance.reports.reading import read_report
from compliance.rules.loading import load_rules
from compliance.sample import write_sample
from compliance.verdicts.waivers import Waiver, Waivers
from tests.catalogs import write_catalog

JULY = datetime(2026, 7, 15, 12)  # noqa: DTZ001 - wall time in Asia/Shanghai


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalog of `gate demo`, smaller."""
    catalog = tmp_path_factory.mktemp("sample") / "catalog"
    write_sample(catalog, 2_000, as_of=date(2026, 11, 23))
    return catalog


def printed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    assert main(arguments) == 0
    return json.loads(capsys.readouterr().out)


def test_the_sample_changes_its_regime_with_order_16(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = ["--from", "2026-08-31", "--until", "2026-09-01"]
    (step,) = printed(["policy", "forecast", *days, "--catalog", str(sample), "--json", "--lang", "en"], capsys)
    assert (step["from"], step["to"]) == ("2026-08-31", "2026-09-01")
    assert any("NRTA Order 16" in text for text in step["law"])
    assert step["regimes"].get("nrta-2026-01 → nrta-order-16", 0) > 0
    assert set(step["regimes"]) <= {"nrta-2026-01 → nrta-order-16", "nrta-2026-07-ai → nrta-order-16"}
    changed = [title for title in step["titles"] if title["before"]["regime"] != title["after"]["regime"]]
    assert changed
    assert all(title["after"]["regime"] == "nrta-order-16" for title in changed)
    assert all(title["name"] and title["platform"] for title in step["titles"])
    assert any(title["before"]["decision"] == title["after"]["decision"] == "allow" for title in step["titles"])


def test_ai_notices_fall_due_with_order_16(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = ["--from", "2026-08-31", "--until", "2026-09-01"]
    (step,) = printed(["policy", "forecast", *days, "--catalog", str(sample), "--json"], capsys)
    due = [title for title in step["titles"] if "ai-notice-missing" in title["after"]["rules"]]
    assert due
    assert all("ai-notice-missing" not in title["before"]["rules"] for title in due)


def test_the_register_grows_no_older_in_a_forecast(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalog = write_catalog(tmp_path / "catalog", titles=[{"title_id": "t1"}])
    days = ["--from", "2026-11-20", "--until", "2027-11-20"]
    steps = printed(["policy", "forecast", *days, "--catalog", str(catalog), "--json"], capsys)
    assert [step["changed"] for step in steps] == [0] * len(steps)


def test_first_screen_titles_come_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    titles = [{"title_id": f"t{number}", "form": "ai", "online_at": JULY, "status": "online"} for number in range(5)]
    catalog = write_catalog(
        tmp_path / "catalog",
        titles=titles,
        episodes=[{"title_id": title["title_id"], "ai_notice": False} for title in titles],
        labels=[{"title_id": title["title_id"]} for title in titles],
        placements=[{"title_id": "t3", "slot": "first_screen", "starts_at": JULY}],
    )
    days = ["--from", "2026-08-31", "--until", "2026-09-01"]
    (step,) = printed(["policy", "forecast", *days, "--catalog", str(catalog), "--json"], capsys)
    assert [title["title_id"] for title in step["titles"]] == ["t3", "t0", "t1", "t2", "t4"]
    assert [title["first_screen"] for title in step["titles"]] == [True, False, False, False, False]


def test_a_forecast_kept_with_a_run_is_a_section_of_its_report(sample: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["audit", "--catalog", str(sample), "--out", str(out), "--as-of", "2026-08-31", "--exit-zero"]
    assert main(arguments) in (0, 3)
    assert 'id="forecast"' not in (out / "report.html").read_text(encoding="utf-8")
    days = ["--from", "2026-08-31", "--until", "2026-09-01"]
    assert main(["policy", "forecast", *days, "--catalog", str(sample), "--keep", str(out)]) == 0
    assert main(["report", str(out)]) == 0
    section = (out / "report.html").read_text(encoding="utf-8").partition('id="forecast"')[2].partition("</section>")[0]
    assert "2026-08-31 → 2026-09-01" in section
    assert "NRTA Order 16" in section
    assert "放行 → 拦截" in section
    assert "Allowed → Blocked" in section
    assert "NRTA Order 16, measures on micro-dramas: <strong>" in section.replace("</span>", "")
    assert "of 35 titles" in section or " titles, those on the first screen first" in section


def test_an_edited_policy_is_compared_with_the_shipped_one(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited = tmp_path / "policy.toml"
    edited.write_text('revision = "edited"\n[rules.off]\nlabel-missing = "a trial"\n', encoding="utf-8")
    said = printed(
        ["policy", "diff", "shipped", str(edited), "--catalog", str(sample), "--as-of", "2026-11-23", "--json"], capsys
    )
    assert set(said["policy"]) == {"rules.off.label-missing", "revision"}
    assert said["titles"]["changed"] == len(said["titles"]["titles"]) > 0
    for title in said["titles"]["titles"]:
        assert set(title["before"]["rules"]) - set(title["after"]["rules"]) == {"label-missing"}


def test_two_days_without_a_catalog_are_compared_by_their_law(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(["policy", "diff", "2026-06-30", "2026-07-01", "--json"], capsys)
    assert said == {
        "policy": {
            "ai.regime": {"a": "nrta-2026-01", "b": "nrta-2026-07-ai"},
            "ai.tier_1_from_yuan": {"a": 3_000_000, "b": 800_000},
            "ai.tier_2_from_yuan": {"a": 1_000_000, "b": 300_000},
        },
        "titles": None,
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["forecast", "--from", "2026-09-02", "--until", "2026-09-01"], "is not after"),
        (["diff", "shipped", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_wrong_usage_is_exit_2(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_what_hangs_on_a_last_day_changes_on_the_day_after(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = {"title_id": "old", "permit_number": None, "online_at": datetime(2024, 1, 5)}  # noqa: DTZ001 - wall time
    catalog = write_catalog(tmp_path / "catalog", titles=[old], labels=[])
    days = ["--from", "2024-06-15", "--until", "2024-08-15"]
    steps = printed(["policy", "forecast", *days, "--catalog", str(catalog), "--json"], capsys)
    assert [(step["from"], step["to"], step["changed"]) for step in steps] == [
        ("2024-06-15", "2024-07-01", 1),
        ("2024-07-01", "2024-08-15", 0),
    ]
    assert steps[0]["decisions"] == {"allow → block": 1}
    assert [text for text in steps[0]["law"] if "legacy_deadline" in text] == steps[0]["law"] != []
    assert steps[1]["law"] == []
    assert steps[0]["titles"][0]["acting"] == [{"rule": "legacy-unfiled", "outcome": "fail", "how": "now_block"}]
    assert main(["policy", "forecast", *days, "--catalog", str(catalog), "--lang", "en"]) == 0
    assert "legacy-unfiled: now blocks" in capsys.readouterr().out


@pytest.fixture
def deadline(tmp_path: Path) -> Path:
    """The out folder of a run with a forecast over the last day for an old title, which is found on both days."""
    old = {"title_id": "old", "permit_number": None, "online_at": datetime(2024, 1, 5)}  # noqa: DTZ001 - wall time
    catalog = write_catalog(tmp_path / "catalog", titles=[old], labels=[])
    arguments = ["--catalog", str(catalog), "--lang", "en"]
    assert main(["audit", "--out", str(tmp_path / "out"), "--as-of", "2024-06-20", "--exit-zero", *arguments]) == 0
    days = ["--from", "2024-06-20", "--until", "2024-07-05", "--keep", str(tmp_path / "out")]
    assert main(["policy", "forecast", *days, *arguments]) == 0
    return tmp_path / "out"


def test_an_action_that_changes_is_told_in_every_report(deadline: Path) -> None:
    assert main(["report", str(deadline), "--lang", "en"]) == 0
    page = (deadline / "report.html").read_text(encoding="utf-8").partition('id="forecast"')[2]
    assert '<span lang="zh">现为拦截</span><span lang="en">now blocks</span>' in page
    assert "another regime or tier" not in page
    sheet = python_calamine.CalamineWorkbook.from_path(deadline / "report.xlsx").get_sheet_by_name(
        "Forecast of the law"
    )
    assert sheet.to_python()[1][-1] == "legacy-unfiled: now blocks"
    assert reasons_on_paper(deadline) == ["an old title that was never filed: now blocks"]


def test_paper_tells_what_is_no_longer_found(tmp_path: Path) -> None:
    young = {"title_id": "young", "permit_number": "（番茄）网微剧备字（2026）第847205号"}
    catalog = write_catalog(tmp_path / "catalog", titles=[young])
    arguments = ["--catalog", str(catalog), "--lang", "en"]
    assert main(["audit", "--out", str(tmp_path / "out"), "--as-of", "2025-12-31", "--exit-zero", *arguments]) == 0
    days = ["--from", "2025-12-31", "--until", "2026-01-01", "--keep", str(tmp_path / "out")]
    assert main(["policy", "forecast", *days, *arguments]) == 0
    assert reasons_on_paper(tmp_path / "out") == ["no longer: an impossible year in the number"]


def reasons_on_paper(out: Path) -> list[str]:
    """Why each title of the forecast changes, as the PDF prints it in English."""
    report = read_report(out / "current", load_rules(), load_policy())
    sections = paper._data(report, "en", [])["sections"]
    return [row[-1] for section in sections if section["heading"] == "Forecast of the law" for row in section["rows"]]


def test_the_end_of_a_waiver_is_told_as_such(tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "catalog", titles=[{"title_id": "t1"}], labels=[])
    waiver = Waiver(
        waiver_id="W1",
        scope="platform",
        subject="fanqie",
        rule="label-missing",
        last_on=date(2026, 11, 25),
        reason="labels are being made",
        ticket="OPS-7",
        requested_by="Li",
        approved_by="Wang",
        granted_on=date(2026, 11, 20),
    )
    snapshot = Snapshot(str(catalog), waivers=Waivers([waiver]))
    (step,) = forecast(snapshot, load_policy(), date(2026, 11, 20), date(2026, 11, 27), tell=lambda stage: None)
    assert step.decisions == {"allow → block": 1}
    assert step.titles[0].acting == (Acting("label-missing", "fail", "waiver_ended"),)
