"""`gate policy`: everything that the policy says can be seen, and every change of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compliance.cli.main import main
from compliance.cli.session import SESSION
from compliance.policy import Policy, load_policy
from compliance.policy.settings import GuardSettings, WaiverSettings

OWN = """
revision = "ours"
special_subjects = ["公安", "消防"]
placeholders = ["（沪）网剧审字（2023）第001号"]
[settings]
register_fresh_days = 3
[waivers]
longest_days = 30
[guard]
removed = 0.05
on = false
"""


@pytest.fixture(autouse=True)
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration of the working folder, and English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    SESSION.config = None
    Path("gate.toml").write_text(OWN, encoding="utf-8")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["policy", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_policy_list_on_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "list", "--on", "2026-08-31", "--form", "ai", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "regime": "nrta-2026-07-ai",
            "forms": ["ai"],
            "from": "2026-07-01",
            "until": "2026-08-31",
            "tier_1_from_yuan": 800_000,
            "tier_2_from_yuan": 300_000,
            "confidence": "M",
        }
    ]


def test_policy_show_tells_a_setting_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "show", "legacy_deadline", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["value"], shown["confidence"]) == ("2024-06-30", "M")


def test_everything_in_the_policy_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, "show")
    assert set(shown) == set(Policy.model_fields) - {"regimes", "rules"} | {"rules_off"}
    assert list(shown["settings"]) == list(load_policy().settings)
    assert list(shown["guard"]) == list(GuardSettings.model_fields)
    assert list(shown["waivers"]) == list(WaiverSettings.model_fields)
    assert shown["guard"]["removed"] == {
        "value": 0.05,
        "least": 0,
        "most": 1,
        "meaning": "entries removed, of those in force",
    }
    assert shown["settings"]["register_fresh_days"]["value"] == 3
    assert shown["special_subjects"] == ["公安", "消防"]
    assert shown["placeholders"] == ["（沪）网剧审字（2023）第1号"]


@pytest.mark.parametrize(("language", "meaning"), [("en", "entries removed, of those in force"), ("zh", "移除条目占")])
def test_the_text_lists_everything_too(capsys: pytest.CaptureFixture[str], language: str, meaning: str) -> None:
    assert main(["policy", "show", "--lang", language]) == 0
    shown = capsys.readouterr().out
    for name in (*load_policy().settings, *GuardSettings.model_fields, *WaiverSettings.model_fields):
        assert f"\n{name} " in shown
    for text in (meaning, "公安, 消防", "（沪）网剧审字（2023）第1号", "revision: ours", "广电办发〔2024〕35号"):
        assert text in shown


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("guard", "removed               0.05   0 … 1"),
        ("waivers", "longest_days  30 "),
        ("special_subjects", "special_subjects: 公安, 消防"),
        ("placeholders", "placeholders: （沪）网剧审字（2023）第1号"),
        ("grandfathering", "value: true"),
        ("nrta-2024-35", "source: 广电办发〔2024〕35号 三.1"),
    ],
)
def test_each_part_can_be_shown(capsys: pytest.CaptureFixture[str], name: str, says: str) -> None:
    assert main(["policy", "show", name]) == 0
    assert says in capsys.readouterr().out
    assert said(capsys, "show", name)


def test_a_part_that_there_is_not_is_told_with_what_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "show", "gaurd"]) == 2
    assert "nothing called gaurd; did you mean 'guard'?" in capsys.readouterr().err


def test_every_change_of_the_policy_is_in_its_difference_from_the_shipped_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shipped = load_policy()
    assert said(capsys, "diff", "shipped", "configured")["policy"] == {
        "settings.register_fresh_days": {"a": 7, "b": 3},
        "waivers.longest_days": {"a": 90, "b": 30},
        "guard.on": {"a": True, "b": False},
        "guard.removed": {"a": 0.2, "b": 0.05},
        "special_subjects": {"a": list(shipped.special_subjects), "b": ["公安", "消防"]},
        "placeholders": {"a": list(shipped.placeholders), "b": ["（沪）网剧审字（2023）第1号"]},
        "revision": {"a": shipped.revision, "b": "ours"},
    }


def test_what_a_mistake_advises_works_in_spite_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    Path("gate.toml").write_text("[guard]\nremovd = 0.05\n", encoding="utf-8")
    assert main(["policy", "show"]) == 2
    assert "gate policy show --config /dev/null" in capsys.readouterr().err
    assert main(["policy", "show", "--config", "/dev/null"]) == 0
    assert "removed" in capsys.readouterr().out


def test_a_term_is_told_by_its_last_day_and_nothing_else_is_called_one(capsys: pytest.CaptureFixture[str]) -> None:
    settings = said(capsys, "show")["settings"]
    terms = {name: setting["last_day"] for name, setting in settings.items() if "last_day" in setting}
    assert terms == {
        "legacy_before": False,
        "legacy_deadline": True,
        "label_title_from": False,
        "ai_notice_from": False,
    }
